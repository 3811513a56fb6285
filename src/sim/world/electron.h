// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Whole virtual Electrons, and the world they live in.

#include "base/clock.h"
#include "base/result.h"
#include "sim/board/board.h"
#include "sim/bus/faults.h"
#include "sim/bus/serial_port.h"
#include "sim/bus/virtual_clock.h"
#include "sim/bus/virtual_host.h"
#include "sim/bus/wire.h"
#include "sim/firmware/firmware.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace release {
struct Library;
}  // namespace release

namespace sim {

// One Electron as it is before power is applied. What is not said is as a device in order has it:
// keys and EEPROM with made-up contents, a small application.
struct ElectronSpec {
  // How the world hands it over. normal: switched on, whatever then comes of it.
  enum class Mode { normal, dfu, listening, safe, off };

  std::string release;                // "0.4.8-rc.6": all its modules; "": none
  std::vector<base::Bytes> modules;   // images put at their own addresses, over the release's
  std::string bootloader;             // profile; "": the release's, without a release "11"
  std::optional<UniqueId> unique_id;  // default: made from `seed`
  Mode mode = Mode::normal;
  bool user_app = true;
  bool factory_image = false;       // a valid application image in the factory sector
  bool factory_registered = false;  // and update slot 0 that names it
  bool keys = true;                 // false: nothing was ever written into its configuration
  std::vector<Fault> faults;        // begin when the world hands the board over
  std::uint64_t seed = 1;           // of keys, EEPROM contents, id
  std::string flash_image;          // path of 1 MiB; instead of all contents above
  bool foreign = false;             // no Electron but somebody else's DFU device: foreign_device.h
  FirmwareOptions firmware;
};

// Errors: usage (unknown release, bootloader), bad_module (a module for no slot).
base::Result<std::unique_ptr<Board>> make_board(const ElectronSpec& spec,
                                                const release::Library& library, base::Instant now);

// The JSON of a state file: release or modules (as `info --json` prints them), bootloader, id, mode
// ("normal", "dfu", "listening", "safe", "off"), user_app, factory, factory_registered, keys,
// faults (list of texts), seed, flash (path of an image), imei, iccid, sim_card, network, claimed,
// dfu_touch (false: the application has changed the speed that means DFU mode); and the keys of
// `info --json`. Where it says "schema", a program has written it, and any other key is passed
// over; else it is an error. Errors: bad_file.
base::Result<ElectronSpec> parse_spec(std::string_view json);

// What stands behind "sim:": a release, "blank", or the path of a JSON file. Errors: usage,
// bad_file.
base::Result<ElectronSpec> parse_state(std::string_view state);

class SimWorld {
 public:
  // The boards are switched on and brought into their modes; with Enumeration::here that takes
  // virtual time, until every device that will is on the bus.
  static base::Result<std::unique_ptr<SimWorld>> make(const std::vector<ElectronSpec>& electrons,
                                                      const release::Library& library,
                                                      VirtualHost::Enumeration enumeration);
  // One board from "sim:STATE" (or STATE).
  static base::Result<std::unique_ptr<SimWorld>> from_selector(std::string_view selector,
                                                               const release::Library& library);

  VirtualHost& usb() { return host_; }
  serial::Ports& serial() { return ports_; }
  base::Clock& clock() { return clock_; }
  Wire& wire() { return wire_; }
  Board& board(std::size_t number) { return *boards_[number]; }
  std::size_t size() const { return boards_.size(); }

 private:
  // Only make() can name it, so that only make() makes worlds.
  struct Key {};

 public:
  SimWorld(Key, VirtualHost::Enumeration enumeration);

 private:
  void hand_over(const std::vector<ElectronSpec>& electrons, VirtualHost::Enumeration enumeration);
  void pass(base::Micros duration) { wire_.advance_to(wire_.now() + duration); }

  std::vector<std::unique_ptr<Board>> boards_;
  Wire wire_;
  VirtualHost host_;
  SimPorts ports_;
  VirtualClock clock_;
};

}  // namespace sim
