// SPDX-License-Identifier: GPL-3.0-or-later
#include "dfu/traits.h"

#include "platform/electron_history.h"
#include "platform/platform.h"

#include <algorithm>
#include <array>

namespace dfu {
namespace {

// One bootloader, or a run of them built from the same DFU code.
struct Row {
  std::uint16_t bcd_device;
  std::uint16_t first_version;  // module versions of the bootloader, both inclusive
  std::uint16_t last_version;
  BootloaderTraits traits;
};

// Electron, device-os v0.4.5 to v3.3.1: usbd_dfu_core.c does the work of a DNLOAD within the
// GETSTATUS that follows it, before the status stage of that transfer. bwPollTimeout is a constant
// (50 ms up to module version 11, 0 later) that has nothing to do with the work. Up to version 6
// the results of erase and write are thrown away. Without a version the first row that fits counts.
constexpr std::array<Row, 3> kKnown{{
    {platform::kBcdBefore060, 4, 6, {.poll_timeout_is_decoration = true}},
    {platform::kBcdBefore060, 7, 7, {.poll_timeout_is_decoration = true, .reports_failures = true}},
    {platform::kBcdSince060,
     8,
     1100,
     {.poll_timeout_is_decoration = true, .reports_failures = true}},
}};

}  // namespace

BootloaderTraits traits_of(const usb::DeviceInfo& device, std::optional<std::uint16_t> version) {
  const platform::UsbIds& electron = platform::electron().usb;
  if (device.vendor != electron.vendor || device.product != electron.dfu_product) return {};
  const auto row = std::find_if(kKnown.begin(), kKnown.end(), [&](const Row& r) {
    return r.bcd_device == device.bcd_device &&
           (!version || (r.first_version <= *version && *version <= r.last_version));
  });
  return row == kKnown.end() ? BootloaderTraits{} : row->traits;
}

}  // namespace dfu
