// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/firmware_profiles.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sim {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;

// Each row is the one before it and what changed. Times of start are those of released firmware run
// on a model of the microcontroller, less the bootloader's share.
constexpr SystemProfile k0_4_6 = [] {  // also 0.0.x; module version 1 names them all
  SystemProfile p;
  p.from = 0;
  p.start_to_usb = 1754ms;
  p.first_start = 2508ms;
  p.early_setup = 0ms;
  p.bootloader_in_index2 = true;
  p.factory_in_free_sector = true;
  p.dfu_touch_after = 1037ms;
  p.listens_without_sim = 17s;
  p.takes_output_always = true;
  p.per_character = 1ms;
  p.mac_filler = 0xA5;
  p.large_blocks = false;
  p.patient = true;
  return p;
}();

constexpr SystemProfile k0_4_8 = [] {
  SystemProfile p = k0_4_6;
  p.from = 10;
  p.patient = false;
  return p;
}();

constexpr SystemProfile k0_4_9 = [] {
  SystemProfile p = k0_4_8;
  p.from = 11;
  p.protects_bootloader = true;
  return p;
}();

constexpr SystemProfile k0_5_0 = [] {
  SystemProfile p = k0_4_9;
  p.from = 12;
  p.start_to_usb = 50ms;
  p.first_start = 2555ms;
  p.bootloader_rule = BootloaderRule::never;
  p.dfu_touch_after = 0ms;
  p.listening_touch = ListeningTouch::behind_connection;
  p.listens_without_sim = 14s;
  p.has_listening_reset = true;
  p.mac_filler = 0;
  p.accepts_bootloader = false;
  p.large_blocks = true;
  return p;
}();

constexpr SystemProfile k0_5_3_rc_1 = [] {
  SystemProfile p = k0_5_0;
  p.from = 18;
  p.factory_in_free_sector = false;
  p.acceptance = AcceptanceGeneration::first_dependency;
  return p;
}();

constexpr SystemProfile k0_5_3 = [] {
  SystemProfile p = k0_5_3_rc_1;
  p.from = 19;
  p.describes_index3 = true;
  p.acceptance_knows_index3 = true;
  return p;
}();

constexpr SystemProfile k0_6_0 = [] {
  SystemProfile p = k0_5_3;
  p.from = 100;
  p.needs_index3 = true;
  p.first_start = 3253ms;
  p.early_setup = 50ms;
  p.false_usb_device = true;
  p.listen_touch_after = 600ms;
  p.listening_touch = ListeningTouch::at_once;
  p.listens_without_sim = 26s;
  p.takes_output_always = false;
  p.has_claim_commands = true;
  p.accepts_bootloader = true;
  p.vendor = VendorScheme::numbered;
  return p;
}();

constexpr SystemProfile k0_6_1 = [] {
  SystemProfile p = k0_6_0;
  p.from = 103;
  p.start_to_usb = 52ms;
  p.first_start = 3202ms;
  p.early_setup = 0ms;
  p.false_usb_device = false;
  p.bootloader_rule = BootloaderRule::older;
  p.bootloader_in_index2 = false;
  p.listening_timeout = 5min;
  p.refusal = Refusal::says_mask;
  p.cancels_on_abort = 4;
  p.vendor = VendorScheme::renumbered;
  return p;
}();

constexpr SystemProfile k0_6_3 = [] {
  SystemProfile p = k0_6_1;
  p.from = 109;
  p.bootloader_rule = BootloaderRule::older_or_newer_gen;
  return p;
}();

constexpr SystemProfile k0_6_4 = [] {
  SystemProfile p = k0_6_3;
  p.from = 110;
  p.bootloader_rule = BootloaderRule::keep_old_gen;
  return p;
}();

constexpr SystemProfile k0_7_0 = [] {
  SystemProfile p = k0_6_4;
  p.from = 200;
  p.start_to_usb = 64ms;
  p.early_setup = 4ms;
  p.first_start = 2157ms;
  p.bootloader_rule = BootloaderRule::older;
  p.after_replacing = AfterReplacing::go_on;
  p.per_character = 0ms;
  p.describes_dependency2 = true;
  p.acceptance = AcceptanceGeneration::both_dependencies;
  p.vendor = VendorScheme::queued;
  p.dct = DctFormat::with_footer;
  p.flags = FlagStore::backup_registers;
  return p;
}();

constexpr SystemProfile k0_8_0_rc_1 = [] {
  SystemProfile p = k0_7_0;
  p.from = 300;
  p.after_replacing = AfterReplacing::on_error;
  p.has_diagnostics = true;
  return p;
}();

constexpr SystemProfile k0_8_0_rc_2 = [] {
  SystemProfile p = k0_8_0_rc_1;
  p.from = 301;
  p.vendor = VendorScheme::asynchronous;
  return p;
}();

constexpr SystemProfile k1_0_0 = [] {
  SystemProfile p = k0_8_0_rc_2;
  p.from = 1000;
  p.protects_bootloader = false;
  return p;
}();

constexpr SystemProfile k1_1_0 = [] {
  SystemProfile p = k1_0_0;
  p.from = 1100;
  p.describe_shape = DescribeShape::sparse;
  p.answers_by_message = true;
  return p;
}();

constexpr SystemProfile k1_4_4 = [] {
  SystemProfile p = k1_1_0;
  p.from = 1406;
  p.has_secret = true;
  return p;
}();

constexpr SystemProfile k1_5_0 = [] {
  SystemProfile p = k1_4_4;
  p.from = 1500;
  p.tells_serial_by_vendor = true;
  p.vendor_searching = SearchingTakes::late_ones;
  return p;
}();

constexpr SystemProfile k2_0_0 = [] {
  SystemProfile p = k1_5_0;
  p.from = 2000;
  p.start_to_usb = 14ms;
  p.first_start = 2173ms;
  p.early_setup = 9ms;
  p.listen_touch_after = 0ms;
  p.listens_without_sim = 28s;
  p.refusal = Refusal::resets;
  p.vendor_searching = SearchingTakes::all_of_them;
  return p;
}();

constexpr SystemProfile k2_1_0 = [] {
  SystemProfile p = k2_0_0;
  p.from = 2100;
  p.has_modem_firmware = true;
  p.unknown_dependency_fails = true;
  return p;
}();

constexpr SystemProfile k2_2_0 = [] {
  SystemProfile p = k2_1_0;
  p.from = 2200;
  p.vendor_memory = 6;
  p.describe_shape = DescribeShape::plain;
  return p;
}();

constexpr SystemProfile k3_2_0 = [] {
  SystemProfile p = k2_2_0;
  p.from = 3200;
  p.describe_shape = DescribeShape::plain_stray;
  return p;
}();

constexpr std::array kProfiles{
    k0_4_6, k0_4_8, k0_4_9, k0_5_0, k0_5_3_rc_1, k0_5_3,      k0_6_0,
    k0_6_1, k0_6_3, k0_6_4, k0_7_0, k0_8_0_rc_1, k0_8_0_rc_2, k1_0_0,
    k1_1_0, k1_4_4, k1_5_0, k2_0_0, k2_1_0,      k2_2_0,      k3_2_0,
};

// First module version and bootloader carried from there on (device-os: BOOTLOADER_VERSION and the
// image linked into each release; 0.5.0 to 0.6.0 carry none).
constexpr std::array<std::pair<std::uint16_t, std::uint16_t>, 16> kCarried{{
    {0, 6},
    {11, 7},
    {12, 0},
    {103, 9},
    {104, 11},
    {200, 100},
    {204, 101},
    {302, 201},
    {1100, 300},
    {1102, 301},
    {1201, 300},
    {1202, 302},
    {1213, 311},
    {1300, 302},
    {1320, 400},
    {2011, 1004},
}};

template <class Rows, class Key>
const auto& last_not_above(const Rows& rows, std::uint16_t version, Key key) {
  auto row = std::find_if(rows.rbegin(), rows.rend(),
                          [&](const auto& candidate) { return key(candidate) <= version; });
  return row == rows.rend() ? rows.front() : *row;
}

}  // namespace

const SystemProfile& system_profile(std::uint16_t index2_version) {
  return last_not_above(kProfiles, index2_version, [](const SystemProfile& p) { return p.from; });
}

std::optional<std::uint16_t> carried_bootloader(std::uint16_t module_version) {
  const auto& row =
      last_not_above(kCarried, module_version, [](const auto& pair) { return pair.first; });
  if (row.second == 0) return std::nullopt;
  return row.second;
}

UsbProfile usb_profile(std::uint16_t version) {
  return {.composite = version >= k0_6_0.from, .lower_serial = version >= k0_7_0.from};
}

}  // namespace sim
