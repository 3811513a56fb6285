// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a command says about its options and arguments. CLI11 stands behind it, in options.cpp
// alone: its header costs every source that includes it several seconds of compiling, since it
// defines objects there.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace cli {

// One option or positional argument of a command, to say more about. Belongs to the parser.
class Option {
 public:
  explicit Option(CLI::Option* made) : option_(made) {}

  Option& required();
  // What --help and completions show for the value: FILE, DIR, VERSION, "a|b|c", or nothing.
  Option& type_name(const std::string& name);
  // May be given several times.
  Option& repeated();
  Option& one_of(std::vector<std::string> words);
  // `problem` gets the value and answers what is wrong with it, or nothing. `kind` is what --help
  // calls such a value.
  Option& check(std::function<std::string(const std::string&)> problem, const std::string& kind);
  Option& excludes(const Option& other);

 private:
  CLI::Option* option_;
};

// `name` begins with dashes: an option; without: a positional argument. The variable is set when
// the command was given, and must live until then.
Option option(CLI::App& command, const std::string& name, std::string& value,
              const std::string& description);
Option option(CLI::App& command, const std::string& name, double& value,
              const std::string& description);
Option option(CLI::App& command, const std::string& name, std::vector<std::string>& values,
              const std::string& description);
Option flag(CLI::App& command, const std::string& name, bool& value,
            const std::string& description);

// A command below `command`, one of which must be given then; `chosen` is called if it was. Returns
// its parser, for its own options.
CLI::App& add_below(CLI::App& command, const std::string& name, const std::string& description,
                    std::function<void()> chosen);

// What `command` belongs to.
const CLI::App& program_of(const CLI::App& command);

}  // namespace cli
