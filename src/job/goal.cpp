// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/goal.h"

namespace job {

std::string_view name(const Goal& goal) {
  struct Names {
    std::string_view operator()(const ToRelease&) const { return "flash"; }
    std::string_view operator()(const ToBackup&) const { return "restore"; }
    std::string_view operator()(const SendModules&) const { return "send"; }
    std::string_view operator()(const Save&) const { return "backup"; }
    std::string_view operator()(const Compare&) const { return "verify"; }
    std::string_view operator()(const Look&) const { return "look"; }
  };
  return std::visit(Names(), goal);
}

bool only_reads(const Goal& goal) {
  return std::holds_alternative<Save>(goal) || std::holds_alternative<Compare>(goal) ||
         std::holds_alternative<Look>(goal);
}

}  // namespace job
