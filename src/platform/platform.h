// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a device is, as data: the flash map, the module slots, the USB identities and the serial
// triggers of a platform. All facts of this kind live in one table per platform (electron.cpp);
// nothing else in the program writes an address.

#include "base/address_range.h"

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace platform {

// Module header, byte 14 (device-os v2.3.1: services/inc/module_info.h).
enum class ModuleFunction : std::uint8_t {
  none = 0,
  resource = 1,
  bootloader = 2,
  monolithic = 3,
  system_part = 4,
  user_part = 5,
  settings = 6,
  ncp = 7,
  radio_stack = 8,
};

// "system-part", "user-part", "bootloader", …; "unknown" for a number without a name.
std::string_view name(ModuleFunction function);
// The reverse; none if the text names no function.
ModuleFunction function_from_name(std::string_view text);

// Which module: the only identity there is. A file's name says nothing (quirk 1).
struct ModuleId {
  ModuleFunction function = ModuleFunction::none;
  std::uint8_t index = 0;
  auto operator<=>(const ModuleId&) const = default;
};

// "system part 2", "user part", "bootloader".
std::string describe(ModuleId id);

inline constexpr ModuleId kBootloader{ModuleFunction::bootloader, 0};
inline constexpr ModuleId kSystemPart1{ModuleFunction::system_part, 1};
inline constexpr ModuleId kSystemPart2{ModuleFunction::system_part, 2};
inline constexpr ModuleId kSystemPart3{ModuleFunction::system_part, 3};
inline constexpr ModuleId kUserPart{ModuleFunction::user_part, 1};

enum class SectorUse { bootloader, configuration, eeprom, module, factory, staging, free };

// One erase unit of flash.
struct Sector {
  base::AddressRange range;
  SectorUse use;
};

// Where a module lives. Every module starts on its own sector and none crosses one.
struct Slot {
  ModuleId module;
  base::AddressRange flash;
};

struct UsbIds {
  std::uint16_t vendor;
  std::uint16_t dfu_product;     // bootloader in DFU mode
  std::uint16_t serial_product;  // system firmware, CDC ACM
};

// CDC SET_LINE_CODING rates that the system firmware understands as commands.
struct SerialTriggers {
  std::uint32_t dfu_baud;
  std::uint32_t listening_baud;
};

// Where things lie in the device configuration's data, behind the header of a copy.
struct ConfigurationLayout {
  std::uint32_t factory_slot;  // update slot 0
  std::uint32_t device_key;    // with which the device proves to the cloud who it is
};

struct Platform {
  std::uint16_t id;  // module header, bytes 12-13
  std::string_view name;
  UsbIds usb;
  base::AddressRange flash;
  base::AddressRange dfu_writable;   // what the bootloader lets DFU erase and program
  base::AddressRange configuration;  // DCT, both copies: keys. Never printed, never written
  ConfigurationLayout configuration_layout;
  base::AddressRange factory;  // factory copy of the user part
  base::AddressRange staging;  // where the system firmware puts an update
  std::uint32_t bootloader_version_address;
  std::span<const Sector> sectors;
  std::span<const Slot> slots;  // in index order, bootloader first
  SerialTriggers serial;

  const Slot* slot(ModuleId module) const;               // null if the platform has no such module
  const Slot* slot_at(std::uint32_t start) const;        // the slot that begins there, or null
  const Sector* sector_at(std::uint32_t address) const;  // the sector that contains it, or null
};

const Platform& electron();
const Platform* find(std::uint16_t id);
std::span<const Platform* const> all();

// "Photon", "Argon", … for a message about a file for another device; "platform 77" if unknown.
std::string platform_name(std::uint16_t id);

}  // namespace platform
