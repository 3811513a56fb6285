// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/stable_name.h"

#include "base/files.h"
#include "usb/sysfs_devices.h"

#include <fmt/format.h>

namespace usb {

std::string controller_name(std::string_view root_hub) {
  constexpr std::string_view kDevices = "/sys/devices/";
  const std::size_t last = root_hub.rfind('/');
  if (!root_hub.starts_with(kDevices) || last == std::string_view::npos) return {};
  if (!root_hub.substr(last + 1).starts_with("usb") || last < kDevices.size()) return {};
  const std::string_view path = root_hub.substr(0, last);
  const std::string_view own = path.substr(path.rfind('/') + 1);
  if (own.empty()) return {};
  const bool pci = root_hub.substr(kDevices.size()).starts_with("pci") &&
                   own.find(':') != std::string_view::npos;
  return fmt::format("{}-{}", pci ? "pci" : "platform", own);
}

std::string stable_name(const PortPath& port) {
  std::string name;
  if (const auto folder = sysfs_devices_folder()) {
    name =
        controller_name(base::canonical_path(base::join(*folder, fmt::format("usb{}", port.bus))));
  }
  if (name.empty()) name = fmt::format("bus-{}", port.bus);
  std::string chain;
  for (const std::uint8_t step : port.ports) {
    chain += fmt::format("{}{}", chain.empty() ? "" : ".", step);
  }
  return name + "/" + chain;
}

}  // namespace usb
