// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/serial_probe.h"

#include "flash/described.h"
#include "flash/serial_line.h"
#include "flash/voice.h"

#include <fmt/format.h>

#include <charconv>
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

// An application's digest in hexadecimal digits; none if it is none.
std::optional<base::Sha256> sha256_of(std::string_view text) {
  base::Sha256 digest{};
  if (text.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const char* at = text.data() + 2 * i;
    const auto [stop, error] = std::from_chars(at, at + 2, digest[i], 16);
    if (error != std::errc{} || stop != at + 2) return std::nullopt;
  }
  return digest;
}

void add_problem(plan::Told& told, std::uint32_t missing, std::uint32_t bit, std::string_view code,
                 std::string_view message) {
  if ((missing & bit) != 0) told.problems.push_back({std::string(code), std::string(message)});
}

plan::InstalledModule installed_from(const serial::DescribedModule& described,
                                     const platform::Slot& slot) {
  const std::uint32_t missing = described.checked & ~described.passed;
  plan::Told told;
  told.version = described.version;
  told.passed = (missing & kOwnFaults) == 0;
  told.dependencies = {dependency(described, 0), dependency(described, 1)};
  told.sha256 = sha256_of(described.user_sha256);
  add_problem(told, missing, serial::kIntegrity, "crc-mismatch",
              "the device says that its checksum is wrong");
  add_problem(told, missing, serial::kRange, "wrong-address",
              "the device says that it does not lie where it belongs");
  add_problem(told, missing, serial::kPlatform, "wrong-platform",
              "the device says that it is for another platform");
  add_problem(told, missing, serial::kDependencies | serial::kDependenciesFull, "dependency-unmet",
              "the device says that what it depends on is not installed");
  return {slot.module, std::move(told)};
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
      state.modules.push_back(installed_from(*module, slot));
    } else {
      // An empty store is listed without a name, or not at all.
      state.modules.emplace_back().id = slot.module;
    }
  }
  if (const plan::InstalledModule* bootloader = state.valid(platform::kBootloader)) {
    state.bootloader_version = bootloader->version();
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
