// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The USB devices as Linux tells of them: text files, without libusb, without udev, and without a
// transfer to any device. The kernel keeps them true also in a container to which no news of
// changes comes.

#include "base/result.h"
#include "usb/device_info.h"

#include <optional>
#include <string>
#include <vector>

namespace usb {

// "/sys/bus/usb/devices"; none where the system has no such folder.
std::optional<std::string> sysfs_devices_folder();

// The devices of `vendor` in `folder`, in port order. One that vanishes meanwhile is left out.
// Errors: usb_io.
base::Result<std::vector<DeviceInfo>> devices_in_sysfs(const std::string& folder,
                                                       std::uint16_t vendor);

}  // namespace usb
