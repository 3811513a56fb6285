// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// By YMODEM, one module a session, as an over-the-air update goes: the running firmware judges each
// module, restarts, and is asked afterwards what it has. Nothing can be read back.

#include "reach/switching.h"
#include "serial/ymodem.h"
#include "way/told.h"
#include "way/way.h"

#include <optional>

namespace way {

struct YmodemOptions {
  reach::Patience patience = reach::attended();
  // False: nothing is held back by our own reading of the rules, the device judges alone.
  bool check_rules = true;
  int sessions = 3;  // YMODEM sessions per module before giving up
};

class YmodemWay final : public Way {
 public:
  YmodemWay(const Surroundings& around, YmodemOptions options);

  plan::Medium medium() const override { return plan::Medium::serial; }
  // What this way has sent, and the device has said to have, is read: nobody else was there.
  base::Result<plan::InstalledState> observe() override;
  base::Result<> apply(const plan::Stage& stage, events::StageReport& report) override;
  // Ends listening mode.
  base::Result<> start() override;
  // It has met the device again where that was of use.
  base::Result<> meet_again(const base::Error& why) override { return why; }
  void close() override {}

  // What the device said last; none before observe().
  const std::optional<Answer>& answer() const { return answer_; }

 private:
  base::Result<> deliver(const plan::Step& step, events::StepReport& report);
  bool is_told(const firmware::CheckedModule& module) const;
  base::Result<> check_rules(const firmware::CheckedModule& module) const;
  serial::Outcome send(const firmware::CheckedModule& module);
  // One session and what follows it. True: the device has the module.
  base::Result<bool> try_once(const firmware::CheckedModule& module, base::Error& why);
  // After it may have restarted: waits for it, takes it to listening mode, asks it.
  base::Result<> ask_again(bool restarting);
  base::Result<discovery::Device> find_again(bool restarting);
  base::Result<> ask_now();

  Surroundings around_;
  YmodemOptions options_;
  work::StepScope* step_ = nullptr;  // the one at hand
  std::optional<Answer> answer_;
  std::vector<firmware::CheckedModule> sent_;  // and there, by the device's word
};

}  // namespace way
