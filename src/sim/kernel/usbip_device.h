// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A board of the virtual bus at the far end of the kernel's virtual host controller: transfers come
// in as USB/IP messages, go to the board one after another as on a wire, and are answered when the
// wire and the board's CPU would have been done with them. Holds no socket: bytes in, bytes out,
// time from the bus, so that all of it can be tested without a kernel.

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "sim/bus/wire.h"
#include "sim/kernel/usbip.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace sim {

class UsbipDevice {
 public:
  // Board `number` of `wire`, which outlives the device and lets somebody outside enumerate. One
  // device is one connection: it is of no use any more once the board has left the bus.
  UsbipDevice(Wire& wire, std::size_t number, const BusTiming& timing);

  // What came from the kernel. Errors: protocol, the connection must be closed.
  base::Result<> receive(base::ByteView bytes);
  // Carries out what can be carried out at the bus's time. To be called after everything that
  // happens on the bus: a board that had no data may have some now.
  void run();
  // When run() should be called again even if nothing comes in.
  std::optional<base::Instant> next_event() const;
  // What is to be sent to the kernel; taken away by the call.
  base::Bytes take_output();

 private:
  struct Waiting {
    UsbipSubmit submit;
    std::uint32_t taken = 0;  // bytes of an OUT transfer that the device has
  };
  // A transfer that is over for the device but not yet for the host.
  struct Finishing {
    UsbipSubmit submit;
    base::Instant due;
    UsbipStatus status = UsbipStatus::ok;
    std::uint32_t transferred = 0;
    base::Bytes data;  // IN
  };

  void unlink(const UsbipUnlink& unlink);
  void deliver();
  bool start_control();
  bool start_bulk();
  bool start_bulk_in(const Waiting& waiting);
  bool start_bulk_out(Waiting& waiting);
  void use_wire(std::size_t bytes);

  Wire* wire_;
  std::size_t number_;
  BusTiming timing_;
  UsbipDecoder decoder_;
  base::Bytes output_;
  std::deque<Waiting> control_;
  std::deque<Waiting> bulk_;
  std::deque<Finishing> finishing_;
  base::Instant free_at_{};  // until then the wire, or the CPU at its end, is at work
  bool silent_ = false;      // the first of control_ is never answered
};

}  // namespace sim
