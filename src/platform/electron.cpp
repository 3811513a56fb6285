// SPDX-License-Identifier: GPL-3.0-or-later
//
// The Particle Electron and E Series (STM32F205, 1 MiB of flash), platform 10: every address, USB
// identity and trigger of it.

#include "platform/platform.h"

#include <array>

namespace platform {
namespace {

// RM0033 (STM32F205 reference manual), table 3; uses from device-os v0.6.4:
// hal/src/electron/ota_flash_hal.cpp and
// platform/MCU/STM32F2xx/SPARK_Firmware_Driver/src/flash_mal.c
constexpr std::array<Sector, 12> kSectors{{
    {{0x08000000, 0x08004000}, SectorUse::bootloader},
    {{0x08004000, 0x08008000}, SectorUse::configuration},
    {{0x08008000, 0x0800C000}, SectorUse::configuration},
    {{0x0800C000, 0x08010000}, SectorUse::eeprom},
    {{0x08010000, 0x08020000}, SectorUse::eeprom},
    {{0x08020000, 0x08040000}, SectorUse::module},
    {{0x08040000, 0x08060000}, SectorUse::module},
    {{0x08060000, 0x08080000}, SectorUse::module},
    {{0x08080000, 0x080A0000}, SectorUse::module},
    {{0x080A0000, 0x080C0000}, SectorUse::factory},
    {{0x080C0000, 0x080E0000}, SectorUse::staging},
    {{0x080E0000, 0x08100000}, SectorUse::free},
}};

// device-os v0.6.4: hal/src/electron/ota_flash_hal.cpp (module bounds)
constexpr std::array<Slot, 5> kSlots{{
    {kBootloader, {0x08000000, 0x08004000}},
    {kSystemPart1, {0x08020000, 0x08040000}},
    {kSystemPart2, {0x08040000, 0x08060000}},
    {kSystemPart3, {0x08060000, 0x08080000}},
    {kUserPart, {0x08080000, 0x080A0000}},
}};

constexpr Platform kElectron{
    .id = 10,
    .name = "Electron",
    .usb = {.vendor = 0x2B04, .dfu_product = 0xD00A, .serial_product = 0xC00A},
    .flash = {0x08000000, 0x08100000},
    .dfu_writable = {0x08020000, 0x08100000},
    .configuration = {0x08004000, 0x0800C000},
    // device-os v2.3.1: services/inc/dct.h
    .configuration_layout = {.factory_slot = 2852, .device_key = 3106},
    .factory = {0x080A0000, 0x080C0000},
    .staging = {0x080C0000, 0x080E0000},
    .bootloader_version_address = 0x0800018E,
    .sectors = kSectors,
    .slots = kSlots,
    .serial = {.dfu_baud = 14400, .listening_baud = 28800},
};

}  // namespace

const Platform& electron() { return kElectron; }

}  // namespace platform
