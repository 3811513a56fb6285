// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Asks a device in listening mode what it is and what is installed on it.

#include "discovery/device.h"
#include "events/report.h"
#include "plan/state.h"
#include "serial/console.h"
#include "work/context.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace way {

struct Answer {
  events::Identity identity;
  serial::Described described;
  plan::InstalledState state;
  std::optional<bool> claimed;  // none: the release does not tell
};

// `device` must be in listening mode (reach::to_listening) and stays in it; one without a serial
// port is asked by USB requests. Errors: those of the console, unsupported if it describes another
// platform, no_device if it is not the one whose id `device` has.
base::Result<Answer> ask(const work::Context& context, const discovery::Device& device);

// What the answer tells about the modules in their main stores: pure.
plan::InstalledState state_from(const serial::Described& described,
                                const platform::Platform& platform);

// The letter that `s` uses for a module's function; none for letters without meaning here.
platform::ModuleFunction function_of(char letter);

// How the answer contradicts what was written, in plain sentences: every module must be there with
// its version and intact. An answer that does not contradict proves no bytes.
std::vector<std::string> contradictions(const serial::Described& described,
                                        std::span<const firmware::CheckedModule> written);

}  // namespace way
