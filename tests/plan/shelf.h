// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Release files for planner tests: made by the tests, with the versions and dependencies of the
// real ones. No real firmware is in them, so the catalogue is one without files: nothing
// contradicts it.

#include "firmware/build.h"
#include "firmware/check.h"
#include "firmware/parse.h"
#include "plan/plan.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace plan_test {

using platform::kBootloader;
using platform::kSystemPart1;
using platform::kSystemPart2;
using platform::kSystemPart3;
using platform::kUserPart;
using platform::ModuleId;

// The embedded catalogue's releases, versions and bootloaders, with the shelf's files.
const release::Catalogue& catalogue();

inline release::Version version(std::string_view text) {
  release::Version result;
  if (!release::Version::parse(text, result)) std::abort();
  return result;
}

inline firmware::CheckedModule make(const firmware::BuildRequest& request, std::string name) {
  auto checked = firmware::check(firmware::parse(firmware::build(request, platform::electron())),
                                 platform::electron(), name);
  if (!checked) std::abort();
  return *checked;
}

// The system parts of a release, under the vendor's names.
const std::vector<firmware::CheckedModule>& parts_of(std::string_view release);
// An application that needs index 2 at `index2`.
firmware::CheckedModule application(std::uint16_t index2, std::string name = "app.bin");

release::Library library(const std::vector<std::string_view>& releases);

// A device cleanly at the release, byte for byte that of library(). `bootloader` 0: not known.
plan::InstalledState at(std::string_view release, std::uint16_t bootloader);
// The same, part by part; "-" for blank, "!" before a release for a corrupt part of it.
plan::InstalledState mixed(std::string_view index1, std::string_view index2,
                           std::string_view index3, std::uint16_t bootloader);

plan::Outcome outcome(const plan::InstalledState& state, std::string_view target,
                      const release::Library& library, plan::Medium medium = plan::Medium::dfu);
plan::Plan planned(const plan::InstalledState& state, std::string_view target,
                   const std::vector<std::string_view>& releases);
plan::Refusal refused(const plan::InstalledState& state, std::string_view target,
                      const std::vector<std::string_view>& releases);

// "0.5.5: <1 2 1> | 0.6.4: <1 (3) 2 user 1>": the indexes of each stage in the order of the steps,
// "<1" opens the guard and "1>" closes it, skipped ones in parentheses, sent ones as they are.
std::string brief(const plan::Plan& plan);
std::vector<std::string> codes(const plan::Plan& plan);

}  // namespace plan_test
