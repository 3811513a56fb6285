// SPDX-License-Identifier: GPL-3.0-or-later
#include "platform/platform.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace platform {
namespace {

// device-os v2.3.1: services/inc/module_info.h
constexpr std::array<std::string_view, 9> kFunctionNames{
    "none",      "resource", "bootloader", "monolithic",  "system-part",
    "user-part", "settings", "ncp",        "radio-stack",
};

// device-os v2.3.1 and later: build/platform-id.mk
constexpr std::array<std::pair<std::uint16_t, std::string_view>, 16> kPlatformNames{{
    {0, "Core"},
    {3, "GCC (virtual device)"},
    {6, "Photon"},
    {8, "P1"},
    {10, "Electron"},
    {12, "Argon"},
    {13, "Boron"},
    {14, "Xenon"},
    {15, "E SoM X"},
    {22, "Argon SoM"},
    {23, "B SoM"},
    {24, "Xenon SoM"},
    {25, "B5 SoM"},
    {26, "Tracker"},
    {28, "Tracker M"},
    {32, "Photon 2"},
}};

}  // namespace

std::string_view name(ModuleFunction function) {
  const auto number = static_cast<std::size_t>(function);
  return number < kFunctionNames.size() ? kFunctionNames[number] : "unknown";
}

ModuleFunction function_from_name(std::string_view text) {
  const auto found = std::find(kFunctionNames.begin(), kFunctionNames.end(), text);
  if (found == kFunctionNames.end()) return ModuleFunction::none;
  return static_cast<ModuleFunction>(found - kFunctionNames.begin());
}

std::string describe(ModuleId id) {
  switch (id.function) {
    case ModuleFunction::bootloader:
      return "bootloader";
    case ModuleFunction::user_part:
      return "user part";
    case ModuleFunction::system_part:
      return fmt::format("system part {}", id.index);
    case ModuleFunction::monolithic:
      return "monolithic firmware";
    default:
      return fmt::format("{} {}", name(id.function), id.index);
  }
}

const Slot* Platform::slot(ModuleId module) const {
  const auto found = std::find_if(slots.begin(), slots.end(),
                                  [&](const Slot& slot) { return slot.module == module; });
  return found == slots.end() ? nullptr : &*found;
}

const Slot* Platform::slot_at(std::uint32_t start) const {
  const auto found = std::find_if(slots.begin(), slots.end(),
                                  [&](const Slot& slot) { return slot.flash.begin == start; });
  return found == slots.end() ? nullptr : &*found;
}

const Sector* Platform::sector_at(std::uint32_t address) const {
  const auto found = std::find_if(sectors.begin(), sectors.end(), [&](const Sector& sector) {
    return sector.range.contains(address);
  });
  return found == sectors.end() ? nullptr : &*found;
}

const Platform* find(std::uint16_t id) {
  for (const Platform* platform : all()) {
    if (platform->id == id) return platform;
  }
  return nullptr;
}

std::span<const Platform* const> all() {
  static const std::array<const Platform*, 1> kAll{&electron()};
  return kAll;
}

std::string platform_name(std::uint16_t id) {
  for (const auto& [number, text] : kPlatformNames) {
    if (number == id) return std::string(text);
  }
  return fmt::format("platform {}", id);
}

}  // namespace platform
