// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/ending.h"

#include "medium/reading.h"
#include "reach/back.h"
#include "reach/leave.h"
#include "reach/line.h"

#include <fmt/format.h>

#include <utility>

namespace job {
namespace {

using base::Errc;

// For a device that restarts once more just as it was asked.
constexpr base::Micros kComesBack = std::chrono::seconds(10);

plan::Judgement judge_end(const events::DeviceReport& report, const release::Catalogue& catalogue) {
  plan::InstalledState state = *report.after;
  if (!report.confirmed_modules.empty()) state.modules = report.confirmed_modules;
  return plan::judge(state, catalogue);
}

}  // namespace

base::Result<> take_answer(way::Subject& subject, const way::Answer& answer,
                           std::span<const firmware::CheckedModule> written) {
  events::DeviceReport& report = subject.report;
  const std::string& id = answer.identity.id;
  report.identity = answer.identity;
  report.confirmed = events::ConfirmedBy::listening;
  report.confirmed_modules = answer.state.modules;
  note_bootloader(report, answer.state.bootloader_version);
  if (report.id.empty()) report.id = id;
  if (!id.empty() && report.id != id) {
    return base::make_error(
        Errc::no_device, "another-device",
        fmt::format("the Electron that answers on {} is {}, not {}, which was written to",
                    usb::to_string(report.port), id, report.id),
        "plug the right device in again and run the same command again");
  }
  const std::vector<std::string> wrong = way::contradictions(answer.described, written);
  if (wrong.empty()) return {};
  const bool read_back = report.totals.bytes_verified > 0;
  return base::make_error(
      Errc::not_back, "device-differs",
      (read_back ? "what was written was read back and right, but " : "") + wrong.front(),
      "run the same command again");
}

base::Result<> take_confirmation(const work::Context& context, work::Voice& voice,
                                 way::Subject& subject, way::Confirmation confirmation,
                                 std::span<const firmware::CheckedModule> written) {
  if (confirmation.answer) TRY(take_answer(subject, *confirmation.answer, written));
  // It was on the bus once. A device that restarts again and again is, too.
  const usb::PortPath& port = subject.device.port();
  const auto there = reach::wait_for_running(context, port, kComesBack);
  if (there) {
    if (confirmation.answer) return {};
    voice.note("the device could not be asked what it runs: " + confirmation.why_not, 1);
    return {};
  }
  if (there.error().code == Errc::cancelled) return there.error();
  if (!confirmation.answer) subject.report.confirmed = events::ConfirmedBy::none;
  return base::make_error(
      Errc::not_back, "did-not-stay",
      fmt::format("the device started and did not stay on {}", usb::to_string(port)),
      "press RESET and look at the LED; if it does not come up: " + reach::how_to_reach_dfu() +
          ", then run the same command again");
}

base::Result<> check_safe_mode(const Goal& goal, const events::DeviceReport& report,
                               const release::Catalogue& catalogue) {
  const auto* release = std::get_if<ToRelease>(&goal);
  if (release == nullptr || release->accept_safe_mode || !report.after) return {};
  const plan::Judgement judgement = judge_end(report, catalogue);
  if (judgement.verdict != plan::Verdict::safe_mode) return {};
  std::string message = "the device is in safe mode";
  if (!judgement.reasons.empty()) message += ": " + judgement.reasons.front();
  std::string hint =
      "write an application that fits with --user-app FILE, or add --accept-safe-mode if a device "
      "without application is what you want";
  if (judgement.needs) {
    hint = fmt::format(
        "the application was built for {0}: electron-rescue flash --target {0}; or "
        "{1}",
        judgement.needs->text(), hint);
  }
  return base::make_error(Errc::not_back, "safe-mode", std::move(message), std::move(hint));
}

base::Error explained(base::Error error, const events::DeviceReport& report,
                      const release::Catalogue& catalogue) {
  if (error.code != Errc::not_back || !report.after) return error;
  const plan::Judgement judgement = plan::judge(*report.after, catalogue);
  const bool told = judgement.verdict == plan::Verdict::does_not_boot ||
                    judgement.verdict == plan::Verdict::restarts ||
                    judgement.verdict == plan::Verdict::unknown;
  if (!told || judgement.reasons.empty()) return error;
  std::string hint = reach::how_to_reach_dfu();
  if (!judgement.cure.empty()) hint += "; then " + judgement.cure;
  return base::make_error(Errc::not_back, "does-not-start",
                          "the device does not come back: " + judgement.reasons.front(),
                          std::move(hint));
}

void note_bootloader(events::DeviceReport& report, std::optional<std::uint16_t> version) {
  if (!version) return;
  if (report.bootloaders.empty() || report.bootloaders.back() != *version) {
    report.bootloaders.push_back(*version);
  }
}

base::Result<> no_differences(std::span<const events::Comparison> comparisons) {
  std::string differences;
  for (const events::Comparison& comparison : comparisons) {
    if (comparison.equal || !comparison.compared) continue;
    if (!differences.empty()) differences += "; ";
    differences += fmt::format(
        "{} differs from {}, first at {}", platform::describe(comparison.module.id()),
        base::printable(comparison.module.source()), base::hex32(comparison.first_difference));
  }
  if (differences.empty()) return {};
  return base::make_error(Errc::verify_mismatch, std::move(differences),
                          "`electron-rescue flash` with the same options writes anew what differs");
}

bool is_here(const std::optional<base::Error>& error) {
  if (!error) return true;
  return !reach::is_loss(*error) && error->code != Errc::access_denied &&
         error->code != Errc::no_device && error->code != Errc::not_back;
}

base::Result<> start_again(const way::Surroundings& around) {
  events::Totals& totals = around.subject.report.totals;
  TRY_ASSIGN(auto session,
             medium::open_patiently(around.context, around.voice, around.subject.device, totals));
  work::StepScope step(around.voice, {.doing = events::Doing::start});
  around.subject.told_to_start = true;
  TRY_ASSIGN(around.subject.device,
             reach::leave_and_wait(around.context, around.voice, std::move(session), totals));
  around.subject.told_to_start = false;
  step.good();
  return {};
}

plan::Plan plan_of(const SendModules& send, const plan::InstalledState& state) {
  plan::Plan plan;
  plan.from = state;
  plan.medium = plan::Medium::serial;
  plan::Stage stage;
  stage.medium = plan::Medium::serial;
  stage.reason = "asked for";
  stage.no_guard_reason = "the device takes each module whole before it replaces the old one";
  for (const firmware::CheckedModule& module : send.modules) {
    plan::Step step;
    const plan::InstalledModule* there = state.find(module.id());
    const bool same =
        there != nullptr && plan::compare(there->seen, module) == plan::Sameness::same;
    step.action = same ? plan::Action::skip : plan::Action::send;
    step.content = plan::content_of(module);
    if (there != nullptr && there->valid()) step.from_version = there->version();
    step.reason = "asked for";
    stage.steps.push_back(std::move(step));
  }
  plan.stages.push_back(std::move(stage));
  return plan;
}

void describe_end(const work::Context& context, way::Subject& subject) {
  events::DeviceReport& report = subject.report;
  if (report.id.empty()) report.id = subject.device.id;
  report.whereabouts = reach::look_for(context, report.port, subject.told_to_start);
  if (report.whereabouts == events::Whereabouts::serial &&
      subject.device.mode == discovery::Mode::listening) {
    report.whereabouts = events::Whereabouts::listening;
  }
  // Comparing once more makes nothing equal.
  const bool differs =
      report.error && report.error->code == Errc::verify_mismatch && report.goal == name(Compare());
  report.device_state = events::describe(report.whereabouts, differs ? std::nullopt : report.error);
  if (!report.after || report.confirmed == events::ConfirmedBy::none) return;
  const plan::Judgement judgement = judge_end(report, context.catalogue);
  if (report.whereabouts != events::Whereabouts::serial ||
      judgement.verdict != plan::Verdict::safe_mode) {
    return;
  }
  report.device_state = "it runs in safe mode (LED breathes magenta)";
  if (!judgement.reasons.empty()) report.device_state += ": " + judgement.reasons.front();
}

}  // namespace job
