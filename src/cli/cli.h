// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The command line: parses it, runs one command, returns the exit code. Whole commands can be run
// in a test: the world, the streams and the wish to stop are handed in.

#include "cli/environment.h"

#include <string>
#include <vector>

namespace cli {

// `arguments` without the program's name.
int run(const std::vector<std::string>& arguments, Environment& environment);

// The program: real world, real streams, Ctrl-C.
int main(int argc, char** argv);

}  // namespace cli
