// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/waypoints.h"

#include "plan/state.h"

#include <array>

namespace plan {
namespace {

constexpr std::array<Waypoint, 4> kWaypoints{{
    {"0.6.4", kVersion064},
    {"0.5.5", 23},
    {"0.5.4", 22},
    {"0.5.3", kVersion053},
}};

using platform::kBootloader060;
using platform::kBootloader070;

bool is_05x_waypoint(std::uint16_t version) {
  return version >= kVersion053 && version < kFirstWithIndex3;
}

}  // namespace

std::span<const Waypoint> waypoints() { return kWaypoints; }

bool may_follow(std::uint16_t low, std::uint16_t high, std::uint16_t target) {
  // Parts that contradict each other: begin with a release that both ways lead through.
  if (low < kVersion053 && high >= kFirstOf070) return is_05x_waypoint(target);
  if (target >= kFirstWithIndex3 && low < kVersion053) return false;
  if (target >= kFirstOf070 && low < kVersion064) return false;
  return !(target < kVersion064 && high >= kFirstOf070);
}

bool follows_anything(std::uint16_t stage, std::uint16_t target) {
  if (target >= kFirstOf070) return stage == kVersion064;
  if (target >= kFirstWithIndex3) return is_05x_waypoint(stage);
  return stage == target;
}

bool bootloader_vouches(std::optional<std::uint16_t> bootloader, std::uint16_t target) {
  if (!bootloader) return false;
  if (target >= kFirstOf070) return *bootloader >= kBootloader070;
  // A bootloader of 0.7.0 or later tells of a past from which 0.6.4 alone leads down.
  return *bootloader >= kBootloader060 && (target == kVersion064 || *bootloader < kBootloader070);
}

std::string why_through(std::uint16_t stage, std::optional<std::uint16_t> from,
                        std::uint16_t target) {
  if (!from) {
    return "what ran here before is not known: this release can follow any, and prepares the "
           "device for the next stage";
  }
  if (stage == kVersion064 && target >= kFirstOf070) {
    return "0.7.0 and later install only over 0.6.4: their system part 3 needs system part 2 of "
           "0.6.4 or newer";
  }
  if (stage == kVersion064) {
    return "the way down from 0.7.0 and later leads through 0.6.4: their system part 3 forbids "
           "an older system part 2, and 0.6.4 puts the old bootloader back";
  }
  if (is_05x_waypoint(stage)) {
    return "0.6.0 and later install only over 0.5.3 or newer: older firmware does not know "
           "system part 3";
  }
  return "it is on the way to the target";
}

}  // namespace plan
