// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/confirm.h"

#include "flash/described.h"
#include "flash/voice.h"

#include <fmt/format.h>

#include <utility>

namespace flash {
namespace {

using base::Errc;

constexpr base::Micros kStart = std::chrono::seconds(30);  // the first start of a release: 4.6 s

base::Result<SerialState> ask(const Surroundings& around, const discovery::Device& device,
                              const SwitchOptions& options) {
  TRY_ASSIGN(const discovery::Device listening, to_listening(around, device, options));
  auto state = probe_serial(around, listening);
  // Whatever it answered: it was running, and goes on with its work. An answer stands, whether the
  // device hears that it may go on or not.
  const auto left = to_normal(around, listening, options);
  if (state && !left && left.error().code == Errc::cancelled) return left.error();
  return state;
}

}  // namespace

std::vector<std::string> differences(const serial::Described& described,
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

base::Result<Confirmation> confirm(const Surroundings& around, const usb::PortPath& port,
                                   std::span<const firmware::CheckedModule> written,
                                   const SwitchOptions& options) {
  Confirmation confirmation;
  auto device = discovery::wait_for(around.world, around.platform, port, discovery::Want::serial,
                                    kStart, around.cancel);
  if (!device) {
    if (device.error().code == Errc::cancelled) return std::move(device.error());
    confirmation.why_not = std::move(device.error().message);
    return confirmation;
  }
  confirmation.by = ConfirmedBy::enumeration;
  auto answer = ask(around, *device, options);
  if (!answer) {
    if (answer.error().code == Errc::cancelled) return std::move(answer.error());
    confirmation.why_not = std::move(answer.error().message);
    return confirmation;
  }
  confirmation.by = ConfirmedBy::listening;
  confirmation.differences = differences(answer->described, written);
  confirmation.answer = std::move(*answer);
  return confirmation;
}

}  // namespace flash
