// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/route.h"

#include "flash/confirm.h"
#include "flash/reach.h"
#include "flash/stage.h"
#include "flash/voice.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace flash {
namespace {

using base::Errc;
using discovery::Device;
using discovery::Mode;
using std::chrono::seconds;

// For a device that restarts once more just as it was asked.
constexpr base::Micros kComesBack = seconds(10);

// Passes everything on but the end of the job, which is the end of the whole.
class PartOfAJob final : public events::Sink {
 public:
  explicit PartOfAJob(events::Sink& whole) : whole_(whole) {}
  void on(const std::string& device, const events::Event& event) override {
    if (!std::holds_alternative<events::JobFinished>(event)) whole_.on(device, event);
  }

 private:
  events::Sink& whole_;
};

// What each slot holds once the plan is carried out; later stages replace earlier ones.
std::vector<firmware::CheckedModule> modules_in_the_end(const plan::Plan& plan) {
  std::vector<firmware::CheckedModule> modules;
  for (const plan::Stage& stage : plan.stages) {
    for (const plan::Step& step : stage.steps) {
      if (!step.content.checked) continue;
      const firmware::CheckedModule& module = *step.content.checked;
      std::erase_if(modules, [&](const auto& other) { return other.id() == module.id(); });
      modules.push_back(module);
    }
  }
  return modules;
}

class RoutedJob {
 public:
  RoutedJob(Bench& bench, const Device& device, const JobRequest& request)
      : bench_(bench),
        part_(bench.sink),
        inner_{bench.world, bench.platform, part_, bench.cancel, bench.switcher, bench.policy},
        around_{bench.world, bench.platform, part_, bench.cancel},
        device_(device),
        request_(request) {}

  DeviceReport run(Via via) {
    const base::Instant start = bench_.world.clock.now();
    DeviceReport report = by(via);
    report.totals.seconds = std::chrono::duration<double>(bench_.world.clock.now() - start).count();
    bench_.sink.on(usb::to_string(device_.port()), events::JobFinished{report.ok()});
    return report;
  }

 private:
  DeviceReport by(Via via) {
    if (via == Via::serial) return run_serial_job(around_, device_, request_, attended_serial());
    JobRequest request = request_;
    request.was_running = device_.mode != Mode::dfu;
    if (via == Via::automatic && request.was_running) {
      SwitchOptions options = unattended();
      options.by_itself = bench_.policy.switching;
      auto there = to_dfu(around_, device_, options);
      if (there) {
        device_ = std::move(*there);
      } else if (no_way_helps(there.error())) {
        return failed(std::move(there.error()));
      } else if (there.error().code != Errc::cancelled) {
        auto listening = to_listening(around_, device_, unattended());
        if (listening) return by_serial_instead(*listening);
      }
    }
    // Whatever stands in the way of DFU is said, or asked for, by the job.
    DeviceReport report = run_job(inner_, device_, request);
    ask_at_the_end(report);
    return report;
  }

  DeviceReport by_serial_instead(const Device& listening) {
    Voice voice(part_, usb::to_string(device_.port()));
    voice.note("the device does not go to DFU mode; its modules are sent over the serial line", 0);
    return run_serial_job(around_, listening, request_, attended_serial());
  }

  // The port is somebody else's, or the device is not the one that was meant.
  static bool no_way_helps(const base::Error& error) {
    return error.code == Errc::access_denied || error.code == Errc::busy ||
           error.code == Errc::no_device;
  }

  DeviceReport failed(base::Error error) {
    DeviceReport report;
    report.port = device_.port();
    report.id = device_.id;
    report.error = std::move(error);
    describe(report);
    return report;
  }

  void describe(DeviceReport& report) {
    report.whereabouts = look_for(inner_, report.port);
    report.device_state = describe_whereabouts(report.whereabouts, report.ok());
  }

  void ask_at_the_end(DeviceReport& report) {
    if (!report.ok() || !report.plan || report.confirmed != ConfirmedBy::enumeration) return;
    auto confirmation = confirm(around_, report.port, modules_in_the_end(*report.plan), asking());
    if (!confirmation) {
      report.error = std::move(confirmation.error());
    } else if (confirmation->by == ConfirmedBy::listening) {
      take_answer(report, *confirmation);
    } else {
      check_that_it_is_there(report, *confirmation);
    }
    describe(report);
    if (report.ok()) describe_how_it_runs(report);
  }

  SwitchOptions asking() const {
    SwitchOptions options = unattended();
    // A device that needs the button is not worth a long wait: what was written has been read back.
    // Others may miss the first touch of two, just after their start.
    options.by_itself = seconds(20);
    return options;
  }

  void take_answer(DeviceReport& report, Confirmation& confirmation) {
    const std::string& id = confirmation.answer->identity.device_id;
    report.confirmed = ConfirmedBy::listening;
    report.confirmed_modules = confirmation.answer->state.modules;
    if (report.id.empty()) report.id = id;
    if (!id.empty() && report.id != id) {
      report.error = base::make_error(
          Errc::no_device, "another-device",
          fmt::format("the Electron that answers on {} is {}, not {}, which was written to",
                      usb::to_string(report.port), id, report.id),
          "plug the right device in again and run the same command again");
    } else if (!confirmation.differences.empty()) {
      report.error = base::make_error(
          Errc::not_back, "device-differs",
          "what was written was read back and right, but " + confirmation.differences.front(),
          "run the same command again");
    }
  }

  // It was on the bus once. A device that restarts again and again is, too.
  void check_that_it_is_there(DeviceReport& report, const Confirmation& confirmation) {
    Voice voice(part_, usb::to_string(report.port));
    const auto there = discovery::wait_for(bench_.world, bench_.platform, report.port,
                                           discovery::Want::serial, kComesBack, bench_.cancel);
    if (there) {
      voice.note("the device could not be asked what it runs: " + confirmation.why_not, 1);
      return;
    }
    report.confirmed = ConfirmedBy::none;
    report.error = base::make_error(
        Errc::not_back, "did-not-stay",
        fmt::format("the device started and did not stay on {}", usb::to_string(report.port)),
        "press RESET and look at the LED; if it does not come up: " + how_to_reach_dfu() +
            ", then run the same command again");
  }

  // What runs need not run whole: without a fitting application it is in safe mode.
  void describe_how_it_runs(DeviceReport& report) {
    if (!report.after) return;
    plan::InstalledState state = *report.after;
    if (!report.confirmed_modules.empty()) state.modules = report.confirmed_modules;
    const plan::Judgement judgement = plan::judge(state, *request_.catalogue);
    if (judgement.verdict != plan::Verdict::safe_mode) return;
    report.device_state = "it runs in safe mode (LED breathes magenta)";
    if (!judgement.reasons.empty()) report.device_state += ": " + judgement.reasons.front();
  }

  Bench& bench_;
  PartOfAJob part_;
  Bench inner_;
  Surroundings around_;
  Device device_;
  const JobRequest& request_;
};

}  // namespace

DeviceReport run_job_via(Via via, Bench& bench, const Device& device, const JobRequest& request) {
  return RoutedJob(bench, device, request).run(via);
}

}  // namespace flash
