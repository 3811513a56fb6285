// SPDX-License-Identifier: GPL-3.0-or-later
#include "way/ymodem_way.h"

#include "platform/electron_history.h"
#include "reach/line.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace way {
namespace {

using base::Errc;
using base::Micros;
using discovery::Device;
using discovery::Want;
using std::chrono::seconds;

// Reset to serial port: 1.5 to 1.8 s for a system part, more when the first start of a release
// writes the bootloader and the device restarts once more.
constexpr Micros kRestart = seconds(30);

base::Error stopped() {
  return base::make_error(Errc::cancelled, "interrupted", "run the same command again");
}

std::string subject_of(const firmware::CheckedModule& module) {
  return fmt::format("{} ({})", platform::describe(module.id()), module.version());
}

std::string has_now(const Answer& answer, platform::ModuleId id) {
  const plan::InstalledModule* there = answer.state.valid(id);
  return there == nullptr ? "none" : fmt::format("version {}", there->version());
}

// A refusal that may come from a byte that changed on the way: YMODEM's checksum is not looked at
// by the device, the module's own is.
bool may_be_damage(const serial::Refused& refused) {
  constexpr std::int32_t kIntegrityError = -1330;
  return (refused.mask & serial::kIntegrity) != 0 || refused.code == kIntegrityError;
}

// Observed: 55,004 bytes in blocks of 128 in 4.2 s, the erase of the store included.
double send_weight(std::uint64_t bytes) { return static_cast<double>(bytes) * 0.06; }

}  // namespace

YmodemWay::YmodemWay(const Surroundings& around, YmodemOptions options)
    : around_(around), options_(std::move(options)) {}

base::Result<plan::InstalledState> YmodemWay::observe() {
  if (!answer_) {
    {
      work::StepScope step(around_.voice,
                           {.doing = events::Doing::reach, .subject = "listening mode"});
      TRY_ASSIGN(around_.subject.device,
                 reach::to_listening(around_.context, around_.voice, around_.subject.device,
                                     options_.patience));
      step.good();
    }
    work::StepScope step(around_.voice, {.doing = events::Doing::observe, .weight = 3000});
    TRY(ask_now());
    step.good();
  }
  plan::InstalledState state = answer_->state;
  for (const firmware::CheckedModule& module : sent_) {
    if (is_told(module)) state = plan::after(std::move(state), module);
  }
  return state;
}

base::Result<> YmodemWay::ask_now() {
  TRY_ASSIGN(Answer now, ask(around_.context, around_.subject.device));
  around_.subject.device.id = now.identity.id;
  around_.subject.report.identity = now.identity;
  answer_ = std::move(now);
  return {};
}

// Its version and that it is intact: all that a device tells. (Of an application also its digest.)
bool YmodemWay::is_told(const firmware::CheckedModule& module) const {
  return contradictions(answer_->described, std::array{module}).empty();
}

base::Result<> YmodemWay::check_rules(const firmware::CheckedModule& module) const {
  if (!options_.check_rules) return {};
  const auto problem = plan::refusal_by_rules(answer_->state, module);
  if (!problem) return {};
  return base::make_error(
      Errc::refused, "rules-" + problem->code,
      fmt::format("the device's firmware {} would refuse {}: {}", answer_->identity.release,
                  subject_of(module), problem->message),
      "nothing was sent; `electron-rescue plan` shows which order works");
}

base::Result<> YmodemWay::apply(const plan::Stage& stage, events::StageReport& report) {
  for (std::size_t i = 0; i < stage.steps.size(); ++i) {
    const plan::Step& step = stage.steps[i];
    if (step.action == plan::Action::skip || !step.content.checked) continue;
    const base::Instant start = around_.context.world.clock.now();
    work::StepScope scope(around_.voice, {.doing = events::Doing::send,
                                          .subject = subject_of(*step.content.checked),
                                          .stage = report.number,
                                          .step = i,
                                          .bytes = step.content.checked->image().size(),
                                          .weight = step.weight});
    step_ = &scope;
    const auto delivered = deliver(step, report.steps[i]);
    report.steps[i].seconds += base::in_seconds(around_.context.world.clock.now() - start);
    TRY(delivered);
    scope.good();
  }
  report.complete = true;
  report.booted = true;
  return {};
}

base::Result<> YmodemWay::deliver(const plan::Step& step, events::StepReport& report) {
  const firmware::CheckedModule& module = *step.content.checked;
  TRY(check_rules(module));
  base::Error why;
  for (int attempt = 1; attempt <= options_.sessions; ++attempt) {
    if (around_.context.cancel.requested()) return stopped();
    if (attempt > 1) {
      around_.voice.retry(
          {"sending " + subject_of(module), why.message, attempt, options_.sessions});
    }
    ++report.attempts;
    TRY_ASSIGN(const bool there, try_once(module, why));
    if (!there) continue;
    report.written = true;
    report.told = true;
    report.bytes_written += module.image().size();
    around_.subject.report.totals.bytes_written += module.image().size();
    sent_.push_back(module);
    return {};
  }
  return why;
}

serial::Outcome YmodemWay::send(const firmware::CheckedModule& module) {
  auto port = reach::open_line(around_.context, around_.subject.device);
  if (!port) return serial::Failed{std::move(port.error()), false};
  const platform::SystemGeneration* known = platform::generation_of(answer_->identity.release);
  const platform::SystemGeneration& generation =
      known == nullptr ? platform::oldest_generation() : *known;
  const std::size_t size = module.image().size();
  step_->part(events::Part::write, size, work::erase_weight() + send_weight(size));
  serial::Outcome outcome = serial::send_module(
      **port, around_.context.world.clock, "module.bin", module.image(), generation.ymodem_block,
      [&](std::uint64_t done) { step_->progress(done); }, around_.context.cancel);
  return outcome;
}

base::Result<bool> YmodemWay::try_once(const firmware::CheckedModule& module, base::Error& why) {
  // Then its word afterwards proves nothing.
  const bool told_before = is_told(module);
  const serial::Outcome outcome = send(module);
  if (const auto* refused = std::get_if<serial::Refused>(&outcome)) {
    if (!may_be_damage(*refused)) return refused->error;
    why = refused->error;
    return false;
  }
  if (const auto* failed = std::get_if<serial::Failed>(&outcome)) {
    why = failed->error;
    if (why.code == Errc::cancelled) return stopped();
    if (why.code == Errc::busy || why.code == Errc::access_denied) return why;
    if (failed->listening) return false;
    TRY(ask_again(why.code == Errc::device_gone));
    // The last packet may have been the last that was needed.
    return !told_before && is_told(module);
  }
  const auto* no_word = std::get_if<serial::NoWord>(&outcome);
  TRY(ask_again(no_word == nullptr || no_word->gone));
  if (is_told(module)) return true;
  why = base::make_error(
      Errc::refused, "device-refused",
      fmt::format("the device took {} and {}, but has {} afterwards", subject_of(module),
                  no_word == nullptr ? "said that all was well" : "said nothing",
                  has_now(*answer_, module.id())),
      "the device keeps what it had and goes on running it; `electron-rescue plan` shows which "
      "modules it takes in which order");
  return false;
}

base::Result<Device> YmodemWay::find_again(bool restarting) {
  step_->part(events::Part::wait, 0, kStartWeight);
  const work::Context& context = around_.context;
  const Device& before = around_.subject.device;
  const auto look = [&](Micros within) {
    return restarting ? discovery::wait_for_return(context.world, context.platform, before.info,
                                                   Want::any, within, context.cancel)
                      : discovery::wait_for(context.world, context.platform, before.port(),
                                            Want::any, within, context.cancel);
  };
  auto there = look(kRestart);
  if (!there && there.error().code == Errc::timeout) {
    // It may never have left.
    restarting = false;
    there = look(Micros(0));
  }
  const Micros patience = options_.patience.by_person;
  if (!there && there.error().code == Errc::timeout && patience.count() > 0) {
    around_.voice.person(events::Action::replug, "plug the device in again, or press RESET",
                         patience);
    there = look(patience);
  }
  if (!there && there.error().code == Errc::timeout) {
    return base::make_error(Errc::device_gone, "the device did not come back after a module",
                            "press RESET; if it does not come up, " + reach::how_to_reach_dfu() +
                                ", and flash it over DFU");
  }
  TRY(there);
  if (there->mode == discovery::Mode::dfu) {
    return base::make_error(Errc::not_back, "the device came back in DFU mode",
                            "run the same command with `--via dfu`");
  }
  return reach::same_device(before, std::move(*there));
}

base::Result<> YmodemWay::ask_again(bool restarting) {
  reach::Patience patience = options_.patience;
  patience.release = answer_->identity.release;
  for (bool again = false;; again = true) {
    TRY_ASSIGN(around_.subject.device, find_again(restarting));
    TRY_ASSIGN(around_.subject.device, reach::to_listening(around_.context, around_.voice,
                                                           around_.subject.device, patience));
    const auto asked = ask_now();
    // The first start of a release may end in one more restart.
    if (asked || again || asked.error().code != Errc::device_gone) return asked;
    restarting = true;
  }
}

base::Result<> YmodemWay::start() {
  if (around_.subject.device.mode != discovery::Mode::listening) return {};
  work::StepScope step(around_.voice, {.doing = events::Doing::start});
  TRY_ASSIGN(around_.subject.device, reach::to_normal(around_.context, around_.voice,
                                                      around_.subject.device, options_.patience));
  step.good();
  return {};
}

}  // namespace way
