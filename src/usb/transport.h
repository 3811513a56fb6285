// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// One open USB device, at the level of a control transfer: low enough that the whole DFU engine
// runs above it; high enough that a virtual device is small.

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "usb/setup.h"

#include <cstdint>
#include <span>
#include <string>

namespace usb {

// Control transfers on one device, handed over and taken back: the only way to make any. They are
// carried out one after the other in the order of their start, and their results are taken in that
// order, too. Whoever starts the next before those ahead of it are over does not let the device
// wait for the computer in between. A refusal (STALL) does not hold back those behind it; after a
// timeout nothing that was started is carried out any more.
//
// Errors of every transfer:
//   usb_stall    the device refused it (STALL in any stage)
//   timeout      no answer within `timeout`; the device may still be working on it
//   device_gone  it left the bus; nothing more will come from this device's transport
//   usb_io       anything else that the operating system reports
class ControlQueue {
 public:
  virtual ~ControlQueue() = default;
  // How many may be under way at a time. 1: what is started next is not carried out before the
  // result of the one ahead of it was taken.
  virtual std::size_t depth() const = 0;
  // `timeout` counts from when the transfer ahead of it is over. What cannot be started at all
  // fails when its turn comes.
  virtual void start_in(const ControlSetup& setup, std::size_t length, base::Millis timeout) = 0;
  virtual void start_out(const ControlSetup& setup, base::ByteView data, base::Millis timeout) = 0;
  // Waits until the oldest one is over: how many bytes were moved. `into` takes those of an IN
  // transfer, as many as fit. There must be one.
  virtual base::Result<std::size_t> finish(std::span<std::uint8_t> into) = 0;
  virtual std::size_t pending() const = 0;  // started and not finished
};

// A device is used by one thread at a time.
class Transport {
 public:
  virtual ~Transport() = default;
  // Belongs to the transport. While something is pending in it, nothing else may be asked of the
  // transport.
  virtual ControlQueue& queue() = 0;
  // One transfer, begun and waited for. control_in() reads at most into.size() bytes; both return
  // how many were moved.
  base::Result<std::size_t> control_in(const ControlSetup& setup, std::span<std::uint8_t> into,
                                       base::Millis timeout);
  base::Result<std::size_t> control_out(const ControlSetup& setup, base::ByteView data,
                                        base::Millis timeout);
  virtual base::Result<> claim_interface(std::uint8_t interface) = 0;
  virtual base::Result<> select_alt(std::uint8_t interface, std::uint8_t alt) = 0;
  // The raw active configuration descriptor, wTotalLength bytes.
  virtual base::Result<base::Bytes> configuration() = 0;
  // A string that a descriptor names; any other index is never asked for (dfu/PROTOCOL.md).
  virtual base::Result<std::string> string(std::uint8_t index) = 0;
};

}  // namespace usb
