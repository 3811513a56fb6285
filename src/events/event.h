// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What happens during a job, as facts with numbers; never formatted text. Order for one device:
//
//   PhaseStarted (PhaseProgress | Note | Retrying | ActionNeeded)* PhaseFinished, again and again,
//   JobFinished once, last.
//
// `done` in PhaseProgress never falls within a phase.

#include "base/clock.h"

#include <cstdint>
#include <string>
#include <variant>

namespace events {

enum class Phase {
  find,     // looking for the device
  probe,    // reading what is installed
  backup,   // writing the backup file
  erase,    // one sector
  write,    // one module, or a part of one
  send,     // one module by YMODEM
  verify,   // reading back and comparing
  leave,    // leaving DFU or listening mode
  wait,     // waiting for the device to come back
  confirm,  // asking the device what it runs
};

struct PhaseStarted {
  Phase phase;
  std::string subject;      // "system part 1 (0.6.4)", "sector 0x08020000", may be empty
  std::uint64_t total = 0;  // bytes; 0 where bytes do not measure it
};
struct PhaseProgress {
  std::uint64_t done;
};
struct PhaseFinished {
  bool good;
};
struct Note {
  std::string text;
  int detail = 0;
};  // detail 0 always shown, 1 with -v, 2 with -vv
struct Retrying {
  std::string what;
  std::string why;
  int attempt;
  int of;
};
// A person has to do something: what to press and which LED to wait for.
struct ActionNeeded {
  std::string what;
  base::Micros within;
};
struct JobFinished {
  bool good;
};

using Event = std::variant<PhaseStarted, PhaseProgress, PhaseFinished, Note, Retrying, ActionNeeded,
                           JobFinished>;

// Receives the events of one or several devices. `device` is the port path ("usb:1-2").
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void on(const std::string& device, const Event& event) = 0;
};

// Takes everything, keeps nothing.
class NullSink final : public Sink {
 public:
  void on(const std::string&, const Event&) override {}
};

}  // namespace events
