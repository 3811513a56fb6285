// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The crew of a real station: a thread for each slot that is busy, and one for each hook that
// belongs to none.

#include "base/cancel.h"
#include "discovery/world.h"
#include "station/crew.h"
#include "station/recipe.h"
#include "station/start_gate.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace station {

// A world for one thread, with all that it consists of. Called from any thread.
using WorldMaker = std::function<std::shared_ptr<discovery::World>()>;

struct CrewTools {
  WorldMaker world;
  std::function<void(News)> tell;  // from any thread
  // The first wish to stop lets everything come to its end, the second stops at the next safe
  // point.
  const base::CancelToken& cancel;
  std::string backups;  // folder; empty: none are kept
  std::string logs;     // folder of a log for each job; empty: none are kept
  // The time of day, for the lines of a log.
  std::function<std::string()> stamp;
};

class ThreadedCrew final : public Crew {
 public:
  ThreadedCrew(CrewTools tools, std::size_t slots);
  // Waits for everything that is under way.
  ~ThreadedCrew() override;
  ThreadedCrew(const ThreadedCrew&) = delete;
  ThreadedCrew& operator=(const ThreadedCrew&) = delete;

  // What jobs that are begun from now on do.
  void use(std::shared_ptr<const Work> work);

  void identify(SlotNumber slot, const discovery::Device& device) override;
  void run_job(SlotNumber slot, JobOrder order) override;
  void run_hooks(SlotNumber slot, HookOrder order) override;
  void cancel(SlotNumber slot, bool at_once) override;

 private:
  struct Lane {
    std::unique_ptr<base::CancelToken> cancel;
    std::thread thread;
  };
  using Task = std::function<void(const base::CancelToken& cancel)>;
  void start(Lane& lane, Task task);

  CrewTools tools_;
  StartGate gate_;
  std::shared_ptr<const Work> work_;
  std::vector<Lane> lanes_;
  std::vector<Lane> others_;
};

}  // namespace station
