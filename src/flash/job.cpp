// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/job.h"

#include "flash/backup_job.h"
#include "flash/installed_state.h"
#include "flash/reach.h"
#include "flash/sector_writer.h"
#include "flash/stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace flash {
namespace {

using discovery::Device;

// Stages and losses of the device together; far more than any job has.
constexpr int kMostRounds = 1000;

class Job {
 public:
  Job(Bench& bench, Device device, const JobRequest& request)
      : bench_(bench),
        request_(request),
        device_(std::move(device)),
        voice_(bench.sink, usb::to_string(device_.port())) {
    report_.port = device_.port();
    report_.id = device_.id;
  }

  DeviceReport run() {
    const base::Instant start = bench_.world.clock.now();
    const bool was_running = request_.was_running || device_.mode != discovery::Mode::dfu;
    const auto result = work();
    if (!result) report_.error = result.error();
    if (was_running) leave_as_found();
    if (report_.id.empty()) report_.id = device_.id;
    describe_end();
    report_.totals.seconds =
        std::chrono::duration<double>(bench_.world.clock.now() - start).count();
    voice_.say(events::JobFinished{report_.ok()});
    return std::move(report_);
  }

 private:
  enum class Next { round, over };

  base::Result<> work() {
    TRY_ASSIGN(device_, reach_dfu(bench_, voice_, device_));
    int losses = 0;
    for (int rounds = 0; rounds < kMostRounds; ++rounds) {
      const std::size_t finished = sectors_finished_;
      const auto next = round();
      if (next) {
        if (*next == Next::over) return {};
        losses = 0;
        continue;
      }
      if (sectors_finished_ != finished) losses = 0;
      if (!is_loss(next.error()) || ++losses > bench_.policy.losses_in_a_row) return next.error();
      if (bench_.cancel.requested()) return stopped();
      voice_.note(next.error().message, 0);
      TRY_ASSIGN(device_, reach_again(bench_, voice_, device_, next.error()));
    }
    return base::make_error(base::Errc::internal, "the job does not come to an end",
                            "please report this with the log of the run");
  }

  // Looks at everything afresh, and does the first thing that is to be done.
  base::Result<Next> round() {
    if (bench_.cancel.requested()) return stopped();
    TRY_ASSIGN(auto session, Session::open(bench_.world, bench_.platform, device_, report_.totals));
    FlashImage image(bench_.platform.flash);
    TRY_ASSIGN(const plan::InstalledState state, read_state(bench_, voice_, *session, image));
    report_.after = state;
    TRY(check_last_stage(state));
    TRY_ASSIGN(plan::Plan plan, make_plan(state));
    if (!report_.plan) {
      report_.before = state;
      report_.plan = plan;
      if (request_.approve && !request_.approve(plan, state)) return not_approved();
    }
    if (request_.dry_run) return Next::over;
    TRY(keep_backup(*session, image, plan));
    const auto stage = std::find_if(plan.stages.begin(), plan.stages.end(), writes_something);
    if (stage == plan.stages.end()) return finish(std::move(session));
    report_.stages.push_back(new_stage_report(*stage));
    const auto written = write_stage(*session, image, *stage);
    report_.after = state_from_image(bench_.platform, image);
    TRY(written);
    if (stage + 1 == plan.stages.end()) return finish(std::move(session));
    return boot_between(std::move(session), *stage);
  }

  // What was written and verified before the boot must still be what is there.
  base::Result<> check_last_stage(const plan::InstalledState& state) {
    const std::optional<plan::Stage> booted = std::exchange(booted_, std::nullopt);
    if (!booted) return {};
    for (const plan::Step& step : booted->steps) {
      if (!step.content.checked) continue;
      const firmware::CheckedModule& module = *step.content.checked;
      const plan::InstalledModule* there = state.find(module.id());
      if (there != nullptr && plan::compare(there->seen, module) == plan::Sameness::same) continue;
      return base::make_error(
          base::Errc::not_back, "stage-differs",
          fmt::format("after the start of {}, the {} is no longer what was written and verified",
                      booted->release ? booted->release->text() : "the device", step.content.name),
          "run the same command again");
    }
    return {};
  }

  base::Result<plan::Plan> make_plan(const plan::InstalledState& state) {
    plan::Outcome outcome =
        plan::make_plan(state, request_.goal, plan::Medium::dfu, *request_.catalogue);
    if (auto* plan = std::get_if<plan::Plan>(&outcome)) return std::move(*plan);
    report_.refusal = std::get<plan::Refusal>(std::move(outcome));
    return base::make_error(base::Errc::refused, report_.refusal->code, report_.refusal->message,
                            report_.refusal->hint);
  }

  base::Result<> keep_backup(Session& session, FlashImage& image, const plan::Plan& plan) {
    // Every sector that any stage erases; the ones of this stage also without a backup, because a
    // blank one is not erased.
    std::vector<base::AddressRange> sectors;
    for (const plan::Stage& stage : plan.stages) {
      for (const base::AddressRange& sector : sectors_of(stage, bench_.platform)) {
        if (std::ranges::find(saved_, sector) != saved_.end()) continue;
        saved_.push_back(sector);
        sectors.push_back(sector);
      }
    }
    if (!request_.backup_path || sectors.empty()) return {};
    std::ranges::sort(sectors, {}, &base::AddressRange::begin);
    const BackupPlace place{
        .path = free_path(*request_.backup_path),
        .device = device_.id.empty() ? usb::to_string(device_.port()) : device_.id,
        .made_at = request_.made_at};
    const auto kept = save_sectors(bench_, voice_, session, image, sectors, place);
    if (!kept) {
      saved_.clear();
      return kept;
    }
    report_.backups.push_back(place.path);
    return {};
  }

  base::Result<> write_stage(Session& session, FlashImage& image, const plan::Stage& stage) {
    TRY(read_sectors(bench_, voice_, session, image, sectors_of(stage, bench_.platform)));
    StageWork work = work_of(stage, bench_.platform);
    const WriterContext context{
        session, image, voice_, report_.totals, bench_.policy, bench_.world.clock, bench_.cancel};
    const auto written = write_sectors(context, work.sectors, work.guarded);
    StageReport& report = report_.stages.back();
    report.guarded = work.guarded.has_value();
    fill_report(report, work);
    sectors_finished_ += static_cast<std::size_t>(
        std::ranges::count_if(work.sectors, [](const SectorWork& w) { return w.verified; }));
    report.complete = written.has_value();
    return written;
  }

  base::Result<Next> boot_between(std::unique_ptr<Session> session, const plan::Stage& stage) {
    auto back = leave_and_wait(bench_, voice_, std::move(session), report_.totals);
    if (back) back = settle(bench_, voice_, std::move(*back));
    if (back) {
      report_.stages.back().booted = true;
      TRY_ASSIGN(device_, reach_dfu(bench_, voice_, *back));
    } else if (back.error().code == base::Errc::not_back) {
      // It may run all the same: an application can keep USB switched off.
      voice_.note(back.error().message, 0);
      auto again = reach_again(bench_, voice_, device_, back.error());
      if (!again && again.error().code == base::Errc::timeout) return std::move(back.error());
      TRY_ASSIGN(device_, std::move(again));
    } else {
      return std::move(back.error());
    }
    booted_ = stage;
    return Next::round;
  }

  base::Result<Next> finish(std::unique_ptr<Session> session) {
    if (request_.goal.leave_in_dfu) {
      report_.confirmed = ConfirmedBy::dfu;
      report_.confirmed_modules = report_.after->modules;
      return Next::over;
    }
    if (bench_.cancel.requested()) return stopped();
    TRY_ASSIGN(device_, leave_and_wait(bench_, voice_, std::move(session), report_.totals));
    report_.confirmed = ConfirmedBy::enumeration;
    if (!report_.stages.empty()) report_.stages.back().booted = true;
    return Next::over;
  }

  base::Error stopped() const {
    return base::make_error(base::Errc::cancelled, "interrupted", "run the same command again");
  }

  base::Error not_approved() const {
    return base::make_error(base::Errc::cancelled, "not-approved",
                            "stopped before anything was written",
                            "add --yes to go on without a question");
  }

  // A running device that was only looked at runs again.
  void leave_as_found() {
    const bool touched = !report_.stages.empty() || report_.confirmed != ConfirmedBy::none;
    // With trouble on the bus nothing more is tried.
    const bool trouble = report_.error && (is_loss(*report_.error) ||
                                           report_.error->code == base::Errc::access_denied ||
                                           report_.error->code == base::Errc::no_device);
    if (touched || trouble || look_for(bench_, report_.port) != Whereabouts::dfu) return;
    auto session = Session::open(bench_.world, bench_.platform, device_, report_.totals);
    if (!session) return;
    if (const auto left = leave_and_wait(bench_, voice_, std::move(*session), report_.totals);
        !left && report_.ok()) {
      report_.error = left.error();
    }
  }

  void describe_end() {
    report_.whereabouts = look_for(bench_, report_.port);
    report_.device_state = describe_whereabouts(report_.whereabouts, report_.ok());
  }

  Bench& bench_;
  const JobRequest& request_;
  Device device_;
  Voice voice_;
  DeviceReport report_;
  std::vector<base::AddressRange> saved_;  // sectors whose content from before the job is kept
  std::optional<plan::Stage> booted_;      // the stage that ended with the last restart
  std::size_t sectors_finished_ = 0;
};

}  // namespace

DeviceReport run_job(Bench& bench, const Device& device, const JobRequest& request) {
  return Job(bench, device, request).run();
}

}  // namespace flash
