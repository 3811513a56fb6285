// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Other programs, run with bounds: no shell, a process group of their own, an environment that is
// said, no more output kept than wanted, no longer than allowed.

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace os {

struct ChildOrder {
  std::vector<std::string> words;  // program, found by PATH unless it has a slash; arguments
  std::vector<std::pair<std::string, std::string>> environment;  // all of it
  std::string input;                                             // on standard input
  std::size_t most_output = 0;  // bytes that are kept; more are read and dropped
  std::size_t most_errors = 0;
  std::chrono::milliseconds time{};   // then TERM to its group
  std::chrono::milliseconds grace{};  // then KILL
  // Asked now and then while it runs: ends it as the time does.
  std::function<bool()> stop;
};

struct ChildEnd {
  bool started = false;
  std::optional<int> exit_code;  // none: a signal ended it, or it did not start
  bool timed_out = false;
  bool stopped = false;  // because `stop` said so
  bool killed = false;   // it did not heed TERM
  bool flooded = false;  // it wrote more than was kept
  std::string output;
  std::string errors;
  std::string problem;  // why it did not start
};

// Whether this system is one on which they are run at all.
bool runs_children();

// A program of this name is there, and this user may run it.
bool can_run(const std::string& program);

// Runs it, and returns when it has ended and nothing of its group is left. Thread-safe.
ChildEnd run_child(const ChildOrder& order);

}  // namespace os
