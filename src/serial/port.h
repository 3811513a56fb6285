// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Serial ports (CDC ACM) as a seam: libserialport on a real computer, the virtual Electron in
// tests.

#include "base/bytes.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "os/ports.h"

#include <memory>
#include <string>
#include <vector>

namespace serial {

using os::PortInfo;  // usb_serial printable

// An open port, used by one thread. Errors: timeout, device_gone, usb_io, cancelled.
class Port {
 public:
  virtual ~Port() = default;
  // Sets the line coding (8N1 at `baud`). On an Electron 14400 and 28800 are commands: the device
  // may vanish before the request is over, which is reported as device_gone or usb_io.
  virtual base::Result<> set_baud(std::uint32_t baud) = 0;
  // Everything, or an error. A device that does not take the bytes ends in timeout. Closing the
  // port may then block for half a minute under Linux: where it may take them yet, keep it open.
  virtual base::Result<> write(base::ByteView bytes, base::Millis timeout) = 0;
  // What is there, at least one byte, at most `most`; timeout if nothing comes.
  virtual base::Result<base::Bytes> read(std::size_t most, base::Millis timeout) = 0;
  // Drops what has come in and was not read.
  virtual void discard_input() = 0;
};

class Ports {
 public:
  virtual ~Ports() = default;
  // Those of USB devices at least.
  virtual base::Result<std::vector<PortInfo>> list() = 0;
  // Exclusive. Errors: device_gone (no such port), access_denied, busy (another program has it).
  virtual base::Result<std::unique_ptr<Port>> open(const std::string& path) = 0;
};

}  // namespace serial
