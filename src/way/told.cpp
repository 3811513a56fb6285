// SPDX-License-Identifier: GPL-3.0-or-later
#include "way/told.h"

#include "reach/line.h"
#include "reach/portless.h"
#include "way/module_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace way {
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

void add_problem(std::vector<firmware::Problem>& problems, std::uint32_t missing, std::uint32_t bit,
                 std::string_view code, std::string_view message) {
  if ((missing & bit) != 0) problems.push_back({std::string(code), std::string(message)});
}

std::optional<base::Sha256> digest_of(const std::string& hex) {
  const base::Bytes bytes = base::from_hex(hex);
  base::Sha256 digest{};
  if (bytes.size() != digest.size()) return std::nullopt;
  std::ranges::copy(bytes, digest.begin());
  return digest;
}

plan::InstalledModule installed_from(const serial::DescribedModule& described,
                                     const platform::Slot& slot) {
  const std::uint32_t missing = described.checked & ~described.passed;
  plan::Told told;
  told.version = described.version;
  told.passed = (missing & kOwnFaults) == 0;
  told.dependencies = {dependency(described, 0), dependency(described, 1)};
  told.sha256 = digest_of(described.user_sha256);
  add_problem(told.problems, missing, serial::kIntegrity, "crc-mismatch",
              "the device says that its checksum is wrong");
  add_problem(told.problems, missing, serial::kRange, "wrong-address",
              "the device says that it does not lie where it belongs");
  add_problem(told.problems, missing, serial::kPlatform, "wrong-platform",
              "the device says that it is for another platform");
  add_problem(told.problems, missing, serial::kDependencies | serial::kDependenciesFull,
              "dependency-unmet", "the device says that what it depends on is not installed");
  return {.id = slot.module, .seen = std::move(told)};
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

namespace {

// The module in its main store, or null if it is not listed.
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

}  // namespace

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

std::vector<std::string> contradictions(const serial::Described& described,
                                        std::span<const firmware::CheckedModule> written) {
  std::vector<std::string> found;
  for (const firmware::CheckedModule& module : written) {
    const std::string name = platform::describe(module.id());
    const serial::DescribedModule* there = find_described(described, module.id());
    if (there == nullptr) {
      found.push_back(fmt::format("the device lists no {}", name));
    } else if (there->version != module.version()) {
      found.push_back(
          fmt::format("the device has {} {}, not {}", name, there->version, module.version()));
    } else if ((there->checked & serial::kIntegrity) != 0 &&
               (there->passed & serial::kIntegrity) == 0) {
      found.push_back(fmt::format("the device says that the checksum of its {} is wrong", name));
    } else if (!there->user_sha256.empty() &&
               there->user_sha256 != base::to_hex(module.suffix().sha256)) {
      found.push_back(fmt::format("the device has another {} of the same version", name));
    }
  }
  return found;
}

namespace {

// Of a device that has no serial port here. What only the console tells stays unknown.
base::Result<Answer> ask_by_request(const work::Context& context, const discovery::Device& device) {
  Answer answer;
  TRY_ASSIGN(const reach::ToldByRequest told, reach::ask_without_port(context, device));
  if (!device.id.empty() && device.id != told.id) {
    return reach::another_device(device.port(), device.id, told.id);
  }
  answer.identity.release = told.release;
  answer.identity.id = told.id;
  answer.described.platform = context.platform.id;
  // Up to 1.0.1 it is the console's text.
  const bool text = !told.modules.empty() && told.modules.front() == '{';
  if (text) {
    TRY_ASSIGN(answer.described, serial::parse_modules(base::as_text(told.modules)));
  } else {
    TRY_ASSIGN(answer.described.modules, parse_module_message(told.modules));
  }
  answer.state = state_from(answer.described, context.platform);
  release::Version version;
  if (release::Version::parse(told.release, version)) answer.state.told = version;
  return answer;
}

}  // namespace

base::Result<Answer> ask(const work::Context& context, const discovery::Device& device) {
  if (device.serial_path.empty()) return ask_by_request(context, device);
  TRY_ASSIGN(auto port, reach::open_line(context, device));
  serial::Console console(*port, context.world.clock, context.cancel);
  Answer answer;
  TRY_ASSIGN(answer.identity.release,
             base::in_context(console.ask_release(seconds(12)), "asking the release"));
  TRY_ASSIGN(const serial::Identity identity,
             base::in_context(console.ask_identity(seconds(20)), "asking the device id"));
  answer.identity.id = identity.device_id;
  answer.identity.imei = identity.imei;
  answer.identity.iccid = identity.iccid;
  answer.identity.cellular_firmware = identity.radio;
  if (!device.id.empty() && device.id != identity.device_id) {
    return reach::another_device(device.port(), device.id, identity.device_id);
  }
  TRY_ASSIGN(answer.described,
             base::in_context(console.ask_modules(seconds(40)), "asking what is installed"));
  TRY_ASSIGN(answer.claimed, console.ask_claimed(seconds(6)));
  if (answer.described.platform != context.platform.id) {
    return base::make_error(
        base::Errc::unsupported, "wrong-platform",
        fmt::format("the device says that it is a {}, not an {}",
                    platform::platform_name(static_cast<std::uint16_t>(answer.described.platform)),
                    context.platform.name),
        "this tool is for the Electron");
  }
  answer.state = state_from(answer.described, context.platform);
  release::Version told;
  if (release::Version::parse(answer.identity.release, told)) answer.state.told = told;
  if (!identity.radio.empty()) answer.state.modem_firmware = identity.radio;
  return answer;
}

}  // namespace way
