// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Shell completions, generated from the parser itself, so that they cannot know other options than
// the program.

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

// "bash", "zsh" or "fish"; empty for any other shell. `releases` are offered for --target and
// --from.
std::string completion_script(const std::string& shell, const CLI::App& app,
                              const std::vector<std::string>& releases);

}  // namespace cli
