// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Whole virtual Electrons, and the world they live in.

#include "base/clock.h"
#include "base/result.h"
#include "sim/board.h"
#include "sim/bus.h"
#include "sim/faults.h"
#include "sim/serial_port.h"
#include "sim/virtual_clock.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace release {
class Catalogue;
struct Library;
}  // namespace release

namespace sim {

// One Electron as it is before power is applied. Everything not said is as a device in order has
// it.
struct ElectronSpec {
  enum class Mode { normal, dfu, listening, safe };

  std::string release;                // "0.4.8-rc.6": all its modules; "" for none
  std::vector<base::Bytes> modules;   // images put at their own addresses, over the release's
  std::string bootloader;             // profile, "" for the release's (blank: "11")
  std::optional<UniqueId> unique_id;  // default: made from `seed`
  Mode mode = Mode::normal;           // what the world makes of it at the start
  bool user_app = true;               // a small application, as a shipped device has one
  bool factory_image = false;         // a valid application image in the factory sector
  bool factory_registered = false;    // and its update slot 0
  std::vector<Fault> faults;
  std::uint64_t seed = 1;   // of synthesised contents (keys, EEPROM, module filling)
  base::Bytes flash_image;  // 1 MiB; instead of all the above contents
};

class SimWorld {
 public:
  // Errors: usage (unknown release or bootloader), bad_module. With Enumeration::outside the boards
  // are in the mode asked for all the same; it is the caller who moves time on from then.
  static base::Result<std::unique_ptr<SimWorld>> make(const std::vector<ElectronSpec>& electrons,
                                                      const release::Library& library,
                                                      SimBus::Enumeration enumeration);
  // "sim:STATE", STATE being a release, "blank", or a JSON file's path. Errors: usage, bad_file.
  static base::Result<std::unique_ptr<SimWorld>> from_selector(std::string_view selector,
                                                               const release::Library& library);

  usb::Host& usb() { return bus_; }
  serial::Ports& serial() { return ports_; }
  base::Clock& clock() { return clock_; }
  SimBus& bus() { return bus_; }
  Board& board(std::size_t number) { return *boards_[number]; }
  std::size_t size() const { return boards_.size(); }

 private:
  SimWorld(SimBus::Enumeration enumeration);
  std::vector<std::unique_ptr<Board>> boards_;
  SimBus bus_;
  SimPorts ports_;
  VirtualClock clock_;
};

// The JSON of a state file: release | modules, bootloader, id, mode, factory, faults, seed, flash.
// Unknown keys are errors. Paths in it are relative to the working directory.
base::Result<ElectronSpec> parse_spec(std::string_view json);

}  // namespace sim
