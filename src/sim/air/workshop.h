// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a virtual Electron does when it is started, and when an update reaches it: worked out on a
// real virtual board (sim/board), with its bootloader, its copy of the module, the firmware's own
// bootloader update and every way to be dead, and given as a value. The same chip with the same
// update always does the same, so it is worked out once.

#include "base/result.h"
#include "sim/air/chip.h"
#include "sim/firmware/acceptance.h"
#include "sim/world/electron.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

namespace sim {

// How a start ended.
struct Start {
  std::shared_ptr<const Chip> chip;  // as it is now
  bool runs = false;                 // else dead to the air: crash loop, hang, DFU mode
  bool safe_mode = false;            // the application is not run
  base::Micros took{0};              // from the reset to the running firmware
  std::uint16_t index1 = 0;          // module versions; 0xFFFF: nothing there
  std::uint16_t index2 = 0;
  std::uint16_t index3 = 0;
  std::uint16_t wanted_index2 = 0;  // by the application; 0: none
  std::string version;              // what it calls itself
  // The describe answer from `"m":` on, without the last brace, in the shape of the running
  // release.
  std::string modules;
  std::string application;  // SHA-256 of the application as the list names it; empty: none
  std::string made_of;      // FirmwareOptions::made_of
};

struct Delivery {
  Judgement judgement;
  bool restarted = false;  // false: as of 3.0.0 a refusal changes nothing
  Start start;             // without a restart: as before
};

class Workshop {
 public:
  // A device as it comes from `spec`, switched on. `library`: the released files that are at hand.
  // Errors: as make_board().
  base::Result<Start> make(const ElectronSpec& spec, const release::Library& library);
  // The whole of an image has come over the air to the device that ended its last start as
  // `before`. `power_cut`: so long after its restart the battery is out for a second.
  // Valid until the next call: what was worked out long ago is forgotten when it becomes too much.
  const Delivery& deliver(const Start& before, base::ByteView image,
                          std::optional<base::Micros> power_cut = std::nullopt);
  std::size_t worked_out() const { return deliveries_.size(); }

 private:
  using Key = std::tuple<const Chip*, std::string, std::string, std::int64_t>;

  Start look(const Board& board, const FirmwareOptions& options);

  // What was worked out, and the chip that its key names: as long as that is here, no other chip
  // has its address.
  struct Known {
    std::shared_ptr<const Chip> chip;
    std::unique_ptr<const Delivery> delivery;
  };

  ChipStore chips_;
  std::map<Key, Known> deliveries_;
};

}  // namespace sim
