// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/threads.h"

#include "base/files.h"
#include "discovery/port_locks.h"
#include "job/job.h"
#include "platform/platform.h"
#include "reach/switching.h"
#include "release/catalogue.h"
#include "station/hook_run.h"
#include "station/job_log.h"
#include "station/watched_host.h"
#include "way/told.h"

#include <utility>

namespace station {
namespace {

// Takes the events of one job to the station's thread; of its progress no more than can be seen.
// What it is told of has not begun yet: a start waits here for its turn.
class JobSink final : public events::Sink {
 public:
  JobSink(SlotNumber slot, const JobOrder& order, StartGate& gate,
          const std::function<void(News)>& tell, const base::CancelToken& cancel)
      : slot_(slot), order_(order), gate_(gate), tell_(tell), cancel_(cancel) {}
  JobSink(const JobSink&) = delete;
  JobSink& operator=(const JobSink&) = delete;
  ~JobSink() override { leave(); }

  void on(const std::string&, const events::Event& event) override {
    constexpr double kSeen = 0.005;
    if (const auto* progress = std::get_if<events::Progress>(&event)) {
      if (progress->part == part_ && progress->share < share_ + kSeen) return;
      part_ = progress->part;
      share_ = progress->share;
    }
    if (std::holds_alternative<events::JobFinished>(event)) return;
    const auto* step = std::get_if<events::StepStarted>(&event);
    if (step != nullptr && step->doing == events::Doing::start) {
      gate_.enter(order_.hub, order_.boots_at_once, cancel_);
      starts_ = true;
    }
    if (std::holds_alternative<events::StepFinished>(event)) leave();
    tell_(News{slot_, JobSaid{event}});
  }

 private:
  void leave() {
    if (std::exchange(starts_, false)) gate_.leave(order_.hub);
  }

  SlotNumber slot_;
  const JobOrder& order_;
  StartGate& gate_;
  const std::function<void(News)>& tell_;
  const base::CancelToken& cancel_;
  events::Part part_ = events::Part::none;
  double share_ = 0;
  bool starts_ = false;  // it has gone through the gate
};

job::Request request_of(const JobOrder& order, const Work& work, const std::string& backups) {
  job::Request request;
  request.made_at = order.made_at;
  if (order.kind == records::Kind::verify) {
    request.goal = job::Compare{work.modules};
    return request;
  }
  job::ToRelease goal;
  goal.accept_safe_mode = work.accept_safe_mode;
  goal.request.target = work.target;
  goal.request.library = work.library.get();
  goal.request.user_part = work.application;
  request.goal = std::move(goal);
  if (!backups.empty()) request.backup_path = base::join(backups, order.job + ".erbackup");
  return request;
}

// One up to 0.5.5 listens by itself only while it waits for a network; what does not is worked on
// as one that nobody knows. Two tries.
reach::Patience quick() { return {std::chrono::seconds(5), {}, {}}; }

base::Result<events::Identity> ask(const work::Context& context, const discovery::Device& device) {
  std::unique_ptr<discovery::PortLock> lock;
  if (context.world.locks != nullptr) {
    TRY_ASSIGN(lock, context.world.locks->take(device.port(), "station"));
  }
  work::Voice voice(context.sink, usb::to_string(device.port()));
  TRY_ASSIGN(const discovery::Device listening,
             reach::to_listening(context, voice, device, quick()));
  const auto answer = way::ask(context, listening);
  // Whatever it said: it is left as it was found.
  const auto back = reach::to_normal(context, voice, listening, reach::unattended());
  if (!answer) return answer.error();
  if (!back) return back.error();
  return answer->identity;
}

}  // namespace

ThreadedCrew::ThreadedCrew(CrewTools tools, std::size_t slots)
    : tools_(std::move(tools)), lanes_(slots) {}

ThreadedCrew::~ThreadedCrew() {
  for (std::vector<Lane>* lanes : {&lanes_, &others_}) {
    for (Lane& lane : *lanes) {
      if (lane.thread.joinable()) lane.thread.join();
    }
  }
}

void ThreadedCrew::use(std::shared_ptr<const Work> work) { work_ = std::move(work); }

void ThreadedCrew::start(Lane& lane, Task task) {
  // It has told its last news already.
  if (lane.thread.joinable()) lane.thread.join();
  lane.cancel = std::make_unique<base::CancelToken>(tools_.cancel, 1);
  lane.thread = std::thread([task = std::move(task), &cancel = *lane.cancel] { task(cancel); });
}

void ThreadedCrew::identify(SlotNumber slot, const discovery::Device& device) {
  start(lanes_[slot], [this, slot, device](const base::CancelToken& cancel) {
    const auto world = tools_.world();
    events::NullSink sink;
    const work::Context context{*world, platform::electron(),  release::Catalogue::embedded(), sink,
                                cancel, work::default_policy()};
    tools_.tell(News{slot, Identified{ask(context, device)}});
  });
}

void ThreadedCrew::run_job(SlotNumber slot, JobOrder order) {
  start(lanes_[slot], [this, slot, order = std::move(order),
                       work = work_](const base::CancelToken& cancel) {
    const auto world = tools_.world();
    std::shared_ptr<events::DeviceReport> report;
    {
      JobSink sink(slot, order, gate_, tools_.tell, cancel);
      JobLog log(tools_.logs, tools_.stamp, order, sink);
      WatchedHost bus(world->usb, order.device.port(), [&](const usb::DeviceInfo& device) {
        tools_.tell(News{slot, JobSaw{device}});
      });
      discovery::World watched{bus, world->serial, world->clock, world->locks};
      const work::Context context{
          watched, platform::electron(),  release::Catalogue::embedded(), log.sink(),
          cancel,  work::default_policy()};
      const job::Request request = request_of(order, *work, tools_.backups);
      report = std::make_shared<events::DeviceReport>(job::run(context, order.device, request));
      log.end(*report);
    }
    tools_.tell(News{slot, JobOver{std::move(report)}});
  });
}

void ThreadedCrew::run_hooks(SlotNumber slot, HookOrder order) {
  Lane& lane = slot == kNoSlot ? others_.emplace_back() : lanes_[slot];
  start(lane, [this, slot, order = std::move(order)](const base::CancelToken& cancel) {
    base::RealClock clock;
    tools_.tell(News{slot, HooksOver{station::run_hooks(order, clock, cancel)}});
  });
}

void ThreadedCrew::cancel(SlotNumber slot, bool at_once) {
  base::CancelToken* const cancel = lanes_[slot].cancel.get();
  if (cancel == nullptr) return;
  cancel->request();
  if (at_once && !cancel->at_once()) cancel->request();
}

}  // namespace station
