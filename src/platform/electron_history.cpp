// SPDX-License-Identifier: GPL-3.0-or-later
#include "platform/electron_history.h"

#include <algorithm>
#include <charconv>

namespace platform {
namespace {

// Blocks: 1024 bytes were seen to work on 0.5.3 and later, and to fail on 0.4.8-rc.6; what was not
// tried gets 128, which every release takes. Each row is the one before it and what changed.
constexpr SystemGeneration k0_4_6{.releases = "0.4.6 to 0.4.9", .from = {0, 0, 0}, .first = 0};

constexpr SystemGeneration k0_5_0 = [] {
  SystemGeneration g = k0_4_6;
  g.releases = "0.5.0 to 0.5.2";
  g.from = {0, 5, 0};
  g.first = 12;
  g.takes_bootloader = false;
  g.listening_touch = true;
  return g;
}();

constexpr SystemGeneration k0_5_3_rc_1 = [] {
  SystemGeneration g = k0_5_0;
  g.releases = "0.5.3-rc.1";
  g.from = {0, 5, 3};
  g.first = 18;
  g.checks_installed = true;
  g.ymodem_block = 1024;
  return g;
}();

constexpr SystemGeneration k0_5_3 = [] {
  SystemGeneration g = k0_5_3_rc_1;
  g.releases = "0.5.3-rc.2 to 0.5.5";
  g.first = 19;
  g.knows_index3 = true;
  return g;
}();

constexpr SystemGeneration k0_6_0 = [] {
  SystemGeneration g = k0_5_3;
  g.releases = "0.6.0";
  g.from = {0, 6, 0};
  g.first = kFirstWithIndex3;
  g.takes_bootloader = true;
  g.touch_cancels_connecting = true;
  g.vendor = VendorScheme::numbers_1;
  return g;
}();

constexpr SystemGeneration k0_6_1 = [] {
  SystemGeneration g = k0_6_0;
  g.releases = "0.6.1 to 0.6.4";
  g.from = {0, 6, 1};
  g.first = 103;
  g.vendor = VendorScheme::numbers_10;
  return g;
}();

constexpr SystemGeneration k0_7_0 = [] {
  SystemGeneration g = k0_6_1;
  g.releases = "0.7.x";
  g.from = {0, 7, 0};
  g.first = kFirstOf070;
  g.checks_second_dependency = true;
  g.checks_installed_second = true;
  return g;
}();

// To 3.3.1, the last.
constexpr SystemGeneration k0_8_0 = [] {
  SystemGeneration g = k0_7_0;
  g.releases = "0.8.0 and later";
  g.from = {0, 8, 0};
  g.first = 300;
  g.vendor = VendorScheme::asynchronous;
  return g;
}();

constexpr std::array kGenerations{k0_4_6, k0_5_0, k0_5_3_rc_1, k0_5_3,
                                  k0_6_0, k0_6_1, k0_7_0,      k0_8_0};

// The three numbers at the start of a version; false if they are not there.
bool parse_numbers(std::string_view text, std::array<unsigned, 3>& numbers) {
  if (text.starts_with('v')) text.remove_prefix(1);
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) {
      if (at == end || *at != '.') return false;
      ++at;
    }
    const auto parsed = std::from_chars(at, end, numbers[i]);
    if (parsed.ec != std::errc()) return false;
    at = parsed.ptr;
  }
  return true;
}

}  // namespace

std::span<const SystemGeneration> system_generations() { return kGenerations; }

const SystemGeneration* generation_of(std::string_view release) {
  std::array<unsigned, 3> numbers{};
  if (!parse_numbers(release, numbers)) return nullptr;
  return &*(std::ranges::upper_bound(kGenerations, numbers, {}, &SystemGeneration::from) - 1);
}

const SystemGeneration& generation_of(std::uint16_t index2_version) {
  return *(std::ranges::upper_bound(kGenerations, index2_version, {}, &SystemGeneration::first) -
           1);
}

const SystemGeneration& oldest_generation() { return kGenerations.front(); }

}  // namespace platform
