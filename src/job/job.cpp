// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/job.h"

#include "discovery/port_locks.h"
#include "job/ending.h"
#include "job/restoring.h"
#include "job/rounds.h"
#include "medium/installed_state.h"
#include "reach/back.h"
#include "reach/leave.h"
#include "way/confirm.h"
#include "way/dfu_way.h"
#include "way/ymodem_way.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace job {
namespace {

using base::Errc;
using discovery::Device;
using discovery::Mode;

// Stages and losses of the device together; far more than any job has.
constexpr int kMostRounds = 1000;
// What a whole job weighs before anything is known of it: three parts.
constexpr double kUsualWeight = 8000;
constexpr double kConfirmWeight = 4000;

class Job {
 public:
  Job(const work::Context& context, const Device& device, const Request& request)
      : context_(context),
        request_(request),
        voice_(context.sink, usb::to_string(device.port())),
        subject_{.device = device, .report = {}},
        around_{context_, voice_, subject_},
        dfu_(around_, request.via == Via::automatic ? base::Micros(0) : context.policy.by_hand),
        ymodem_(around_, request.serial),
        way_(request.via == Via::serial ? static_cast<way::Way*>(&ymodem_) : &dfu_),
        rounds_(subject_.report) {
    subject_.report.goal = name(request.goal);
    subject_.report.port = device.port();
    subject_.report.id = device.id;
  }

  events::DeviceReport run() {
    const base::Instant start = context_.world.clock.now();
    voice_.say(events::JobStarted{std::string(name(request_.goal))});
    voice_.expect(kUsualWeight);
    if (const auto done = work(); !done) report().error = done.error();
    put_back();
    dfu_.close();
    lock_.reset();
    describe_end(context_, subject_);
    report().totals.seconds = base::in_seconds(context_.world.clock.now() - start);
    if (report().ok()) voice_.finish();
    voice_.say(events::JobFinished{std::make_shared<events::DeviceReport>(report())});
    return std::move(report());
  }

 private:
  enum class Next { round, over };

  events::DeviceReport& report() { return subject_.report; }

  base::Result<> work() {
    TRY(prepare());
    int losses = 0;
    bool looked = false;
    for (int rounds = 0; rounds < kMostRounds; ++rounds) {
      const std::size_t finished = rounds_.finished();
      const auto next = round();
      if (next && *next == Next::over) return {};
      if (next || rounds_.finished() != finished) losses = 0;
      if (next) continue;
      looked = looked || report().before.has_value();
      if (!looked && may_go_by_serial(next.error())) {
        TRY(go_by_serial(next.error()));
        continue;
      }
      if (++losses > context_.policy.losses_in_a_row) return next.error();
      TRY(way_->meet_again(next.error()));
      rounds_.was_lost();
    }
    return base::make_error(Errc::internal, "the job does not come to an end",
                            "please report this with the log of the run");
  }

  // What can go wrong before the device is touched.
  base::Result<> prepare() {
    if (context_.world.locks != nullptr) {
      TRY_ASSIGN(lock_, context_.world.locks->take(subject_.device.port(), name(request_.goal)));
    }
    if (const auto* restore = std::get_if<ToBackup>(&request_.goal)) {
      TRY(restoring_.load(*restore, context_.platform));
      report().left_out = restoring_.left_out();
      TRY(restoring_.check_owner(*restore, subject_.device.id));
    }
    if (const auto* compare = std::get_if<Compare>(&request_.goal)) {
      for (const firmware::CheckedModule& module : compare->modules) {
        report().comparisons.push_back({.module = module});
      }
    }
    if (request_.backup_path && !only_reads(request_.goal) && !request_.dry_run &&
        request_.via != Via::serial) {
      TRY(vault::try_place(*request_.backup_path));
    }
    return {};
  }

  // Looks at everything afresh, and does the first thing that is to be done.
  base::Result<Next> round() {
    if (context_.cancel.requested()) return stopped();
    TRY_ASSIGN(const plan::InstalledState state, way_->observe());
    TRY(rounds_.check(state, subject_.device.port()));
    report().after = state;
    if (!report().before) report().before = state;
    note_bootloader(report(), state.bootloader_version);
    if (std::holds_alternative<Look>(request_.goal)) return Next::over;
    if (const auto* save = std::get_if<Save>(&request_.goal)) return save_all(*save);
    if (std::holds_alternative<Compare>(request_.goal)) return compare_all();
    return carry_on(state);
  }

  base::Result<Next> carry_on(const plan::InstalledState& state) {
    TRY_ASSIGN(plan::Plan plan, make_plan(state));
    voice_.expect(weight_of(plan, request_.backup_path.has_value()));
    if (!report().plan) TRY(take(plan));
    if (request_.dry_run) return Next::over;
    TRY(keep_backup(plan));
    const auto stage = std::ranges::find_if_not(plan.stages, &plan::Stage::nothing_to_do);
    if (stage == plan.stages.end()) return finish(plan.stages.back());
    if (stage->medium != way_->medium()) TRY(change_way(stage->medium));
    TRY(apply(*stage));
    if (stage + 1 == plan.stages.end()) return finish(*stage);
    if (way_->medium() == plan::Medium::dfu) TRY(boot_between(*stage));
    if ((stage + 1)->medium == way_->medium()) return Next::round;
    // What the device tells over another medium proves less than what was read.
    for (auto rest = stage + 1; rest != plan.stages.end(); ++rest) {
      if (rest->medium != way_->medium()) TRY(change_way(rest->medium));
      TRY(apply(*rest));
    }
    return finish(plan.stages.back());
  }

  base::Result<plan::Plan> make_plan(const plan::InstalledState& state) {
    plan::Outcome outcome;
    if (const auto* release = std::get_if<ToRelease>(&request_.goal)) {
      outcome = plan::make_plan(state, release->request, way_->medium(), context_.catalogue);
    } else if (const auto* send = std::get_if<SendModules>(&request_.goal)) {
      return plan_of(*send, state);
    } else {
      const auto& restore = std::get<ToBackup>(request_.goal);
      TRY(restoring_.check_owner(restore, subject_.device.id));
      TRY(dfu_.read(restoring_.ranges(context_.platform), "what is to be restored"));
      return restoring_.plan(restore, context_, state, dfu_.image());
    }
    if (auto* plan = std::get_if<plan::Plan>(&outcome)) return std::move(*plan);
    report().refusal = std::get<plan::Refusal>(std::move(outcome));
    return plan::as_error(*report().refusal);
  }

  base::Result<> take(const plan::Plan& plan) {
    report().plan = plan;
    rounds_.expect(plan);
    voice_.say(events::PlanReady{std::make_shared<plan::Plan>(plan)});
    if (!request_.approve || request_.approve(plan)) return {};
    return base::make_error(Errc::cancelled, "not-approved", "stopped before anything was written",
                            "add --yes to go on without a question");
  }

  // Everything that any stage will erase, before the first of it is.
  base::Result<> keep_backup(const plan::Plan& plan) {
    if (!request_.backup_path || way_->medium() != plan::Medium::dfu) return {};
    const std::vector<base::AddressRange> sectors = rounds_.not_saved(plan);
    if (sectors.empty()) return {};
    const vault::Place place = place_for(vault::free_path(*request_.backup_path));
    TRY(dfu_.save(sectors, place, false));
    rounds_.saved(sectors);
    report().backups.push_back(place.path);
    return {};
  }

  vault::Place place_for(std::string path) const {
    const Device& device = subject_.device;
    return {.path = std::move(path),
            .device = device.id.empty() ? usb::to_string(device.port()) : device.id,
            .made_at = request_.made_at};
  }

  base::Result<> apply(const plan::Stage& stage) {
    events::StageReport round = rounds_.begin(stage);
    const auto applied = way_->apply(stage, round);
    rounds_.end(round);
    if (way_->medium() == plan::Medium::dfu) {
      report().after = medium::state_from_image(context_.platform, dfu_.image());
    }
    return applied;
  }

  base::Result<> boot_between(const plan::Stage& stage) {
    auto started = way_->start();
    if (started) {
      auto settled = reach::settle(context_, subject_.device);
      if (!settled) return std::move(settled.error());
      subject_.device = std::move(*settled);
      rounds_.booted(stage);
      return {};
    }
    if (started.error().code != Errc::not_back) return started;
    // It may run all the same: an application can keep USB switched off.
    voice_.note(started.error().message, 0);
    auto again = reach::dfu_again(context_, voice_, subject_.device, started.error());
    if (!again && again.error().code == Errc::timeout) return started;
    TRY_ASSIGN(subject_.device, std::move(again));
    subject_.told_to_start = false;
    return {};
  }

  base::Result<> change_way(plan::Medium medium) {
    if (way_->medium() == plan::Medium::dfu && subject_.device.mode == Mode::dfu) {
      TRY(way_->start());
      TRY_ASSIGN(subject_.device, reach::settle(context_, subject_.device));
    }
    way_ = medium == plan::Medium::dfu ? static_cast<way::Way*>(&dfu_) : &ymodem_;
    TRY_ASSIGN(const plan::InstalledState told, way_->observe());
    return {};
  }

  // --- the way ---

  // A device that does not go to DFU mode by itself may take its parts over the serial line, or a
  // person may help.
  bool may_go_by_serial(const base::Error& error) const {
    return request_.via == Via::automatic && way_ == &dfu_ && error.code == Errc::timeout &&
           subject_.device.mode != Mode::dfu && !helped_;
  }

  base::Result<> go_by_serial(const base::Error& why) {
    helped_ = true;
    if (std::holds_alternative<ToRelease>(request_.goal)) {
      auto listening = reach::to_listening(context_, voice_, subject_.device, reach::unattended());
      if (listening) {
        voice_.note("the device does not go to DFU mode; its modules are sent over the serial line",
                    0);
        subject_.device = std::move(*listening);
        way_ = &ymodem_;
        return {};
      }
      if (listening.error().code == Errc::cancelled) return std::move(listening.error());
    }
    voice_.note("the device does not go to DFU mode by itself: " + why.message, 1);
    dfu_.ask_for_help(context_.policy.by_hand);
    return {};
  }

  // --- the end ---

  base::Result<Next> finish(const plan::Stage& last) {
    if (last.then == plan::Then::stay && way_ == &dfu_) {
      report().confirmed = events::ConfirmedBy::dfu;
      report().confirmed_modules = report().after->modules;
      return Next::over;
    }
    if (way_ == &ymodem_) return finish_by_answer();
    if (context_.cancel.requested()) return stopped();
    if (auto started = way_->start(); !started) {
      return explained(std::move(started.error()), report(), context_.catalogue);
    }
    rounds_.booted(last);
    report().confirmed = events::ConfirmedBy::enumeration;
    TRY_ASSIGN(way::Confirmation confirmation, way::confirm(context_, voice_, subject_.device));
    TRY(take_confirmation(context_, voice_, subject_, std::move(confirmation),
                          rounds_.modules_in_the_end()));
    TRY(check_safe_mode(request_.goal, report(), context_.catalogue));
    return Next::over;
  }

  // The device was asked after the last module; nothing has happened since.
  base::Result<Next> finish_by_answer() {
    report().after = ymodem_.answer()->state;
    TRY(take_answer(subject_, *ymodem_.answer(), rounds_.modules_in_the_end()));
    // Its answer stands, whether it hears that it may go on or not.
    if (const auto left = way_->start(); !left) {
      voice_.note("the device may still be in listening mode: " + left.error().message, 0);
    }
    TRY(check_safe_mode(request_.goal, report(), context_.catalogue));
    return Next::over;
  }

  base::Result<Next> save_all(const Save& save) {
    std::vector<base::AddressRange> ranges;
    if (save.include_keys) ranges.push_back(context_.platform.configuration);
    for (const platform::Sector& sector : context_.platform.sectors) {
      if (!vault::region_name(context_.platform, sector.range).empty()) {
        ranges.push_back(sector.range);
      }
    }
    TRY(dfu_.save(ranges, place_for(save.path), true));
    for (const base::AddressRange& range : ranges) {
      report().saved.push_back({vault::region_name(context_.platform, range), range});
    }
    return Next::over;
  }

  base::Result<Next> compare_all() {
    for (events::Comparison& comparison : report().comparisons) {
      if (comparison.equal) continue;
      TRY(dfu_.compare(comparison));
      if (comparison.equal) report().totals.bytes_verified += comparison.module.image().size();
    }
    TRY(no_differences(report().comparisons));
    return Next::over;
  }

  base::Error stopped() const {
    return base::make_error(Errc::cancelled, "interrupted", "run the same command again");
  }

  // A running device of which nothing was written runs again, whatever else has happened.
  void put_back() {
    const bool was_running = found_in_ != Mode::dfu;
    if (!was_running || report().touched() || !is_here(report().error)) return;
    const base::CancelToken second(context_.cancel, 1);
    const work::Context last{context_.world, context_.platform, context_.catalogue, context_.sink,
                             second,         context_.policy};
    base::Result<> back;
    if (way_ == &ymodem_) {
      back = ymodem_.start();
    } else if (reach::look_for(last, subject_.device.port(), false) == events::Whereabouts::dfu) {
      dfu_.close();
      back = start_again({last, voice_, subject_});
    }
    if (back) return;
    if (report().ok()) {
      report().error = std::move(back.error());
    } else {
      voice_.note(back.error().message, 0);
    }
  }

  const work::Context& context_;
  const Request& request_;
  work::Voice voice_;
  way::Subject subject_;
  way::Surroundings around_;
  way::DfuWay dfu_;
  way::YmodemWay ymodem_;
  way::Way* way_;
  Rounds rounds_;
  Restoring restoring_;
  const Mode found_in_ = subject_.device.mode;
  bool helped_ = false;
  std::unique_ptr<discovery::PortLock> lock_;
};

}  // namespace

double weight_of(const plan::Plan& plan, bool saves) {
  double sum = 0;
  double erased = 0;
  for (const plan::Stage& stage : plan.stages) {
    for (const plan::Step& step : stage.steps) {
      if (step.action == plan::Action::skip) continue;
      sum += step.weight;
      erased += step.content.place.size();
    }
    if (stage.then == plan::Then::boot) sum += way::kStartWeight;
  }
  if (saves) sum += work::read_weight(static_cast<std::uint64_t>(erased));
  return plan.stages.back().then == plan::Then::boot ? sum + kConfirmWeight : sum;
}

events::DeviceReport run(const work::Context& context, const Device& device,
                         const Request& request) {
  return Job(context, device, request).run();
}

}  // namespace job
