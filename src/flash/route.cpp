// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/route.h"

#include "flash/confirm.h"
#include "flash/voice.h"

#include <algorithm>
#include <utility>

namespace flash {
namespace {

using base::Errc;
using discovery::Device;
using discovery::Mode;
using std::chrono::seconds;

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
      std::erase_if(modules, [&](const auto& other) { return other.id() == step.module.id(); });
      modules.push_back(step.module);
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
    DeviceReport report = by(via);
    bench_.sink.on(usb::to_string(device_.port()), events::JobFinished{report.ok()});
    return report;
  }

 private:
  DeviceReport by(Via via) {
    if (via == Via::serial) return run_serial_job(around_, device_, request_, attended_serial());
    if (via == Via::automatic && device_.mode != Mode::dfu && !reaches_dfu()) {
      auto listening = to_listening(around_, device_, unattended());
      if (listening) {
        Voice voice(part_, usb::to_string(device_.port()));
        voice.note("the device does not go to DFU mode; its modules are sent over the serial line",
                   0);
        return run_serial_job(around_, *listening, request_, attended_serial());
      }
    }
    // Whatever stands in the way of DFU is said, or asked for, by the job.
    DeviceReport report = run_job(inner_, device_, request_);
    ask_at_the_end(report);
    return report;
  }

  bool reaches_dfu() {
    SwitchOptions options = unattended();
    options.by_itself = bench_.policy.switching;
    auto there = to_dfu(around_, device_, options);
    if (there) device_ = std::move(*there);
    return there.has_value() || there.error().code == Errc::cancelled;
  }

  void ask_at_the_end(DeviceReport& report) {
    if (!report.ok() || !report.plan || report.confirmed != ConfirmedBy::enumeration) return;
    const std::vector<firmware::CheckedModule> written = modules_in_the_end(*report.plan);
    SwitchOptions options = unattended();
    // A device that needs the button is not worth a longer wait: what was written has been read
    // back.
    options.by_itself = seconds(8);
    Voice voice(part_, usb::to_string(report.port));
    auto confirmation = confirm(around_, report.port, written, options);
    if (!confirmation) {
      report.error = std::move(confirmation.error());
      return;
    }
    if (confirmation->by != ConfirmedBy::listening) {
      voice.note("the device could not be asked what it runs: " + confirmation->why_not, 1);
      return;
    }
    report.confirmed = ConfirmedBy::listening;
    report.confirmed_modules = confirmation->answer->state.modules;
    if (report.id.empty()) report.id = confirmation->answer->identity.device_id;
    if (confirmation->differences.empty()) return;
    report.error = base::make_error(
        Errc::not_back, "device-differs",
        "what was written was read back and right, but " + confirmation->differences.front(),
        "run the same command again");
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
