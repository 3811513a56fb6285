// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The bootloader that is in flash, executed: a sim::Program in the place of the simulator's own, so
// that everything around it - bus, faults, power, clock, USB/IP - is the same for both.

#include "board/chip.h"
#include "sim/board/program.h"

#include <memory>

namespace board {

class ReleasedBootloader final : public sim::Program {
 public:
  // `chip` outlives the program: one chip goes through many resets.
  ReleasedBootloader(sim::Hardware& hardware, Chip& chip, sim::ResetCause cause);

  sim::ControlReply control(const usb::ControlSetup& setup, std::uint16_t length,
                            base::ByteView out) override;
  sim::ControlReply::Kind data_taken() override;
  void bus_reset() override;
  sim::Led led() const override;
  std::optional<base::Instant> next_event() const override;
  void run(base::Instant now) override;

 private:
  sim::ControlReply control_in(std::uint16_t length);
  sim::ControlReply control_out(base::ByteView out);
  UsbCore::Handshake send(base::ByteView packet);
  UsbCore::Handshake fetch(base::Bytes& packet);
  void token(const usb::ControlSetup& setup, std::uint16_t length);

  Chip& chip_;
  bool data_stage_ = false;  // of the transfer under way
};

}  // namespace board
