// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// One job at a time on a USB port, for its whole length: also between two sessions, while the
// device restarts and no interface of it is claimed. Kept between processes and threads.

#include "base/result.h"
#include "usb/device_info.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace discovery {

// The port is ours until this is destroyed.
class PortLock {
 public:
  virtual ~PortLock() = default;
};

class PortLocks {
 public:
  virtual ~PortLocks() = default;
  // Takes the port, without waiting. `what` is one word or a few for those who find it taken:
  // "flash". Errors: busy, id "port-in-use", which names the program and the process that has it.
  // Where the computer has no place for a lock, none is held, and that is no error: a rescue on a
  // read-only system must not fail for it.
  virtual base::Result<std::unique_ptr<PortLock>> take(const usb::PortPath& port,
                                                       std::string_view what) = 0;
  // Who has the port now, in words ("electron-rescue flash, process 1234"); none if nobody has.
  virtual std::optional<std::string> holder(const usb::PortPath& port) const = 0;
};

// Locks between all processes on this computer. In `folder`, or where os::lock_folder() says if it
// is empty. Thread-safe.
std::unique_ptr<PortLocks> make_port_locks(std::string folder = {});

}  // namespace discovery
