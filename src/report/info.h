// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What `info` tells of one device, as text and as JSON.

#include "discovery/device.h"
#include "plan/state.h"
#include "release/catalogue.h"
#include "report/style.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace report {

struct Info {
  discovery::Device device;
  std::string mode;            // in which it answered: "dfu", "listening"
  bool runs_again = false;     // listening mode was left after the questions
  std::string imei;            // empty: not told
  std::string iccid;           // empty: not told
  std::string claimed;         // "yes", "no", empty: not told
  std::string system_version;  // what the device itself says it runs; empty: not told
  plan::InstalledState state;
  plan::Judgement judgement;
};

std::string info_text(const Info& info, const release::Catalogue& catalogue, const Style& style);
nlohmann::ordered_json info_json(const Info& info, const release::Catalogue& catalogue);

// "0.6.4", "0.4.8-rc.5 or like it", "in no release": what a module's version belongs to. `told` is
// InstalledState::told.
std::string release_text(const plan::InstalledModule& module,
                         const std::optional<release::Version>& told,
                         const release::Catalogue& catalogue);

}  // namespace report
