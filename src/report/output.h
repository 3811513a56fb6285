// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The two streams: stdout carries results, stderr carries progress and diagnostics. Everything the
// program prints goes through an Output, so that a test can read it.

#include <string>
#include <string_view>

namespace report {

class Output {
 public:
  virtual ~Output() = default;
  virtual void out(std::string_view text) = 0;
  virtual void err(std::string_view text) = 0;
  // False once whoever read the results has gone away.
  virtual bool out_is_read() { return true; }
  // Asks a yes-or-no question; false as well where nobody is there to answer.
  virtual bool ask(std::string_view question) = 0;
};

// What the streams lead to.
struct Terminal {
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool dumb = false;      // TERM=dumb: no cursor movement
  bool no_color = false;  // NO_COLOR is set
  int width = 80;         // columns
};

}  // namespace report
