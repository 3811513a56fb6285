// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/serial_route.h"

#include "flash/confirm.h"
#include "flash/courier.h"
#include "flash/stage.h"
#include "flash/voice.h"

#include <utility>

namespace flash {
namespace {

using base::Errc;
using discovery::Device;

void warn_without_backup(plan::Plan& plan) {
  if (plan.nothing_to_do()) return;
  plan.warnings.push_back(
      {"serial-without-backup",
       "over the serial line nothing can be read from the device: what is replaced is not saved, "
       "and what is written is not read back, the device's own answer is the proof"});
}

class SerialJob {
 public:
  SerialJob(const Surroundings& around, const Device& device, const SerialOptions& options)
      : around_(around), courier_(around, device, options) {
    report_.port = device.port();
    report_.id = device.id;
  }

  template <class Work>
  DeviceReport run(Work work) {
    const base::Instant start = around_.world.clock.now();
    const base::Result<> result = work();
    if (!result) report_.error = result.error();
    // After a transfer that failed it waits in listening mode for the same command again.
    if (result || !has_sent()) courier_.let_go();
    if (courier_.state()) {
      report_.after = courier_.state()->state;
      report_.id = courier_.state()->identity.device_id;
    }
    describe_end();
    report_.totals.seconds =
        std::chrono::duration<double>(around_.world.clock.now() - start).count();
    around_.sink.on(usb::to_string(report_.port), events::JobFinished{report_.ok()});
    return std::move(report_);
  }

  base::Result<> release(const JobRequest& request) {
    TRY(courier_.begin());
    TRY_ASSIGN(const plan::Plan plan, make_plan(request));
    if (request.approve && !request.approve(plan, *report_.before)) {
      return base::make_error(Errc::cancelled, "not-approved",
                              "stopped before anything was written",
                              "add --yes to go on without a question");
    }
    if (request.dry_run) return {};
    // What each slot holds in the end; later stages replace earlier ones.
    std::vector<firmware::CheckedModule> final_modules;
    for (const plan::Stage& stage : plan.stages) {
      TRY(deliver(stage));
      for (const plan::Step& step : stage.steps) {
        const firmware::CheckedModule& module = *step.content.checked;
        std::erase_if(final_modules, [&](const auto& other) { return other.id() == module.id(); });
        final_modules.push_back(module);
      }
    }
    return finish(final_modules);
  }

  base::Result<> single(std::span<const firmware::CheckedModule> modules) {
    TRY(courier_.begin());
    report_.before = courier_.state()->state;
    plan::Stage stage;
    for (const firmware::CheckedModule& module : modules) {
      const plan::InstalledModule* there = report_.before->valid(module.id());
      plan::Step step;
      step.action = plan::Action::send;
      step.content = plan::content_of(module);
      step.reason = "asked for";
      if (there != nullptr) step.from_version = there->version();
      stage.steps.push_back(std::move(step));
    }
    TRY(deliver(stage));
    return finish(modules);
  }

 private:
  base::Result<plan::Plan> make_plan(const JobRequest& request) {
    report_.before = courier_.state()->state;
    plan::Request goal = request.goal;
    goal.leave_in_dfu = false;
    plan::Outcome outcome =
        plan::make_plan(*report_.before, goal, plan::Medium::serial, *request.catalogue);
    if (auto* plan = std::get_if<plan::Plan>(&outcome)) {
      warn_without_backup(*plan);
      report_.plan = *plan;
      return std::move(*plan);
    }
    report_.refusal = std::get<plan::Refusal>(std::move(outcome));
    return base::make_error(Errc::refused, report_.refusal->code, report_.refusal->message,
                            report_.refusal->hint);
  }

  base::Result<> deliver(const plan::Stage& stage) {
    report_.stages.push_back(new_stage_report(stage));
    StageReport& report = report_.stages.back();
    for (StepReport& step : report.steps) {
      if (step.step.action == plan::Action::skip) continue;
      const base::Instant start = around_.world.clock.now();
      const auto delivered = courier_.deliver(step, report_.totals);
      step.seconds = std::chrono::duration<double>(around_.world.clock.now() - start).count();
      TRY(delivered);
    }
    report.complete = true;
    report.booted = true;
    return {};
  }

  base::Result<> finish(std::span<const firmware::CheckedModule> modules) {
    // The device was asked after the last module; nothing has happened since.
    const std::vector<std::string> wrong = differences(courier_.state()->described, modules);
    if (!wrong.empty()) {
      return base::make_error(Errc::verify_mismatch, "device-differs",
                              "the device does not have what was sent: " + wrong.front(),
                              "run the same command again");
    }
    report_.confirmed = ConfirmedBy::listening;
    report_.confirmed_modules = courier_.state()->state.modules;
    return {};
  }

  bool has_sent() const {
    for (const StageReport& stage : report_.stages) {
      for (const StepReport& step : stage.steps) {
        if (step.attempts > 0) return true;
      }
    }
    return false;
  }

  void describe_end() {
    const auto there =
        discovery::wait_for(around_.world, around_.platform, report_.port, discovery::Want::any,
                            base::Micros(0), base::CancelToken());
    if (!there) {
      report_.whereabouts = Whereabouts::gone;
    } else {
      report_.whereabouts =
          there->mode == discovery::Mode::dfu ? Whereabouts::dfu : Whereabouts::serial;
    }
    report_.device_state = describe_whereabouts(report_.whereabouts, report_.ok());
  }

  const Surroundings& around_;
  Courier courier_;
  DeviceReport report_;
};

}  // namespace

SerialOptions attended_serial() { return {.mode = attended(), .check_rules = true, .sessions = 3}; }

DeviceReport run_serial_job(const Surroundings& around, const Device& device,
                            const JobRequest& request, const SerialOptions& options) {
  SerialJob job(around, device, options);
  return job.run([&] { return job.release(request); });
}

DeviceReport send_by_serial(const Surroundings& around, const Device& device,
                            std::span<const firmware::CheckedModule> modules,
                            const SerialOptions& options) {
  SerialJob job(around, device, options);
  return job.run([&] { return job.single(modules); });
}

}  // namespace flash
