// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the virtual CPU runs: the bootloader or the system firmware, one at a time. The board asks
// it about USB traffic, buttons and time, and takes it away at every reset.

#include "base/bytes.h"
#include "base/clock.h"
#include "usb/setup.h"

#include <cstdint>
#include <optional>
#include <string>

namespace sim {

// The device's answer to a control transfer.
struct ControlReply {
  enum class Kind {
    done,          // data (IN) or acknowledged (OUT)
    stall,         // STALL, nothing transferred
    stall_status,  // the data went over, the status stage is stalled: how a failed operation shows
    never,         // NAK until the host gives up
    gone,          // the device drops off the bus in the middle (14400 touch)
  };
  Kind kind = Kind::done;
  base::Bytes data;  // IN; longer than wLength is babble, an error at the host
  // The transfer completes this much later, the CPU being at work. What flash operations and
  // Hardware::spend() took during the call is added by the board; programs leave it 0.
  base::Micros busy{0};
};
inline ControlReply stall() { return {.kind = ControlReply::Kind::stall, .data = {}}; }
// The data of an IN transfer, no more of it than was asked for.
inline ControlReply answer(base::Bytes data, std::uint16_t length) {
  if (data.size() > length) data.resize(length);
  return {.kind = ControlReply::Kind::done, .data = std::move(data)};
}
inline ControlReply answer(base::ByteView data, std::uint16_t length) {
  return answer(base::Bytes(data.begin(), data.end()), length);
}

struct Led {
  std::string colour = "off";   // "blue", "yellow", "magenta", "red", "green", "white", "cyan"
  std::string pattern = "off";  // "blinking", "fast blinking", "breathing", "solid", "SOS"
  bool operator==(const Led&) const = default;
};

class Program {
 public:
  virtual ~Program() = default;

  // Control transfers, standard ones (descriptors, SET_CONFIGURATION, …) included; SET_ADDRESS is
  // the bus's business. `out` is the data of an OUT transfer; wLength is `length`.
  virtual ControlReply control(const usb::ControlSetup& setup, std::uint16_t length,
                               base::ByteView out) = 0;
  // The host has taken the data of an IN transfer: what the device does before the status stage.
  // Not called when the host gave up first. `done` or `stall_status`.
  virtual ControlReply::Kind data_taken() { return ControlReply::Kind::done; }
  // One packet or more for a bulk OUT endpoint; false: NAK, offer it again later.
  virtual bool bulk_out(std::uint8_t endpoint, base::ByteView data);
  // At most `most` bytes from a bulk or interrupt IN endpoint; empty: NAK.
  virtual base::Bytes bulk_in(std::uint8_t endpoint, std::size_t most);
  virtual void bus_reset() {}

  // MODE pressed or released (told when the CPU is free).
  virtual void mode_button(bool pressed) { static_cast<void>(pressed); }
  virtual Led led() const = 0;

  // Time: the moment at which something happens by itself, and doing everything due up to `now`.
  // After run() next_event() must lie in the future.
  virtual std::optional<base::Instant> next_event() const { return std::nullopt; }
  virtual void run(base::Instant now) { static_cast<void>(now); }
};

}  // namespace sim
