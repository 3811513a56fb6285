// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The command line: parses it, runs one command, returns the exit code. Whole commands can be run
// in a test: the world, the streams and the wish to stop are handed in.

#include "base/cancel.h"
#include "cli/computer.h"
#include "cli/world_source.h"
#include "net/http.h"
#include "report/output.h"

#include <string>
#include <vector>

namespace cli {

struct Environment {
  WorldSource& worlds;
  report::Output& output;
  report::Terminal terminal;
  base::CancelToken& cancel;
  Computer& computer;
  // Where each run's log is kept; empty: nowhere.
  std::string log_directory = {};
  // Where fetched release files are kept; always searched, last. Empty: nowhere.
  std::string cache_directory = {};
  // What `fetch` fetches through; null: no network at all.
  net::Http* network = nullptr;
};

// `arguments` without the program's name.
int run(const std::vector<std::string>& arguments, Environment& environment);

// The program: real world, real streams, Ctrl-C.
int main(int argc, char** argv);

}  // namespace cli
