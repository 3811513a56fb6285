// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The releases by way of which others are reached, and what is known about a device on which no
// firmware runs that could be asked.
//
//   to 0.6.0 and later   from older than 0.5.3        through 0.5.3, 0.5.4 or 0.5.5
//   to 0.7.0 and later   from 0.6.3 and older         through 0.6.4
//   to 0.6.3 and older   from 0.7.0 and later         through 0.6.4

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace plan {

struct Waypoint {
  std::string_view release;
  std::uint16_t module_version;
};

// In order of preference: newest first.
std::span<const Waypoint> waypoints();

// The table above: may `target` be written to a device that last ran `low` (at the oldest) and has
// no part newer than `high`? All three are module versions of system parts.
bool may_follow(std::uint16_t low, std::uint16_t high, std::uint16_t target);

// Nothing is known about the past: is `stage` a good beginning on the way to `target`?
bool follows_anything(std::uint16_t stage, std::uint16_t target);

// Does the bootloader prove a past that `target` may follow? The firmware installs it by itself: 8
// to 11 come with 0.6.x, 101 and later with 0.7.0 and later.
bool bootloader_vouches(std::optional<std::uint16_t> bootloader, std::uint16_t target);

// Why the way from `from` (module version, none if not known) to `target` goes through `stage`.
std::string why_through(std::uint16_t stage, std::optional<std::uint16_t> from,
                        std::uint16_t target);

}  // namespace plan
