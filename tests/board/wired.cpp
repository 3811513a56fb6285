// SPDX-License-Identifier: GPL-3.0-or-later
#include "board/wired.h"

#include "platform/platform.h"
#include "sim/firmware/firmware.h"

namespace board {

using std::chrono::milliseconds;
using std::chrono::seconds;

Wired::Wired(Kind kind, base::ByteView image, const sim::BootloaderProfile& profile)
    : board_(std::make_unique<sim::Board>(platform::electron(), Bench::kUniqueId,
                                          programs(kind, profile), base::Instant{})),
      wire_(base::Instant{}),
      host_(wire_) {
  board_->flash().load(platform::electron().flash.begin, image);
  wire_.add(*board_);
}

sim::Programs Wired::programs(Kind kind, const sim::BootloaderProfile& profile) {
  sim::Programs programs;
  if (kind == Kind::executed) {
    programs.bootloader = [this](sim::Hardware& hardware, sim::ResetCause cause) {
      if (!chip_) {
        chip_ = std::make_unique<Chip>(hardware);
        chip_->set_observer([this](const Chip::FlashChange& change) {
          if (observer_) observer_(change);
        });
      }
      return std::make_unique<ReleasedBootloader>(hardware, *chip_, cause);
    };
  } else {
    programs.bootloader = [&profile](sim::Hardware& hardware, sim::ResetCause cause) {
      return sim::make_bootloader(hardware, cause, profile);
    };
  }
  programs.firmware = [](sim::Hardware& hardware) { return sim::make_firmware(hardware, {}); };
  return programs;
}

void Wired::into_dfu() {
  board_->power(false);
  board_->press_mode(true);
  board_->power(true);
  pass(milliseconds(4500));
  board_->press_mode(false);
  pass(seconds(2));
}

}  // namespace board
