// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/courier.h"

#include "flash/confirm.h"
#include "flash/described.h"
#include "flash/serial_line.h"
#include "serial/generation.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace flash {
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

std::string has_now(const SerialState& state, platform::ModuleId id) {
  const serial::DescribedModule* there = find_described(state.described, id);
  return there == nullptr ? "none" : fmt::format("version {}", there->version);
}

// A refusal that may come from a byte that changed on the way: YMODEM's checksum is not looked at
// by the device, the module's own is.
bool may_be_damage(const serial::Refused& refused) {
  constexpr std::int32_t kIntegrityError = -1330;
  return (refused.mask & serial::kIntegrity) != 0 || refused.code == kIntegrityError;
}

}  // namespace

Courier::Courier(const Surroundings& around, Device device, const SerialOptions& options)
    : around_(around),
      device_(std::move(device)),
      options_(options),
      voice_(around.sink, usb::to_string(device_.port())) {}

base::Result<> Courier::begin() {
  TRY_ASSIGN(device_, to_listening(around_, device_, options_.mode));
  return ask();
}

void Courier::let_go() {
  if (device_.mode != discovery::Mode::listening) return;
  PhaseScope phase(voice_, events::Phase::leave, "", 0);
  auto left = to_normal(around_, device_, options_.mode);
  if (!left) {
    voice_.note("the device may still be in listening mode: " + left.error().message, 0);
    return;
  }
  device_ = std::move(*left);
  phase.good();
}

base::Result<> Courier::ask() {
  TRY_ASSIGN(SerialState now, probe_serial(around_, device_));
  device_.id = now.identity.device_id;
  state_ = std::move(now);
  return {};
}

bool Courier::is_there(const firmware::CheckedModule& module) const {
  return differences(state_->described, std::array{module}).empty();
}

base::Result<> Courier::check_rules(const firmware::CheckedModule& module) const {
  if (!options_.check_rules) return {};
  const auto problem = plan::refusal_by_rules(state_->state, module);
  if (!problem) return {};
  return base::make_error(Errc::refused, "rules-" + problem->code,
                          fmt::format("the device's firmware {} would refuse {}: {}",
                                      state_->release, subject_of(module), problem->message),
                          "nothing was sent; `electron-rescue plan` shows which order works");
}

base::Result<> Courier::deliver(StepReport& step, Totals& totals) {
  const firmware::CheckedModule& module = *step.step.content.checked;
  const plan::InstalledModule* there = state_->state.find(module.id());
  if (there != nullptr && plan::compare(there->seen, module) == plan::Sameness::same) {
    voice_.note(fmt::format("{} is there already", subject_of(module)), 0);
    step.verified = true;
    return {};
  }
  TRY(check_rules(module));
  base::Error why;
  for (int attempt = 1; attempt <= options_.sessions; ++attempt) {
    if (around_.cancel.requested()) return stopped();
    if (attempt > 1) {
      voice_.retry({"sending " + subject_of(module), why.message, attempt, options_.sessions});
    }
    step.attempts = attempt;
    TRY_ASSIGN(const bool arrived, try_once(module, why));
    if (!arrived) continue;
    step.written = true;
    step.verified = true;
    step.bytes_written = module.image().size();
    totals.bytes_written += module.image().size();
    return {};
  }
  return why;
}

serial::Outcome Courier::send(const firmware::CheckedModule& module) {
  auto port = open_line(around_, device_);
  if (!port) return serial::Failed{std::move(port.error()), false};
  const serial::Generation* known = serial::generation_of(state_->release);
  const serial::Generation& generation = known == nullptr ? serial::oldest_generation() : *known;
  PhaseScope phase(voice_, events::Phase::send, subject_of(module), module.image().size());
  serial::Outcome outcome = serial::send_module(
      **port, around_.world.clock, "module.bin", module.image(), generation.block,
      [&](std::uint64_t done) { phase.progress(done); }, around_.cancel);
  if (std::holds_alternative<serial::Claimed>(outcome) ||
      std::holds_alternative<serial::NoWord>(outcome)) {
    phase.good();
  }
  return outcome;
}

base::Result<bool> Courier::try_once(const firmware::CheckedModule& module, base::Error& why) {
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
    TRY(meet_again(why.code == Errc::device_gone));
    // The last packet may have been the last that was needed.
    return is_there(module);
  }
  const auto* no_word = std::get_if<serial::NoWord>(&outcome);
  TRY(meet_again(no_word == nullptr || no_word->gone));
  if (is_there(module)) return true;
  why = base::make_error(
      Errc::refused, "device-refused",
      fmt::format("the device took {} and {}, but has {} afterwards", subject_of(module),
                  no_word == nullptr ? "said that all was well" : "said nothing",
                  has_now(*state_, module.id())),
      "the device keeps what it had and goes on running it; `electron-rescue plan` shows which "
      "modules it takes in which order");
  return false;
}

base::Result<Device> Courier::find_again(bool restarting) {
  PhaseScope phase(voice_, events::Phase::wait, usb::to_string(device_.port()), 0);
  const auto look = [&](Micros within) {
    return restarting ? discovery::wait_for_return(around_.world, around_.platform, device_.info,
                                                   Want::any, within, around_.cancel)
                      : discovery::wait_for(around_.world, around_.platform, device_.port(),
                                            Want::any, within, around_.cancel);
  };
  auto there = look(kRestart);
  if (!there && there.error().code == Errc::timeout) {
    // It may never have left.
    restarting = false;
    there = look(Micros(0));
  }
  if (!there && there.error().code == Errc::timeout && options_.mode.by_person.count() > 0) {
    voice_.say(
        events::ActionNeeded{"plug the device in again, or press RESET", options_.mode.by_person});
    there = look(options_.mode.by_person);
  }
  if (!there && there.error().code == Errc::timeout) {
    return base::make_error(Errc::device_gone, "the device did not come back after a module",
                            "press RESET; if it does not come up, hold MODE, press and release "
                            "RESET, keep MODE until the LED blinks yellow, and flash it over DFU");
  }
  TRY(there);
  if (there->mode == discovery::Mode::dfu) {
    return base::make_error(Errc::not_back, "the device came back in DFU mode",
                            "run the same command with `--via dfu`");
  }
  phase.good();
  return same_device(device_, std::move(*there));
}

base::Result<> Courier::meet_again(bool restarting) {
  SwitchOptions options = options_.mode;
  options.release = state_->release;
  for (bool again = false;; again = true) {
    TRY_ASSIGN(device_, find_again(restarting));
    TRY_ASSIGN(device_, to_listening(around_, device_, options));
    const auto asked = ask();
    // The first start of a release may end in one more restart.
    if (asked || again || asked.error().code != Errc::device_gone) return asked;
    restarting = true;
  }
}

}  // namespace flash
