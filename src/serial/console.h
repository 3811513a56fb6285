// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The console of a device in listening mode: single-character commands without echo, answered in
// text (device-os v0.6.4: system/src/system_setup.cpp).

#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "serial/console_text.h"
#include "serial/port.h"

#include <optional>
#include <string>
#include <string_view>

namespace serial {

// Talks to a device that is in listening mode. A device that is not listening may not take the
// bytes at all (0.6.0 and later), so only switching.h asks before it knows. Every answer is
// awaited by asking the version after it: answers have no end mark of their own, and some commands
// of some releases have no answer. Errors: timeout, protocol, device_gone, usb_io, cancelled.
class Console {
 public:
  Console(Port& port, base::Clock& clock, const base::CancelToken& cancel)
      : port_(&port), clock_(&clock), cancel_(&cancel) {}

  // One answer, which tells that somebody answers at all.
  base::Result<std::string> ask_version(base::Micros within);
  // These ask until two answers agree: a lost digit makes another number, and plans are made from
  // it.
  base::Result<std::string> ask_release(base::Micros within);
  base::Result<Identity> ask_identity(base::Micros within);
  base::Result<Described> ask_modules(base::Micros within);
  base::Result<std::optional<bool>> ask_claimed(base::Micros within);
  // The diagnostics JSON as the device wrote it, made printable; empty if it gives none.
  base::Result<std::string> ask_diagnostics(base::Micros within);
  // Ends listening mode; the device says nothing to it.
  base::Result<> leave();

  // The device has taken bytes, whether it answered or not.
  bool was_heard() const { return heard_; }

 private:
  base::Result<> send(std::string_view command, base::Micros within);
  base::Result<std::string> answer_to(char command, bool must_answer, base::Micros within);
  // Drops what is left of earlier answers.
  base::Result<> settle();

  Port* port_;
  base::Clock* clock_;
  const base::CancelToken* cancel_;
  bool unsettled_ = true;
  bool heard_ = false;
};

}  // namespace serial
