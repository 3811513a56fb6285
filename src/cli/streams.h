// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "report/output.h"

namespace cli {

// The process's own stdout and stderr.
class StandardStreams final : public report::Output {
 public:
  void out(std::string_view text) override;
  void err(std::string_view text) override;
  bool ask(std::string_view question) override;
};

// What they lead to, asked of the operating system and the environment (TERM, NO_COLOR, COLUMNS).
report::Terminal look_at_terminal();

}  // namespace cli
