// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"

#include "cli/commands/list.h"
#include "cli/commands/wait.h"

namespace cli {

std::vector<AddCommand> commands() {
  return {add_list, add_wait};
}

}  // namespace cli
