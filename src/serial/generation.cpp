// SPDX-License-Identifier: GPL-3.0-or-later
#include "serial/generation.h"

#include <charconv>

namespace serial {
namespace {

// Blocks: 1024 bytes were seen to work on 0.5.3 and later, and to fail on 0.4.8-rc.6; what was not
// tried gets 128, which every release takes. Bootloaders: device-os v0.5.3 and v0.6.0,
// hal/src/electron/ota_flash_hal.cpp.
constexpr std::array<Generation, 7> kGenerations{{
    {.name = "up to 0.4.9",
     .from = {0, 0, 0},
     .block = 128,
     .listening_touch = false,
     .touch_cancels_connecting = false,
     .swallows_input = true,
     .bootloader_by_serial = true,
     .vendor = VendorScheme::none,
     .refusal = RefusalWords::claims_success},
    {.name = "0.5.0 to 0.5.2",
     .from = {0, 5, 0},
     .block = 128,
     .listening_touch = true,
     .touch_cancels_connecting = false,
     .swallows_input = true,
     .bootloader_by_serial = false,
     .vendor = VendorScheme::none,
     .refusal = RefusalWords::claims_success},
    {.name = "0.5.3 to 0.5.5",
     .from = {0, 5, 3},
     .block = 1024,
     .listening_touch = true,
     .touch_cancels_connecting = false,
     .swallows_input = true,
     .bootloader_by_serial = false,
     .vendor = VendorScheme::none,
     .refusal = RefusalWords::claims_success},
    {.name = "0.6.0",
     .from = {0, 6, 0},
     .block = 1024,
     .listening_touch = true,
     .touch_cancels_connecting = true,
     .swallows_input = false,
     .bootloader_by_serial = true,
     .vendor = VendorScheme::numbers_1,
     .refusal = RefusalWords::claims_success},
    {.name = "0.6.1 to 0.7.x",
     .from = {0, 6, 1},
     .block = 1024,
     .listening_touch = true,
     .touch_cancels_connecting = true,
     .swallows_input = false,
     .bootloader_by_serial = true,
     .vendor = VendorScheme::numbers_10,
     .refusal = RefusalWords::mask},
    {.name = "0.8.0 to 1.5.x",
     .from = {0, 8, 0},
     .block = 1024,
     .listening_touch = true,
     .touch_cancels_connecting = true,
     .swallows_input = false,
     .bootloader_by_serial = true,
     .vendor = VendorScheme::asynchronous,
     .refusal = RefusalWords::mask},
    {.name = "2.0.0 and later",
     .from = {2, 0, 0},
     .block = 1024,
     .listening_touch = true,
     .touch_cancels_connecting = true,
     .swallows_input = false,
     .bootloader_by_serial = true,
     .vendor = VendorScheme::asynchronous,
     .refusal = RefusalWords::lost_in_reset},
}};

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

std::span<const Generation> generations() { return kGenerations; }

const Generation* generation_of(std::string_view release) {
  std::array<unsigned, 3> numbers{};
  if (!parse_numbers(release, numbers)) return nullptr;
  const Generation* found = nullptr;
  for (const Generation& generation : kGenerations) {
    if (generation.from <= numbers) found = &generation;
  }
  return found;
}

const Generation& oldest_generation() { return kGenerations.front(); }

}  // namespace serial
