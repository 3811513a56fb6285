// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/serial_probe.h"

#include "flash/described.h"
#include "flash/serial_line.h"
#include "flash/voice.h"

#include <fmt/format.h>

#include <utility>

namespace flash {
namespace {

using platform::ModuleFunction;
using std::chrono::seconds;

// What makes a module worthless whatever else is installed.
constexpr std::uint32_t kOwnFaults = serial::kIntegrity | serial::kRange | serial::kPlatform;

firmware::Dependency dependency(const serial::DescribedModule& module, std::size_t number) {
  if (number >= module.dependencies.size()) return {};
  const serial::DescribedDependency& described = module.dependencies[number];
  return {{function_of(described.function), described.index}, described.version};
}

void add_problem(plan::InstalledModule& module, std::uint32_t missing, std::uint32_t bit,
                 std::string_view code, std::string_view message) {
  if ((missing & bit) != 0) {
    module.problems.push_back({std::string(code), std::string(message)});
  }
}

plan::InstalledModule installed_from(const serial::DescribedModule& described,
                                     const platform::Slot& slot,
                                     const platform::Platform& platform) {
  plan::InstalledModule module;
  module.id = slot.module;
  const std::uint32_t missing = described.checked & ~described.passed;
  module.health = (missing & kOwnFaults) == 0 ? plan::Health::valid : plan::Health::corrupt;
  module.crc_ok = (missing & serial::kIntegrity) == 0;
  module.header.start = module.header.end = slot.flash.begin;
  module.header.version = described.version;
  module.header.platform = platform.id;
  module.header.id = slot.module;
  module.header.dependency1 = dependency(described, 0);
  module.header.dependency2 = dependency(described, 1);
  add_problem(module, missing, serial::kIntegrity, "crc-mismatch",
              "the device says that its checksum is wrong");
  add_problem(module, missing, serial::kRange, "wrong-address",
              "the device says that it does not lie where it belongs");
  add_problem(module, missing, serial::kPlatform, "wrong-platform",
              "the device says that it is for another platform");
  add_problem(module, missing, serial::kDependencies | serial::kDependenciesFull,
              "dependency-unmet", "the device says that what it depends on is not installed");
  return module;
}

}  // namespace

ModuleFunction function_of(char letter) {
  switch (letter) {
    case 'b':
      return ModuleFunction::bootloader;
    case 's':
      return ModuleFunction::system_part;
    case 'u':
      return ModuleFunction::user_part;
    case 'm':
      return ModuleFunction::monolithic;
    case 'r':
      return ModuleFunction::resource;
    default:
      return ModuleFunction::none;
  }
}

const serial::DescribedModule* find_described(const serial::Described& described,
                                              platform::ModuleId id) {
  for (const serial::DescribedModule& module : described.modules) {
    if (module.location == 'm' && function_of(module.function) == id.function &&
        module.index == id.index) {
      return &module;
    }
  }
  return nullptr;
}

plan::InstalledState state_from(const serial::Described& described,
                                const platform::Platform& platform) {
  plan::InstalledState state;
  state.platform = &platform;
  for (const platform::Slot& slot : platform.slots) {
    const serial::DescribedModule* module = find_described(described, slot.module);
    if (module != nullptr) {
      state.modules.push_back(installed_from(*module, slot, platform));
    } else {
      // An empty store is listed without a name, or not at all.
      state.modules.emplace_back().id = slot.module;
    }
  }
  if (const plan::InstalledModule* bootloader = state.valid(platform::kBootloader)) {
    state.bootloader_version = bootloader->header.version;
  }
  for (const serial::DescribedModule& module : described.modules) {
    if (module.location == 'f' && module.function != 0 &&
        (module.passed & serial::kIntegrity) != 0) {
      state.factory_image = true;
    }
  }
  return state;
}

base::Result<SerialState> probe_serial(const Surroundings& around,
                                       const discovery::Device& device) {
  Voice voice(around.sink, usb::to_string(device.port()));
  PhaseScope phase(voice, events::Phase::probe, "", 0);
  TRY_ASSIGN(auto port, open_line(around, device));
  serial::Console console(*port, around.world.clock, around.cancel);
  SerialState state;
  TRY_ASSIGN(state.release,
             base::in_context(console.ask_release(seconds(12)), "asking the release"));
  TRY_ASSIGN(state.identity,
             base::in_context(console.ask_identity(seconds(20)), "asking the device id"));
  if (!device.id.empty() && device.id != state.identity.device_id) {
    return another_device(device.port(), device.id, state.identity.device_id);
  }
  TRY_ASSIGN(state.described,
             base::in_context(console.ask_modules(seconds(40)), "asking what is installed"));
  TRY_ASSIGN(state.claimed, console.ask_claimed(seconds(6)));
  if (state.described.platform != around.platform.id) {
    return base::make_error(
        base::Errc::unsupported, "wrong-platform",
        fmt::format("the device says that it is a {}, not an {}",
                    platform::platform_name(static_cast<std::uint16_t>(state.described.platform)),
                    around.platform.name),
        "this tool is for the Electron");
  }
  state.state = state_from(state.described, around.platform);
  release::Version told;
  if (release::Version::parse(state.release, told)) state.state.told = told;
  phase.good();
  return state;
}

}  // namespace flash
