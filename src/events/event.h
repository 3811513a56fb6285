// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What happens during a job, as facts with numbers; never formatted text. Order for one device:
//
//   JobStarted, then any of the others in any number, JobFinished once, last.
//   PlanReady comes before the first step of a stage. A StepStarted is ended by its StepFinished;
//   steps do not overlap. `share` never falls, and is 1 with the JobFinished of a job that is good.

#include "base/clock.h"
#include "events/report.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace events {

struct JobStarted {
  std::string goal;  // "flash", "restore", "backup", "verify", "look"
};

// The plan that is carried out; again where what was found on the device made another one of it.
struct PlanReady {
  std::shared_ptr<const plan::Plan> plan;
};

// What a step of a job is. Those of a plan have the plan's own actions; the others are the frame
// around it.
enum class Doing {
  reach,        // taking the device to the mode that the job needs
  observe,      // reading what is installed
  save,         // reading and writing the backup
  guard_open,   // the guarded sector: all but the word that makes it start
  write,        // erase, program, read back, compare
  guard_close,  // that word
  send,         // one module over the serial line or the air
  compare,      // reading back and comparing, nothing else
  start,        // leaving DFU or listening mode, until the device is back
  confirm,      // asking the running device what it has
};

struct StepStarted {
  Doing doing = Doing::observe;
  std::string subject{};               // "system part 1 (0.6.4)"; may be empty
  std::optional<std::size_t> stage{};  // which step of the plan it is; none for the frame's
  std::optional<std::size_t> step{};
  std::uint64_t bytes = 0;  // that it moves; 0 where bytes do not measure it
  unsigned weight = 0;      // milliseconds that it takes on the device's own clock
};
// Within a step: which part of it is being done.
enum class Part { none, erase, write, read, wait };
struct Progress {
  double share = 0;  // of the whole job, 0 to 1
  Part part = Part::none;
  std::uint64_t done = 0;   // bytes of this part; never falls within it
  std::uint64_t total = 0;  // 0 where bytes do not measure it
};
struct StepFinished {
  bool good = false;
};

// detail 0 is always shown, 1 with -v, 2 with -vv.
struct Note {
  std::string text;
  int detail = 0;
};
struct Retrying {
  std::string what;
  std::string why;
  int attempt = 0;
  int of = 0;
};

// What a person has to do at the device.
enum class Action { hold_mode, press_reset, replug, power };
struct PersonNeeded {
  Action action = Action::hold_mode;
  std::string what;     // what to press, how long, and which LED to wait for
  base::Micros within;  // how long it is waited for
};

struct JobFinished {
  std::shared_ptr<const DeviceReport> report;
  bool good() const { return report == nullptr || report->ok(); }
};

using Event = std::variant<JobStarted, PlanReady, StepStarted, Progress, StepFinished, Note,
                           Retrying, PersonNeeded, JobFinished>;

// "hold-mode", "press-reset", "replug", "power".
std::string_view name(Action action);
// "reach", "observe", "save", "guard-open", ….
std::string_view name(Doing doing);
// "", "erase", "write", "read", "wait".
std::string_view name(Part part);

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
