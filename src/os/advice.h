// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What to tell a person where the system stands in the way of a device: in words of the system that
// they sit at. Nobody on Windows has a udev rule or sudo.

#include <string>
#include <string_view>

namespace os {

enum class System { gnu_linux, macos, windows };
System this_system();

struct Advice {
  std::string_view access;          // a device or port is there and may not be opened
  std::string_view busy_port;       // another program has the serial port
  std::string_view no_driver;       // the system's driver for a USB device cannot do what is asked
  std::string_view name;            // of the system
  std::string_view state_variable;  // of the environment: says where state is kept
  std::string_view cache_variable;  // and where files are that were fetched
  std::string_view manual;          // where the manual is
  std::string_view make_secret;     // what puts a line that nobody guesses into the file named next
  std::string_view udev;            // what the command of that name does, as --help tells
  std::string_view udev_install;
};

const Advice& advice_for(System system);
// For this one.
const Advice& advice();

// A library that is loaded when it is first used (decision 0018).
struct LoadedLibrary {
  std::string_view name;     // "libpq"
  std::string_view package;  // Debian's: "libpq5"
  std::string_view file;  // "libpq.so.5", "libpq.dll"; no file's name if it is part of the program
};
// What to do where it is not there.
std::string how_to_get(const LoadedLibrary& library, System system = this_system());

}  // namespace os
