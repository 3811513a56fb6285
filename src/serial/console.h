// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The console of a device in listening mode: single-character commands without echo, answered in
// text (device-os v0.6.4: system/src/system_setup.cpp). CONSOLE.md shows the answers of every
// generation. Parsers are pure functions on whatever a device sent: text may be partial, garbled or
// hostile. A device secret that is in the text does not leave them.

#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "serial/port.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace serial {

// Answer to `i`. Fields that the device did not give are empty.
struct Identity {
  std::string device_id;  // 24 hexadecimal digits, lower case
  std::string imei;
  std::string iccid;
  std::string radio;  // version of the cell radio's firmware, since 2.1.0
  bool operator==(const Identity&) const = default;
};

// Bits of "vc" and "vv" (device-os v2.3.1: services/inc/module_info.h).
enum ValidityBit : std::uint32_t {
  kIntegrity = 2,
  kDependencies = 4,
  kRange = 8,
  kPlatform = 16,
  kProduct = 32,
  kDependenciesFull = 64,
};

struct DescribedDependency {
  char function = 0;  // as DescribedModule::function
  std::uint8_t index = 0;
  std::uint16_t version = 0;
  bool operator==(const DescribedDependency&) const = default;
};

// One store of the answer to `s`. A store without a valid module has no function.
struct DescribedModule {
  std::uint32_t store_size = 0;  // bytes
  char location = 0;             // 'm' main, 'f' factory, 'b' backup, 't' scratch
  std::uint32_t checked = 0;     // "vc": ValidityBits that were looked at
  std::uint32_t passed = 0;      // "vv": of them, those that hold
  char function = 0;             // 'b' bootloader, 's' system part, 'u' user part, …; 0: none
  std::uint8_t index = 0;
  std::uint16_t version = 0;
  std::vector<DescribedDependency> dependencies;
  std::string user_sha256;  // of a user part: 64 hexadecimal digits, lower case

  bool ok() const { return function != 0 && (passed & checked) == checked; }
  bool operator==(const DescribedModule&) const = default;
};

struct Described {
  int platform = 0;
  std::string imei;
  std::string iccid;
  std::vector<DescribedModule> modules;
  bool operator==(const Described&) const = default;
};

// Each takes the text that came in answer to its command, with anything before and after it.
// Errors: protocol. No error text repeats the device's text.
base::Result<std::string> parse_version(std::string_view text);
base::Result<Identity> parse_identity(std::string_view text);
// Entries that make no sense (3.2.0 and later list two) are left out.
base::Result<Described> parse_modules(std::string_view text);
// None: no answer to `c` in the text (up to 0.5.5 there is none).
std::optional<bool> parse_claimed(std::string_view text);

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
