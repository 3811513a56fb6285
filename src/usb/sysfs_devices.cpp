// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/sysfs_devices.h"

#include "base/bytes.h"
#include "base/files.h"

#include <algorithm>
#include <charconv>

namespace usb {
namespace {

// The whole text as a number; none if it is none, as when the device has just left.
template <class Number>
std::optional<Number> number_in(const std::string& folder, const char* name, int base) {
  const std::string text = base::read_kernel_text(base::join(folder, name));
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<DeviceInfo> device_in(const std::string& folder, PortPath port) {
  const auto vendor = number_in<std::uint16_t>(folder, "idVendor", 16);
  const auto product = number_in<std::uint16_t>(folder, "idProduct", 16);
  const auto bcd_device = number_in<std::uint16_t>(folder, "bcdDevice", 16);
  const auto address = number_in<std::uint8_t>(folder, "devnum", 10);
  if (!vendor || !product || !bcd_device || !address) return std::nullopt;
  DeviceInfo info;
  info.port = std::move(port);
  info.vendor = *vendor;
  info.product = *product;
  info.bcd_device = *bcd_device;
  info.address = *address;
  // Read by the kernel when the device arrived; no file where it has none.
  info.serial = base::printable(base::read_kernel_text(base::join(folder, "serial")));
  return info;
}

}  // namespace

std::optional<std::string> sysfs_devices_folder() {
  constexpr const char* kFolder = "/sys/bus/usb/devices";
  if (!base::is_directory(kFolder)) return std::nullopt;
  return kFolder;
}

base::Result<std::vector<DeviceInfo>> devices_in_sysfs(const std::string& folder,
                                                       std::uint16_t vendor) {
  const auto names = base::list_names(folder);
  if (!names) {
    return base::make_error(base::Errc::usb_io,
                            "cannot list the USB devices: " + names.error().message,
                            "the system's /sys must be mounted");
  }
  std::vector<DeviceInfo> devices;
  for (const std::string& name : *names) {
    // "1-2.4": a device; "1-2.4:1.0": an interface of it; "usb1": a controller.
    PortPath port;
    const std::string own = base::join(folder, name);
    if (!parse_port_path(name, port) || number_in<std::uint16_t>(own, "idVendor", 16) != vendor) {
      continue;
    }
    if (auto device = device_in(own, std::move(port))) devices.push_back(std::move(*device));
  }
  std::sort(devices.begin(), devices.end(),
            [](const DeviceInfo& a, const DeviceInfo& b) { return a.port < b.port; });
  return devices;
}

}  // namespace usb
