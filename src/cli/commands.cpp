// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"

#include "cli/commands/backup.h"
#include "cli/commands/completion.h"
#include "cli/commands/doctor.h"
#include "cli/commands/flash.h"
#include "cli/commands/info.h"
#include "cli/commands/inspect.h"
#include "cli/commands/list.h"
#include "cli/commands/mode.h"
#include "cli/commands/plan.h"
#include "cli/commands/report.h"
#include "cli/commands/udev.h"
#include "cli/commands/verify.h"
#include "cli/commands/wait.h"

namespace cli {

std::vector<AddCommand> commands() {
  return {add_list,    add_info, add_inspect, add_plan,   add_flash, add_verify, add_backup,
          add_restore, add_mode, add_wait,    add_doctor, add_udev,  add_report, add_completion};
}

}  // namespace cli
