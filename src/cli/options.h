// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace cli {

// What may be given before or after every command.
struct GlobalOptions {
  std::string device;
  bool json = false;
  std::string progress = "auto";
  std::string color = "auto";
  int verbosity = 0;
  std::string log_file;
  std::string trace_file;
  bool yes = false;

  // Progress is for people: plain lines or a bar.
  bool shows_text() const { return progress != "json" && progress != "none"; }
  // --device names a virtual Electron.
  bool simulated() const { return device.starts_with("sim:"); }
};

}  // namespace cli
