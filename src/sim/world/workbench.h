// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The hands of somebody who sits before some Electrons: presses buttons, pulls cables, looks at the
// LED. Takes commands as text, tells what happens as text. Knows no kernel and no console.

#include "base/clock.h"
#include "base/result.h"
#include "sim/bus/wire.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

// One command, taken apart. `board` 0 means all of them.
struct BenchCommand {
  enum class What {
    press,    // button, time
    hold,     // button
    release,  // button
    plug,
    unplug,  // time, or for good
    power_on,
    power_off,   // time, or for good
    save_flash,  // argument: file
    load_flash,  // argument: file
    led,
    fault,  // argument: script
    status,
    help,
    quit,
  };
  enum class Button { mode, reset };

  std::size_t board = 0;
  What what = What::help;
  Button button = Button::mode;
  std::optional<base::Micros> time;  // of press always there
  std::string argument;
};

// Errors: usage, with what can be said instead.
base::Result<BenchCommand> parse_bench_command(std::string_view line);
// What can be said, for people.
std::string_view bench_help();

class Workbench {
 public:
  // `wire` outlives the bench. `say` gets one line for everything that happens, without line end.
  Workbench(Wire& wire, std::function<void(std::string_view)> say);

  // Carries out one line and says "done LINE" once all of it has happened: for `press mode 3s`
  // after three seconds. A line that is not understood, or that fails, is said with "error:" and
  // then "done".
  void command(std::string_view line);
  // Says what has changed since the last call: LED, power, cable. To be called after every event.
  void watch();
  bool quitting() const { return quitting_; }
  // Everything commanded has happened.
  bool idle() const { return unfinished_ == 0; }

 private:
  struct Seen {
    Led led;
    Board::Running running = Board::Running::nothing;
  };

  base::Result<> carry_out(const BenchCommand& command);
  base::Result<> carry_out(const BenchCommand& command, std::size_t number);
  base::Result<> save_flash(const BenchCommand& command, std::size_t number);
  base::Result<> load_flash(const BenchCommand& command, std::size_t number);
  void set_button(BenchCommand::Button button, std::size_t number, bool down);
  void say_state(std::size_t number);
  void say(std::size_t number, std::string_view text);

  Wire* wire_;
  std::function<void(std::string_view)> say_;
  std::vector<Seen> seen_;
  int unfinished_ = 0;
  bool quitting_ = false;
};

// What an LED looks like: "blue blinking", "off".
std::string to_string(const Led& led);

}  // namespace sim
