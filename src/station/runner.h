// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A station that runs: one thread looks at the bus, one for each busy slot works, and the one that
// calls run() has the engine and the records for itself.

#include "base/cancel.h"
#include "station/engine.h"
#include "station/mailbox.h"
#include "station/threads.h"

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace station {

struct RunnerParts {
  WorldMaker world;
  records::Store& store;
  std::function<std::string(const usb::PortPath&)> port_name;
  std::function<base::Result<std::pair<Config, Work>>()> reload;
  std::string backups;                 // folder; empty: none are kept
  std::string logs;                    // folder of a log for each job; empty: none are kept
  std::function<std::string()> stamp;  // the time of day, for the lines of a log
  std::string tool;                    // version
  std::string user;
};

class Runner final : public Lead {
 public:
  Runner(RunnerParts parts, Config config, Work work);
  ~Runner() override;

  // Both before run(). Listeners outlive it, and are called on its thread.
  void add(Listener& listener) { listeners_.push_back(&listener); }
  enum class Until {
    stopped,  // the first wish to stop, and all jobs have ended
    settled,  // or every board that is plugged in has its result
  };
  // The first wish to stop: no new job, running ones end. The second: they stop at the next safe
  // point. Errors: those of the store, and of a bus that cannot be looked at.
  base::Result<> run(Until until, const base::CancelToken& cancel);

  void tell(Command command, std::function<void(const std::string&)> answer) override;

 private:
  struct Told {
    Command command;
    std::function<void(const std::string&)> answer;
  };
  struct Looked {};  // all that is plugged in is known
  struct Blind {     // the bus cannot be looked at
    base::Error error;
  };
  using Letter = std::variant<News, discovery::Change, Told, Looked, Blind>;

  base::Result<> serve(Until until, const base::CancelToken& cancel);
  base::Result<> take(const Letter& letter);
  void watch(const base::CancelToken& over);
  void forget_old(const std::string& folder);
  void publish();
  bool is_over(Until until) const;

  RunnerParts parts_;
  base::RealClock clock_;
  Mailbox<Letter> mailbox_;
  Config config_;
  Work work_;
  std::unique_ptr<ThreadedCrew> crew_;
  std::unique_ptr<Engine> engine_;
  std::vector<Listener*> listeners_;
  bool looked_ = false;
  bool draining_ = false;
};

// A random UUID (version 4).
std::string new_uuid();

}  // namespace station
