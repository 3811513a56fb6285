// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The device configuration (DCT): two copies in two sectors, one live; a write builds the other and
// swaps (device-os v0.6.4: dct.h, v0.7.0: services/inc/dcd.h). And the system flags that bootloader
// and firmware share. Used by both programs. Operations take the flash's time.

#include "sim/board/hardware.h"

#include <cstdint>
#include <optional>

namespace sim {

// Up to 0.6.x / bootloader 11: watermark and seal only, the spare sector is always erased. Since
// 0.7.0 / bootloader 100: with a footer, a counter of writes and a CRC in it; a blank spare sector
// is not erased again. Each reads what the other wrote.
enum class DctFormat { sealed, with_footer };

class Dct {
 public:
  Dct(FlashMemory& flash, DctFormat format) : flash_(&flash), format_(format) {}

  // Bytes of application data: 16376 or 16344.
  std::uint32_t capacity() const;
  // Application data [offset, offset + length) of the live copy; 0xFF if no copy is valid or past
  // the sectors' end.
  base::Bytes read(std::uint32_t offset, std::size_t length) const;
  std::uint16_t read16(std::uint32_t offset) const;
  std::uint32_t read32(std::uint32_t offset) const;
  // With a footer, where no copy is valid: an empty one is made in the second sector.
  void prepare();
  // False: does not fit, or the flash failed.
  bool write(std::uint32_t offset, base::ByteView bytes);
  // Where the live copy's application data begins in flash; none if no copy is valid.
  std::optional<std::uint32_t> live() const;

  // Puts both copies in place without taking time: copy A live with `application_data` (the rest
  // 0xFF), copy B blank.
  static void load(FlashMemory& flash, base::ByteView application_data, DctFormat format);

 private:
  std::uint32_t seal(std::uint32_t sector) const;
  bool has_right_crc(std::uint32_t sector) const;
  std::uint32_t live_of(std::uint32_t primary, std::uint32_t secondary) const;
  bool write_sector(std::uint32_t sector, base::ByteView bytes, std::uint32_t from);
  FlashMemory* flash_;
  DctFormat format_;
};

// Offsets in the application data (device-os v2.3.1: dct.h).
inline constexpr std::uint32_t kDctSystemFlags = 0;
inline constexpr std::uint32_t kDctOtaUpdateFlag =
    1753;  // 0xA5: a module waits in staging (>=1.2.0)
inline constexpr std::uint32_t kDctClaimed = 1825;
inline constexpr std::uint32_t kDctModuleSlots = 2852;

// One of the five update slots (device-os v0.6.4: flash_mal.h). Slot 0 names the factory image.
struct ModuleSlot {
  static constexpr std::uint16_t kFactory = 0x0FAC;
  static constexpr std::uint16_t kUpdate = 0xABCD;
  static constexpr std::uint8_t kInternalFlash = 1;
  static constexpr std::uint8_t kVerifyCrc = 2;
  static constexpr std::uint8_t kVerifyDestination = 4;
  static constexpr std::uint8_t kVerifyFunction = 8;
  static constexpr int kCount = 5;

  std::uint16_t magic = 0xFFFF;
  std::uint8_t source_device = kInternalFlash;
  std::uint8_t destination_device = kInternalFlash;
  std::uint32_t source = 0;
  std::uint32_t destination = 0;
  std::uint32_t length = 0;  // CRC included
  std::uint8_t flags = kVerifyCrc | kVerifyDestination | kVerifyFunction;
  std::uint8_t function = 0;
};
base::Bytes encode(const ModuleSlot& slot);
ModuleSlot read_slot(const Dct& dct, int index);
bool write_slot(Dct& dct, int index, const ModuleSlot& slot);
bool clear_slot(Dct& dct, int index);

// The system flags (device-os v0.6.4: dct.h, platform_system_flags_t). In the DCT up to bootloader
// 11 and system 0.6.x; since 0.7.0 / bootloader 100 in the RTC's registers 4 to 9.
struct SystemFlags {
  static constexpr std::uint16_t kArmWatchdog = 0xD001;
  static constexpr std::uint16_t kFactoryReset = 0xAAAA;
  static constexpr std::uint16_t kOtaPending = 0x0005;
  static constexpr std::uint16_t kOtaDone = 0x5000;
  static constexpr std::uint8_t kSafeMode = 1;  // bit of startup_mode

  std::uint16_t bootloader_version = 0xFFFF;
  std::uint16_t nvmem_reset = 0xFFFF;
  std::uint16_t ota_update = 0xFFFF;
  std::uint16_t ota_flashed = 0xFFFF;
  std::uint16_t factory_reset = 0xFFFF;
  std::uint16_t watchdog = 0xFFFF;
  std::uint8_t dfu_on_no_firmware = 0xFF;
  std::uint8_t factory_reset_done = 0xFF;
  std::uint8_t startup_mode = 0xFF;
  std::uint8_t features = 0xFF;
  std::uint32_t reset_cause = 0xFFFFFFFF;
  bool operator==(const SystemFlags&) const = default;

  bool safe_mode() const { return startup_mode != 0xFF && (startup_mode & kSafeMode) != 0; }
};
enum class FlagStore { dct, backup_registers };
// As they lie in the DCT at kDctSystemFlags.
base::Bytes encode(const SystemFlags& flags);
// backup_registers that hold none (first start): what the DCT holds.
SystemFlags load_flags(Hardware& hardware, FlagStore store);
// Into the DCT: only if they differ from what is there, because it rewrites 16 KiB.
void save_flags(Hardware& hardware, FlagStore store, const SystemFlags& flags);

}  // namespace sim
