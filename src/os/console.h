// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The console that the program was started from, and the signals that come by it.

#include <functional>
#include <optional>
#include <string>

namespace os {

enum class Stream { in, out, err };

// Somebody sits there: a terminal or console, not a file, a pipe or NUL.
bool is_terminal(Stream stream);
// Columns of the terminal that stderr leads to; none if there is none or it does not tell.
std::optional<int> terminal_width();
// Whoever read stdout through a pipe has gone away. False where the system does not tell before
// something is written.
bool reader_is_gone();

// While it lives, the console takes UTF-8 and escape sequences; afterwards it is as it was. Does
// nothing where that is so anyhow.
class ConsoleSetup {
 public:
  ConsoleSetup();
  ~ConsoleSetup();  // NOLINT(performance-trivially-destructible): does something on Windows
  ConsoleSetup(const ConsoleSetup&) = delete;
  ConsoleSetup& operator=(const ConsoleSetup&) = delete;
  // The console moves its cursor and shows colours when told by escape sequences.
  bool takes_escapes() const { return takes_escapes_; }

 private:
  bool takes_escapes_ = true;
  [[maybe_unused]] unsigned out_mode_ = 0;
  [[maybe_unused]] unsigned err_mode_ = 0;
  [[maybe_unused]] unsigned code_page_ = 0;
};

// The next line of stdin without its end; none at the end of the input, and as soon as `stop` says
// so after a signal. `stop` is asked in the thread that calls this.
std::optional<std::string> read_line(const std::function<bool()>& stop);

// While it lives, a wish to end the program (Ctrl-C, a closed terminal, an orderly kill) is handed
// to `taken`, which runs in a signal handler or a thread of the system's: it may do no more than
// store an atomic. When it says false, the program ends as if nobody had asked to be told. One at a
// time. Signals that whoever started the program had it ignore stay ignored. A reader of our output
// that goes away ends nothing.
class StopSignals {
 public:
  explicit StopSignals(bool (*taken)());
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
};

}  // namespace os
