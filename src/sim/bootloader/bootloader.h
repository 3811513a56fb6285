// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The bootloader as a program: the boot decision (device-os v0.6.4: bootloader/src/main.c) and DFU
// with every oddity (dfu_device.h). The differences between versions are data:
// bootloader_profiles.h.

#include "sim/board/hardware.h"
#include "sim/board/program.h"
#include "sim/bootloader/bootloader_profiles.h"
#include "sim/bootloader/dfu_device.h"

#include <memory>
#include <optional>

namespace sim {

class Bootloader final : public Program {
 public:
  // Starts at once, as after a reset.
  Bootloader(Hardware& hardware, ResetCause cause, const BootloaderProfile& profile);

  ControlReply control(const usb::ControlSetup& setup, std::uint16_t length,
                       base::ByteView out) override;
  ControlReply::Kind data_taken() override;
  void bus_reset() override;
  void mode_button(bool pressed) override;
  Led led() const override;
  std::optional<base::Instant> next_event() const override;
  void run(base::Instant now) override;

 private:
  enum class Phase { button, dfu, over };
  struct Wishes {
    bool dfu = false;
    bool safe_mode = false;
    bool factory_reset = false;
    bool settings_reset = false;
  };

  void take_requests(ResetCause cause);
  base::Micros held() const;
  void show_button(base::Micros held);
  void finish_button(base::Micros held);
  void decide();
  void enter_dfu();
  void boot();
  bool firmware_looks_valid() const;
  std::optional<ModuleSlot> factory_slot() const;
  bool restore_factory();
  void apply_updates();
  void leave();

  Hardware& hardware_;
  const BootloaderProfile& profile_;
  Phase phase_ = Phase::over;
  Wishes wishes_;
  SystemFlags flags_;
  base::Instant button_since_{};
  base::Micros button_shown_{0};  // how long it was held when the LED was last set
  Led led_;
  std::optional<DfuDevice> dfu_;
};

// For Programs::bootloader: the profile of the bootloader that is in flash (the version in its
// header), so that a bootloader written by the firmware takes effect at the next reset. `preferred`
// is taken if it has that version (two bootloaders are numbered 7). No whole bootloader there: a
// dead device, as when power goes while the firmware replaces it.
std::unique_ptr<Program> make_bootloader(Hardware& hardware, ResetCause cause,
                                         const BootloaderProfile& preferred);

}  // namespace sim
