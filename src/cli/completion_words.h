// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What can be typed, command by command, out of the parser: what the shells' completions are made
// of.

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

// What may follow an option.
enum class Value { none, choice, file, folder, device, other };

struct OptionWords {
  std::vector<std::string> names;  // "--device", "-v"
  std::string description;         // one line
  Value value = Value::none;
  std::vector<std::string> choices;  // Value::choice
};

struct CommandWords {
  std::string name;  // "" for the program itself
  std::string description;
  std::vector<OptionWords> options;
  std::vector<std::string> words;  // subcommands, and what a positional may be
  bool many_words = false;         // it may be given several times
  bool takes_file = false;         // a positional that is a file
};

// The program itself first, then its commands, which understand the global options as well.
// `releases` may stand wherever a VERSION does.
std::vector<CommandWords> commands_of(const CLI::App& app,
                                      const std::vector<std::string>& releases);

}  // namespace cli
