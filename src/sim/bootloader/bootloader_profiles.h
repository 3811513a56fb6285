// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// How the bootloaders differ, as data. Each row was checked against the machine code of the
// released image, or (5, 7, 8, 9, 100, 1005, 1100) against its source alone.

#include "base/clock.h"
#include "sim/board/dct.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace sim {

struct BootloaderProfile {
  enum class Serial { constant, upper_case, lower_case };
  enum class Poll { fifty_then_zero, fifty_stays, zero };
  enum class BadRead { stale_buffer, zeros };
  enum class UnknownString { rubbish, crash };

  std::string_view name;  // "11"; the two bootloaders numbered 7 are "7" and "7-0.5"
  std::uint16_t version;  // module version
  std::uint16_t bcd_device;
  std::string_view product;
  std::string_view configuration;
  std::string_view interface_name;
  Serial serial;
  bool microsoft_descriptors;
  std::uint8_t interfaces_most;  // largest wIndex of a class request
  bool reports_failures;         // a failed erase or write stalls the status stage
  bool medium_by_address;        // else by alternate setting
  bool verifies_writes;
  Poll poll;
  BadRead bad_read;
  UnknownString unknown_string;
  bool null_string;  // string 0xFA, which the vendor's client asks for, is the start of the flash
  bool detach_replugs;
  std::uint32_t buffer_room;  // DNLOAD longer than this overwrites the stack
  bool long_download_sticks;  // longer than 4096: dfuDNLOAD-SYNC for ever (else it is written)
  DctFormat dct;
  FlagStore flags;
  bool factory_without_slot;       // takes an image in the factory sector though none is registered
  bool factory_in_staging;         // its constants are those of 0.5.3 and before
  bool button_ends_without_image;  // MODE: DFU at 3 s, not at the release, without a factory image
  bool skips_watchdog_for_old;     // no watchdog if index 2 is older than version 200
  bool clears_slot_first;          // before copying the module; else after
  base::Micros to_dfu;             // reset to the DFU pull-up
  base::Micros to_firmware;        // reset to the jump
};

std::span<const BootloaderProfile> bootloader_profiles();
// By name, e.g. "11", "7-0.5". Null if there is none.
const BootloaderProfile* find_bootloader_profile(std::string_view name);
// The one to use for a module version: the same, or the newest that is not newer.
const BootloaderProfile& bootloader_profile(std::uint16_t version);

}  // namespace sim
