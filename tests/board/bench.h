// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// One board and a hand that asks it, without a bus in between: the same for a released bootloader
// that is executed and for the simulator's profile of it.

#include "board/released_bootloader.h"
#include "sim/board/board.h"
#include "sim/bootloader/bootloader.h"
#include "sim/bootloader/bootloader_profiles.h"

#include <memory>
#include <string_view>

namespace board {

enum class Kind { executed, profile };

class Bench {
 public:
  static constexpr sim::UniqueId kUniqueId{0x2B, 0x00, 0x36, 0x00, 0x0A, 0x47,
                                           0x33, 0x35, 0x34, 0x39, 0x33, 0x38};

  // `image` is the released bootloader; the rest of the flash is blank. `profile` is what stands
  // for it where it is not executed, and outlives the bench.
  Bench(Kind kind, base::ByteView image, const sim::BootloaderProfile& profile);
  Bench(Kind kind, base::ByteView image);

  sim::Board& board() { return *board_; }
  Chip& chip() { return *chip_; }
  Kind kind() const { return kind_; }
  base::Instant now() const { return board_->time(); }

  void pass(base::Micros duration) { board_->advance_to(board_->time() + duration); }
  // Until the device is on the bus; false if it is not after `most`.
  bool wait_for_attach(base::Micros most);
  // Off and on again, with MODE held until it is in DFU mode.
  void power_cycle();
  // Bus reset, address, SET_CONFIGURATION 1.
  bool enumerate();

  struct Answer {
    sim::ControlReply::Kind kind = sim::ControlReply::Kind::done;
    base::Bytes data;
    base::Micros took{0};
  };
  Answer ask(const usb::ControlSetup& setup, std::uint16_t length, base::ByteView out = {},
             sim::Board::DataStage stage = sim::Board::DataStage::completed);
  // The same, and then what the DFU state machine says of itself.
  Answer in(std::uint8_t type, std::uint8_t request, std::uint16_t value, std::uint16_t index,
            std::uint16_t length);
  Answer out(std::uint8_t type, std::uint8_t request, std::uint16_t value, std::uint16_t index,
             base::ByteView data = {});

  // A device in DFU mode, to come back to it: for `executed` the whole chip, for `profile` by its
  // own way.
  void save();
  void restore();

 private:
  Kind kind_;
  std::unique_ptr<Chip> chip_;
  std::unique_ptr<sim::Board> board_;
  std::shared_ptr<const Chip::Snapshot> saved_;
  std::unique_ptr<sim::FlashMemory> saved_flash_;
};

}  // namespace board
