// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What changed in the Electron's released software, and when: the one table that everybody asks who
// must know how old a device is. (The virtual Electron has tables of its own, on purpose: it is
// what this one is tested against.) A system firmware's age is told by the release that it names,
// or by the module version of its index 2; a bootloader's by the version in its header; either's
// roughly by bcdDevice.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace platform {

// Module versions of system parts.
inline constexpr std::uint16_t kVersion053 = 21;
inline constexpr std::uint16_t kFirstWithIndex3 = 100;  // 0.6.0-rc.1
inline constexpr std::uint16_t kVersion063 = 109;
inline constexpr std::uint16_t kVersion064 = 110;
inline constexpr std::uint16_t kFirstOf070 = 200;  // 0.7.0-rc.1: a new index 3, needs a bootloader

// Versions of bootloaders (device-os: BOOTLOADER_VERSION).
inline constexpr std::uint16_t kBootloader060 = 8;
inline constexpr std::uint16_t kFirstNewBootloader = 100;  // belongs to 0.7.0 and later
inline constexpr std::uint16_t kBootloader070 = 101;

// bcdDevice of the bootloader from version 8 on, and of the system firmware from 0.6.0 on; 0x0200
// before (device-os v0.6.0: bootloader/src/stm32f2xx/usbd_desc.c).
inline constexpr std::uint16_t kBcdBefore060 = 0x0200;
inline constexpr std::uint16_t kBcdSince060 = 0x0250;

// USB vendor requests of the system firmware (device-os v0.6.0: system/src/system_control.cpp;
// v0.6.4, v2.3.1: system/inc/system_control.h).
enum class VendorScheme {
  none,          // up to 0.5.5
  numbers_1,     // 0.6.0: wIndex 1, 2, 3, 4
  numbers_10,    // 0.6.1 to 0.7.x: wIndex 10, 20, 30, …
  asynchronous,  // since 0.8.0
};

struct SystemGeneration {
  std::string_view releases;     // for messages: "0.6.1 to 0.6.4"
  std::array<unsigned, 3> from;  // first release; a pre-release counts as its release
  std::uint16_t first = 0;       // the smallest module version of index 2

  // Which modules it takes over the serial line and over the air (device-os:
  // hal/src/electron/ota_flash_hal.cpp at v0.4.6, v0.5.3, v0.7.0, v2.1.0, v2.3.1).
  bool knows_index3 = false;  // else index 3 is refused, and a dependency on it undefined
  bool checks_second_dependency = false;  // of the new module (never one on a bootloader)
  bool checks_installed = false;          // that installed parts keep what they depend on …
  bool checks_installed_second = false;   // … also by their second dependency
  bool takes_bootloader = true;

  // How it is spoken to.
  std::size_t ymodem_block = 128;  // data bytes per packet: 128 or 1024
  bool listening_touch = false;    // 28800 means listening mode, not YMODEM or nothing
  bool touch_cancels_connecting =
      false;  // else 28800 waits for the connection attempt, up to 304 s
  VendorScheme vendor = VendorScheme::none;
};

std::span<const SystemGeneration> system_generations();  // oldest first
// Of the release that the device names, such as "0.4.8-rc.6"; null if the text is no version.
const SystemGeneration* generation_of(std::string_view release);
const SystemGeneration& generation_of(std::uint16_t index2_version);
// The most careful reading when nothing is known of a device.
const SystemGeneration& oldest_generation();

}  // namespace platform
