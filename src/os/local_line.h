// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A line from one program of this computer to another, and a line back: a socket in the file
// system, for its owner (and the administrator) only.

#include "os/files.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace os {

inline constexpr std::size_t kMostLine = 4096;

struct LocalCall {
  std::string line;  // without its end
  std::function<void(const std::string&)>
      answer;  // once, from any thread; not at all: none is sent
};

class LineServer {
 public:
  virtual ~LineServer() = default;
  // The next call; none within `most`. Who says nothing within two seconds is let go.
  virtual std::optional<LocalCall> wait(std::chrono::milliseconds most) = 0;
};

// A socket that nobody answers is taken over. std::errc::address_in_use where somebody does;
// not_supported where the system has no such thing.
Outcome<std::unique_ptr<LineServer>> serve_lines(const std::string& path);

// Says `line` and returns the answer. std::errc::connection_refused or no_such_file_or_directory
// where nobody serves there; timed_out.
Outcome<std::string> ask_line(const std::string& path, const std::string& line,
                              std::chrono::milliseconds most);

}  // namespace os
