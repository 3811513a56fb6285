// SPDX-License-Identifier: GPL-3.0-or-later
#include "dfu/descriptors.h"

#include <fmt/format.h>

#include <optional>

namespace dfu {
namespace {

constexpr std::uint8_t kInterfaceDescriptor = 0x04;   // USB 2.0, table 9-5
constexpr std::uint8_t kFunctionalDescriptor = 0x21;  // USB DFU 1.1, table 4.2
constexpr std::size_t kInterfaceSize = 9;
constexpr std::size_t kFunctionalSizeIn10 = 7;  // DFU 1.0 has no bcdDFUVersion
constexpr std::uint8_t kClassApplication = 0xFE;
constexpr std::uint8_t kSubclassDfu = 0x01;
constexpr std::uint8_t kProtocolDfuMode = 0x02;

bool is_dfu_mode(base::ByteView descriptor) {
  return descriptor[5] == kClassApplication && descriptor[6] == kSubclassDfu &&
         descriptor[7] == kProtocolDfuMode;
}

base::Error nonsense(std::string why) {
  return base::make_error(base::Errc::protocol,
                          fmt::format("the device's configuration descriptor {}", why),
                          "unplug the device, bring it back to DFU mode and try again");
}

}  // namespace

base::Result<Interface> find_interface(base::ByteView configuration, std::uint8_t alt) {
  std::optional<Interface> found;
  base::ByteView functional;
  while (configuration.size() >= 2) {
    const std::size_t length = configuration[0];
    if (length < 2 || length > configuration.size()) return nonsense("is cut off");
    const base::ByteView descriptor = configuration.first(length);
    configuration = configuration.subspan(length);
    if (descriptor[1] == kInterfaceDescriptor && length >= kInterfaceSize) {
      if (is_dfu_mode(descriptor) && descriptor[3] == alt && !found) {
        found = Interface{.number = descriptor[2], .alt = alt, .name_string = descriptor[8]};
      }
    } else if (descriptor[1] == kFunctionalDescriptor && length >= kFunctionalSizeIn10) {
      functional = descriptor;
    }
  }
  if (!found) return nonsense(fmt::format("has no DFU interface with alternate setting {}", alt));
  if (functional.empty()) return nonsense("has no DFU functional descriptor");
  found->can_download = (functional[2] & 1) != 0;
  found->can_upload = (functional[2] & 2) != 0;
  found->transfer_size = base::load_le16(functional, 5);
  return *found;
}

}  // namespace dfu
