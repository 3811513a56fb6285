// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The words of a command line, looked over before the parser takes them: it complains of a missing
// command before it looks at a slip in one, and takes the next option for a value that is missing.

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

// What is wrong with them: an unknown command or option (and what may have been meant), a value
// that is missing or empty, or that is an option of ours: mostly a shell's variable that is not
// set. None if the parser may have them.
std::optional<base::Error> look_over(const CLI::App& app,
                                     const std::vector<std::string>& arguments);

// The same words, with `run` behind a command that has one below it and was given without any:
// `station --drain` is `station run --drain`.
std::vector<std::string> spelled_out(const CLI::App& app, std::vector<std::string> arguments);

// "electron-rescue flash --help": the help of the command that was given, else the program's.
std::string help_for(const CLI::App& app, const std::vector<std::string>& arguments);

// What somebody may have meant by `word`: the names that are a slip away, closest first; those that
// it begins if none is.
std::vector<std::string> meant(std::string_view word, const std::vector<std::string>& names);

// "60", "2.5": digits with at most one point among them, whatever the language of the computer;
// none for anything else. (std::from_chars of a double is missing from libc++ before LLVM 20.)
std::optional<double> decimal(std::string_view text);

}  // namespace cli
