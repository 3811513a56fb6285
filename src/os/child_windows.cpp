// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/child.h"

namespace os {

bool runs_children() { return false; }

bool can_run(const std::string&) { return false; }

// Nothing of it is known to work there, and a hook that is silently left out would let boards pass.
ChildEnd run_child(const ChildOrder&) {
  ChildEnd end;
  end.problem = "other programs are not run on Windows";
  return end;
}

}  // namespace os
