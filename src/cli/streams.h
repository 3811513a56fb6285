// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cancel.h"
#include "os/console.h"
#include "report/output.h"

namespace cli {

// The process's own stdout and stderr.
class StandardStreams final : public report::Output {
 public:
  // A question that is being asked when `cancel` is requested is answered: no.
  explicit StandardStreams(const base::CancelToken& cancel) : cancel_(&cancel) {}
  void out(std::string_view text) override;
  void err(std::string_view text) override;
  bool out_is_read() override;
  bool ask(std::string_view question) override;
  // Why results were lost; empty if none were, or if nobody wanted them any more.
  const std::string& lost() const { return lost_; }

  // What they lead to, asked of the operating system and the environment (TERM, NO_COLOR, COLUMNS).
  report::Terminal terminal() const;

 private:
  const base::CancelToken* cancel_;
  os::ConsoleSetup console_;
  std::string lost_;
  bool reader_gone_ = false;
};

}  // namespace cli
