// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace CLI {
class App;
}

namespace cli {

class Context;

// Adds one subcommand. Its options live in the command's own file.
using AddCommand = void (*)(CLI::App& app, Context& context);

// All of them, in the order in which --help shows them.
std::vector<AddCommand> commands();

// The whole parser: global options and every command. Also what completions and the manual are
// checked against.
void build_app(CLI::App& app, Context& context);

}  // namespace cli
