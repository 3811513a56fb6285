// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// One virtual Electron: flash, CPU, buttons, LED, USB connector. Not thread-safe. Time is given
// from outside: nothing happens but in advance_to() and in transfers.

#include "sim/hardware.h"
#include "sim/program.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace sim {

// How to build the program that runs after a reset (bootloader) and after the bootloader's jump.
// Split off so that each can be tested alone.
struct Programs {
  std::function<std::unique_ptr<Program>(Hardware&, ResetCause)> bootloader;
  std::function<std::unique_ptr<Program>(Hardware&)> firmware;
};

class Board final : private Hardware {
 public:
  Board(const platform::Platform& platform, std::array<std::uint8_t, 12> unique_id,
        Programs programs, base::Instant now);

  // --- the world's side ---
  void power(bool on);
  bool powered() const { return powered_; }
  void plug(bool in);  // the USB cable's data lines (power comes from the battery)
  void press_mode(bool down);
  void press_reset(bool down);
  Led led() const;
  std::string device_id() const;  // 24 hex digits, lower case

  // --- time ---
  base::Instant now() const override { return now_; }
  std::optional<base::Instant> next_event() const;
  void advance_to(base::Instant when);

  // --- the bus's side ---
  // The host sees a device: plugged, powered, pull-up on. Every change bumps attach_count().
  bool attached() const;
  std::uint32_t attach_count() const { return attach_count_; }
  ControlReply control(const usb::ControlSetup& setup, std::uint16_t length, base::ByteView out);
  bool bulk_out(std::uint8_t endpoint, base::ByteView data);
  base::Bytes bulk_in(std::uint8_t endpoint, std::size_t most);
  void bus_reset();

  FlashMemory& flash() override { return flash_; }

 private:
  BackupRegisters& backup() override { return backup_; }
  const std::array<std::uint8_t, 12>& unique_id() const override { return unique_id_; }
  bool mode_pressed() const override { return mode_down_; }
  void pull_up(bool on) override;
  void start_watchdog(base::Micros period) override;
  void feed_watchdog() override;
  void reset(ResetCause cause) override;
  void start_firmware() override;
  void crash() override;

  FlashMemory flash_;
  BackupRegisters backup_;
  std::array<std::uint8_t, 12> unique_id_;
  Programs programs_;
  std::unique_ptr<Program> program_;
  base::Instant now_;
  bool powered_ = false;
  bool plugged_ = true;
  bool pull_up_ = false;
  bool mode_down_ = false;
  bool reset_down_ = false;
  std::uint32_t attach_count_ = 0;
};

}  // namespace sim
