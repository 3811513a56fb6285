// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The table of commands. Each has a file of its own below commands/, where its options, its work
// and nothing else are.

#include <functional>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

class Context;
struct GlobalOptions;

// Does a command's work once its options are parsed; returns the exit code.
using Run = std::function<int(Context&)>;

struct Command {
  std::string_view name;
  std::string_view words;  // what it does, as --help tells
  // Adds the command's options to its parser, and returns what runs it with them.
  Run (*add)(CLI::App& command);
};

// All of them, in the order in which --help shows them.
const std::vector<Command>& commands();

// The whole parser: global options and every command. Once it has parsed, `chosen` runs the command
// that was given. Also what completions and the manual are checked against. `global` and `chosen`
// outlive it.
void build_app(CLI::App& app, GlobalOptions& global, Run& chosen);

Run add_backup(CLI::App& command);
Run add_completion(CLI::App& command);
Run add_doctor(CLI::App& command);
Run add_fetch(CLI::App& command);
Run add_flash(CLI::App& command);
Run add_help(CLI::App& command);
Run add_info(CLI::App& command);
Run add_inspect(CLI::App& command);
Run add_list(CLI::App& command);
Run add_mode(CLI::App& command);
Run add_ota(CLI::App& command);
Run add_plan(CLI::App& command);
Run add_releases(CLI::App& command);
Run add_report(CLI::App& command);
Run add_restore(CLI::App& command);
Run add_station(CLI::App& command);
Run add_udev(CLI::App& command);
Run add_verify(CLI::App& command);
Run add_wait(CLI::App& command);

}  // namespace cli
