// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bootloader/dfu_descriptors.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace sim {
namespace {

constexpr std::array<std::uint8_t, 36> kConfiguration{
    0x09, 0x02, 0x24, 0x00, 0x01, 0x01, 0x02, 0xC0, 0x32,  // 36 bytes, 1 interface, self-powered
    0x09, 0x04, 0x00, 0x00, 0x00, 0xFE, 0x01, 0x02, 0x06,  // alternate setting 0: flash
    0x09, 0x04, 0x00, 0x01, 0x00, 0xFE, 0x01, 0x02, 0x07,  // alternate setting 1: configuration
    0x09, 0x21, 0x0B, 0xFF, 0x00, 0x00, 0x10, 0x1A, 0x01,  // DFU functional, once, at the end
};
constexpr std::size_t kFunctionalOffset = 27;

// Microsoft OS 1.0 descriptors specification. The properties' length field says 0x92.
constexpr std::uint16_t kCompatibleIdSize = 40;
constexpr std::uint16_t kPropertiesSize = 0x92;
constexpr std::string_view kPropertyName = "DeviceInterfaceGUIDs";
constexpr std::string_view kInterfaceGuid = "{37fb5f90-1a34-4929-933b-8a27e1850033}";
constexpr std::uint32_t kMultipleStrings = 7;  // REG_MULTI_SZ

void put_utf16(std::span<std::uint8_t> to, std::size_t offset, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    base::store_le16(to, offset + 2 * i, static_cast<std::uint8_t>(text[i]));
  }
}

std::string serial(const BootloaderProfile& profile, const UniqueId& unique_id) {
  if (profile.serial == BootloaderProfile::Serial::constant) return "00000000010C";
  std::string text = base::to_hex(unique_id);
  if (profile.serial == BootloaderProfile::Serial::upper_case) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  }
  return text;
}

}  // namespace

base::Bytes dfu_device_descriptor(const BootloaderProfile& profile) {
  base::Bytes bytes{0x12, 0x01, 0x00, 0x02, 0x00, 0x00, 0x00, 0x40, 0x04,
                    0x2B, 0x0A, 0xD0, 0x00, 0x00, 0x01, 0x02, 0x03, 0x01};
  base::store_le16(bytes, 12, profile.bcd_device);
  return bytes;
}

base::ByteView dfu_configuration_descriptor() { return kConfiguration; }
base::ByteView dfu_functional_descriptor() {
  return base::ByteView(kConfiguration).subspan(kFunctionalOffset);
}

base::Bytes string_descriptor(std::string_view text) {
  base::Bytes bytes(2 + 2 * text.size());
  bytes[0] = static_cast<std::uint8_t>(bytes.size());
  bytes[1] = 0x03;
  put_utf16(bytes, 2, text);
  return bytes;
}

base::Bytes dfu_string_descriptor(std::uint8_t index, const BootloaderProfile& profile,
                                  const UniqueId& unique_id) {
  switch (index) {
    case 0:
      return {0x04, 0x03, 0x09, 0x04};
    case 1:
      return string_descriptor("Particle");
    case 2:
      return string_descriptor(profile.product);
    case 3:
      return string_descriptor(serial(profile, unique_id));
    case 4:
      return string_descriptor(profile.configuration);
    case 5:
      return string_descriptor(profile.interface_name);
    case 6:
      return string_descriptor("@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg");
    default:
      return string_descriptor("@DCT Flash   /0x00000000/01*016Kg");
  }
}

base::Bytes dfu_microsoft_string() {
  base::Bytes bytes = string_descriptor("MSFT100");
  bytes.push_back(0xEE);
  bytes.push_back(0x00);
  bytes[0] = static_cast<std::uint8_t>(bytes.size());
  return bytes;
}

base::Bytes dfu_microsoft_compatible_id() {
  base::Bytes bytes(kCompatibleIdSize, 0);
  base::store_le32(bytes, 0, kCompatibleIdSize);
  base::store_le16(bytes, 4, 0x0100);
  base::store_le16(bytes, 6, 0x0004);
  bytes[8] = 1;   // one function
  bytes[17] = 1;  // reserved, must be 1
  const auto id = base::as_bytes("WINUSB");
  std::copy(id.begin(), id.end(), bytes.begin() + 18);
  return bytes;
}

base::Bytes dfu_microsoft_properties() {
  base::Bytes bytes(kPropertiesSize, 0);
  const std::size_t name_size = 2 * (kPropertyName.size() + 1);
  const std::size_t data_size = 2 * (kInterfaceGuid.size() + 2);
  base::store_le32(bytes, 0, kPropertiesSize);
  base::store_le16(bytes, 4, 0x0100);
  base::store_le16(bytes, 6, 0x0005);
  base::store_le16(bytes, 8, 1);
  base::store_le32(bytes, 10, kPropertiesSize - 10);
  base::store_le32(bytes, 14, kMultipleStrings);
  base::store_le16(bytes, 18, static_cast<std::uint16_t>(name_size));
  put_utf16(bytes, 20, kPropertyName);
  base::store_le32(bytes, 20 + name_size, static_cast<std::uint32_t>(data_size));
  put_utf16(bytes, 24 + name_size, kInterfaceGuid);
  return bytes;
}

}  // namespace sim
