// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A released bootloader that is executed beside the simulator's profile of it: both are asked the
// same, and every difference in answer, flash, presence on the bus and class of time is told.

#include "board/bench.h"
#include "board/images.h"
#include "board/questions.h"

#include <string>

namespace board {

class Pair {
 public:
  explicit Pair(const Image& image);
  // Beside another profile than the image's own.
  Pair(const Image& image, const sim::BootloaderProfile& profile);

  // Both in DFU mode, configured, in dfuIDLE, with the same flash.
  void begin();
  // "" or what differs.
  std::string ask(const Question& question);
  // The state machine, its status twice, and the flash.
  std::string compare_states();
  // An unplugged device must be enumerated before it can be asked again.
  bool gone() const { return gone_; }

  Bench& executed() { return executed_; }
  Bench& profile() { return profile_; }

 private:
  Bench executed_;
  Bench profile_;
  bool gone_ = false;
};

}  // namespace board
