// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// In what the system firmware's releases differ, as data: one row per module version from which
// something changed. "System" follows index 2 (boot rules, console, updates); the USB stack moved
// to index 3 in 0.6.0, so a mixed device shows the USB identity of one release and talks like
// another.

#include "base/clock.h"
#include "sim/board/dct.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace sim {

// When the firmware replaces the bootloader by the one it carries
// (device-os: hal/src/stm32f2xx/bootloader.cpp of each tag).
enum class BootloaderRule {
  never,               // 0.5.0 to 0.6.0: compiled out
  older,               // installed < carried
  older_or_newer_gen,  // 0.6.3: also installed >= 100, whatever is carried
  keep_old_gen,        // 0.6.4: the same, but only if carried < 100
};

// What follows a replaced bootloader.
enum class AfterReplacing {
  reset,     // up to 0.6.4
  go_on,     // 0.7.0
  on_error,  // since 0.8.0-rc.1 the result is misread: resets after a failure only
};

// Line coding 28800 outside listening mode.
enum class ListeningTouch {
  ignored,            // 0.4.x: acknowledged, nothing follows
  behind_connection,  // 0.5.x: waits for the connection attempt to end
  at_once,            // since 0.6.0: cancels the search
};

// How `s` lists the modules.
enum class DescribeShape {
  padded,       // up to 1.0.1: `"_":""` ends each dependency, empty stores are listed
  sparse,       // 1.1.0 to 2.1.0: stores without a header are left out
  plain,        // since 2.2.0: no padding, factory only with a right CRC
  plain_stray,  // since 3.2.0: two null entries of the bounds table show up as well
};

// What a YMODEM sender sees when the module is refused.
enum class Refusal {
  claims_success,  // up to 0.6.0
  says_mask,       // 0.6.1 to 1.5.x: "Validation failed: 0x.."
  resets,          // since 2.0.0: a reset without a word
};

// Rules of accepting a module (acceptance.h).
enum class AcceptanceGeneration { without_index3, first_dependency, both_dependencies };

enum class VendorScheme {
  none,          // up to 0.5.x
  numbered,      // 0.6.0: bRequest 0x50, wIndex 0 to 4
  renumbered,    // 0.6.1 to 0.6.4: wIndex 10, 20, ..., run inside the interrupt
  queued,        // 0.7.0, 0.8.0-rc.1: the same numbers, run by the system thread
  asynchronous,  // since 0.8.0-rc.2: INIT, CHECK, SEND, RECV, RESET
};

// Which asynchronous requests are taken while the firmware searches for a network. All of those
// that are taken are things to do; questions wait for listening mode.
enum class SearchingTakes {
  nothing,      // seen in 1.0.1, and taken for true up to 1.4.x
  late_ones,    // 1.5.2: what comes in the first second and a half lies unanswered
  all_of_them,  // 2.3.1: the same is answered and lost
};

struct SystemProfile {
  std::uint16_t from = 0;  // module version of index 2

  // --- start ---
  bool needs_index3 = false;
  base::Micros start_to_usb{0};  // from the bootloader's jump to the USB pull-up
  base::Micros first_start{0};   // more, besides the flash's own time, if the EEPROM was never used
  base::Micros early_setup{0};   // up to the reset that follows a DFU leave
  bool false_usb_device = false;  // 0.6.0: pulls up before that reset
  bool protects_bootloader = false;
  BootloaderRule bootloader_rule = BootloaderRule::older;
  AfterReplacing after_replacing = AfterReplacing::reset;
  bool bootloader_in_index2 = false;    // the carried image; else in index 3
  bool factory_in_free_sector = false;  // up to 0.5.2 the factory store was the last sector

  // --- line coding, listening mode ---
  base::Micros dfu_touch_after{0};     // 14400 is ignored for that long after the pull-up
  base::Micros listen_touch_after{0};  // 28800 is lost for that long after the configuration
  ListeningTouch listening_touch = ListeningTouch::ignored;
  base::Micros listens_without_sim{0};
  base::Micros listening_timeout{0};  // 0: none
  bool takes_output_always = false;   // OUT data is swallowed, not refused, before listening

  // --- console ---
  base::Micros per_character{0};
  bool has_claim_commands = false;   // c, C
  bool has_diagnostics = false;      // d
  bool has_listening_reset = false;  // L, SOH, STX
  bool has_secret = false;           // device secret, serial number
  bool has_modem_firmware = false;
  DescribeShape describe_shape = DescribeShape::padded;
  bool describes_index3 = false;
  bool describes_dependency2 = false;
  std::uint8_t mac_filler = 0;

  // --- updates ---
  AcceptanceGeneration acceptance = AcceptanceGeneration::without_index3;
  bool acceptance_knows_index3 = false;
  bool unknown_dependency_fails = false;
  bool accepts_bootloader = true;
  Refusal refusal = Refusal::claims_success;
  bool large_blocks = true;  // YMODEM blocks of 1024 bytes
  bool patient = false;      // YMODEM waits practically for ever
  int cancels_on_abort = 2;

  VendorScheme vendor = VendorScheme::none;
  SearchingTakes vendor_searching = SearchingTakes::nothing;
  // Requests of the asynchronous protocol that lie or were given up unanswered: when there are so
  // many, no further one is taken until the next start.
  std::size_t vendor_memory = 5;
  bool answers_by_message = false;      // Protocol Buffers, and types 30, 72
  bool tells_serial_by_vendor = false;  // request type 21

  // --- configuration sectors ---
  DctFormat dct = DctFormat::sealed;
  FlagStore flags = FlagStore::dct;
};

const SystemProfile& system_profile(std::uint16_t index2_version);

// Module version of the bootloader that the release of this module version carries; none for
// 0.5.0 to 0.6.0.
std::optional<std::uint16_t> carried_bootloader(std::uint16_t module_version);

struct UsbProfile {
  bool composite = false;     // since 0.6.0: IAD and a control interface, bcdDevice 2.50
  bool lower_serial = false;  // since 0.7.0; before, the device id is in upper case
};

// `version` of index 3, or of index 2 where index 2 is older than 0.6.0.
UsbProfile usb_profile(std::uint16_t version);

}  // namespace sim
