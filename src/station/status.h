// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a station shows at a moment, as one value: the terminal, the board's page, MQTT and the
// lines of --json are made of it, and of nothing else.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace station {

enum class SlotState {
  off,  // switched off by the lead, or by a stop rule
  empty,
  seen,    // something was plugged in a moment ago
  asking,  // who is it? what do records and the hook say?
  working,
  needs_hand,  // a person has to press or plug something
  retrying,    // between two jobs of one insertion
  pass,        // latched from here on, until the board has left
  fail,
  done_already,
  hold,
  pulled,  // taken out in the middle of its job
};
// "off", "empty", …, "needs-hand", "done-already", ….
std::string_view name(SlotState state);
// It stays until the board has left (pulled: until one is back).
bool is_latched(SlotState state);
// A job is under way: the board must not be pulled.
bool is_busy(SlotState state);

// How the job before the present insertion ended: stays dim in the tile.
struct LastResult {
  SlotState state = SlotState::empty;
  std::string device;
  std::string job;
  std::string code;
  std::int64_t ended_ms = 0;
  bool operator==(const LastResult&) const = default;
};

struct SlotStatus {
  std::string name;
  std::string port;  // as the configuration has it: "pci-0000:00:14.0/1.4.1"
  SlotState state = SlotState::empty;
  std::string word;   // what stands on the tile: "WRITING · 43 % · DO NOT PULL"
  std::string phase;  // of working: "reading", "writing", "verifying", "starting", …
  double share = 0;   // of working: 0 to 1, only grows
  std::optional<int> seconds_left;  // an estimate; none while nothing can be said
  std::string device;               // id; empty: not told
  std::string job;                  // id of the row; empty: none
  int attempt = 0;                  // within this insertion
  std::string code;                 // stable, kebab-case: why it failed, holds, is off
  std::string short_code;           // "W6": for a voice across the hall
  std::string message;              // one line for people; may hold what a device or a hook said
  std::int64_t since_ms = 0;        // of the state: time of day
  std::optional<LastResult> last;
  bool operator==(const SlotStatus&) const = default;
};

// A board that is plugged in where no slot is: shown small, and left alone.
struct Elsewhere {
  std::string port;
  std::string device;
  bool operator==(const Elsewhere&) const = default;
};

struct Counts {
  std::int64_t pass = 0;  // of devices since the station was started, or of its order in the hall
  std::int64_t fail = 0;
  std::int64_t aborted = 0;
  std::int64_t lost = 0;
  std::int64_t last_hour = 0;            // passed in the last 60 minutes
  std::optional<double> yield;           // pass of pass and fail; none before the first
  std::optional<std::int64_t> quantity;  // that the order wants
  std::int64_t waiting = 0;              // rows that the server does not have yet
  bool operator==(const Counts&) const = default;
};

// Nothing new is started while it stands.
struct Stop {
  std::string code;  // "fails-in-a-row", "yield", "disk", "golden-due", "order-complete", …
  std::string text;  // "3 FAILS · CALL LEAD"
  std::int64_t since_ms = 0;
  bool operator==(const Stop&) const = default;
};

struct Status {
  std::string station;
  std::string order;
  std::string target;
  std::string recipe;  // id
  std::int64_t at_ms = 0;
  bool draining = false;          // running jobs end, none is started
  std::vector<SlotStatus> slots;  // in the configuration's order
  std::vector<Elsewhere> elsewhere;
  Counts counts;
  std::optional<Stop> stop;
};

// A note that does not stay: "hub 1.4 reset, 4 boards", "records cannot be written".
struct Alarm {
  std::int64_t at_ms = 0;
  std::string code;
  std::string text;
};

struct Result;  // engine.h: a job that is over

// Gets what is new, on the station's own thread: must return at once. `status` is told after every
// change, several changes together.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void on_status(const std::shared_ptr<const Status>& status) = 0;
  virtual void on_alarm(const Alarm&) {}
  virtual void on_result(const Result&) {}
};

// What the lead does, from the command line, the board's page or a machine.
struct Command {
  enum class What {
    unlock,   // ends a stop
    reload,   // reads files and configuration anew
    release,  // a device that is held after too many tries may be worked on again
    hold,     // a device is not to be worked on until it is released
    again,    // the board in this slot once more
    slot_off,
    slot_on,
    drain,  // running jobs end, none is started
  };
  What what = What::unlock;
  std::string subject{};  // slot name or device id, where there is one
  std::string who{};
};
// "unlock", "reload", "release", "hold", "again", "off", "on", "drain".
std::string_view name(Command::What what);
std::optional<Command::What> command_of(std::string_view name);

// Gives commands to a running station from any thread; done some moments later, and told in the
// status. `answer`, which may be empty, is called on the station's thread: the empty text, or why
// it was not done.
class Lead {
 public:
  virtual ~Lead() = default;
  virtual void tell(Command command, std::function<void(const std::string&)> answer) = 0;
};

}  // namespace station
