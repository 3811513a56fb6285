// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/completion_words.h"

#include <string>
#include <vector>

namespace cli {

// Completion for PowerShell, 5.1 (which Windows has) and newer.
std::string powershell_script(const std::vector<CommandWords>& commands,
                              const std::vector<std::string>& releases);

}  // namespace cli
