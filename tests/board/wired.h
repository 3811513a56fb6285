// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A board on a bus, as a computer sees it: its bootloader executed or the simulator's profile of
// it, its system firmware the simulator's; nothing but the bootloader differs between the two.

#include "board/bench.h"
#include "sim/bus/virtual_host.h"

#include <functional>
#include <memory>

namespace board {

class Wired {
 public:
  // Without power; `image` is the released bootloader, the rest of the flash is blank. `profile`
  // is what stands for it where it is not executed, and outlives the board.
  Wired(Kind kind, base::ByteView image, const sim::BootloaderProfile& profile);
  Wired(const Wired&) = delete;
  Wired& operator=(const Wired&) = delete;

  // On, with MODE held until it is in DFU mode, as somebody at the bench does.
  void into_dfu();
  void pass(base::Micros duration) { wire_.advance_to(wire_.now() + duration); }
  // Of an executed bootloader: before it is on for the first time.
  void set_observer(std::function<void(const Chip::FlashChange&)> observer) {
    observer_ = std::move(observer);
  }

  sim::Board& board() { return *board_; }
  const sim::Board& board() const { return *board_; }
  sim::Wire& wire() { return wire_; }
  sim::VirtualHost& host() { return host_; }
  Chip& chip() { return *chip_; }  // of an executed one that has been on

 private:
  sim::Programs programs(Kind kind, const sim::BootloaderProfile& profile);

  std::unique_ptr<Chip> chip_;
  std::function<void(const Chip::FlashChange&)> observer_;
  std::unique_ptr<sim::Board> board_;
  sim::Wire wire_;
  sim::VirtualHost host_;
};

}  // namespace board
