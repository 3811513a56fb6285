// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// One virtual Electron: flash, CPU, buttons, LED, USB connector. Not thread-safe. Time is given
// from outside: nothing happens but in advance_to() and in transfers.

#include "sim/board/hardware.h"
#include "sim/board/program.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace sim {

// How to build the program that runs after a reset (bootloader) and after the bootloader's jump.
// Split off so that each can be tested alone. The constructors run on the virtual CPU: they may
// take time and touch everything in Hardware. A null firmware is one that hangs without USB.
struct Programs {
  std::function<std::unique_ptr<Program>(Hardware&, ResetCause)> bootloader;
  std::function<std::unique_ptr<Program>(Hardware&)> firmware;
};

class Board final : private Hardware {
 public:
  // What runs on the CPU.
  enum class Running { nothing, bootloader, firmware, crashed };

  // Without power; power(true) starts it.
  Board(const platform::Platform& platform, const UniqueId& unique_id, Programs programs,
        base::Instant now);
  ~Board() override;
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  // --- the world's side ---
  void power(bool on);
  bool powered() const { return powered_; }
  void plug(bool in);  // the USB cable's data lines (power comes from the battery)
  bool plugged() const { return plugged_; }
  void press_mode(bool down);
  void press_reset(bool down);
  Led led() const;
  std::string device_id() const;  // 24 hex digits, lower case
  Running running() const { return running_; }
  std::uint32_t reset_count() const { return reset_count_; }
  const BackupRegisters& registers() const { return backup_; }

  // --- time ---
  base::Instant time() const { return now_; }
  std::optional<base::Instant> next_event() const;
  void advance_to(base::Instant when);
  // From when on the CPU takes requests: time(), or the end of what it is at.
  base::Instant ready_at() const;

  // --- the bus's side ---
  // The host sees a device: plugged, powered, pull-up on. Every change bumps attach_count().
  bool attached() const { return attached_; }
  std::uint32_t attach_count() const { return attach_count_; }
  enum class DataStage { completed, abandoned };  // abandoned: the host gave up before the IN data
  // The CPU must be free: time() >= ready_at(). The reply's `busy` is complete.
  ControlReply control(const usb::ControlSetup& setup, std::uint16_t length, base::ByteView out,
                       DataStage stage);
  bool bulk_out(std::uint8_t endpoint, base::ByteView data);  // false also while the CPU is at work
  base::Bytes bulk_in(std::uint8_t endpoint, std::size_t most);
  void bus_reset();

  FlashMemory& flash() override { return flash_; }
  const FlashMemory& flash() const { return flash_; }

 private:
  // Something the program asked for, at the moment that the CPU's clock showed.
  struct Deferred {
    enum class What { pull_up, pull_down, reset, start_firmware, crash };
    base::Instant when;
    What what;
    ResetCause cause;
  };

  base::Instant now() const override { return std::max(now_, flash_.time()); }
  void spend(base::Micros duration) override { flash_.pass(duration); }
  BackupRegisters& backup() override { return backup_; }
  const UniqueId& unique_id() const override { return unique_id_; }
  bool mode_pressed() const override { return mode_down_; }
  void pull_up(bool on) override;
  void start_watchdog(base::Micros period) override;
  void feed_watchdog() override;
  void reset(ResetCause cause) override;
  void start_firmware() override;
  void crash() override;

  template <class Call>
  void on_cpu(Call call);
  void defer(Deferred::What what, ResetCause cause);
  void run_deferred();
  void start_bootloader(ResetCause cause);
  void stop_cpu();
  void step();
  void update_attached();

  FlashMemory flash_;
  BackupRegisters backup_;
  UniqueId unique_id_;
  Programs programs_;
  std::unique_ptr<Program> program_;
  Running running_ = Running::nothing;
  Led frozen_led_;
  base::Instant now_;
  base::Instant busy_until_;
  std::deque<Deferred> deferred_;
  std::optional<base::Instant> watchdog_;
  base::Micros watchdog_period_{0};
  bool powered_ = false;
  bool plugged_ = true;
  bool pull_up_ = false;
  bool attached_ = false;
  bool mode_down_ = false;
  bool mode_told_ = false;
  bool reset_down_ = false;
  std::uint32_t attach_count_ = 0;
  std::uint32_t reset_count_ = 0;
};

}  // namespace sim
