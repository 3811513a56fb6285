// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the machine believes, and what it does once a part is judged.

#include "ota/advice.h"
#include "ota/machine.h"

#include <fmt/format.h>

#include <algorithm>

namespace ota {

// Built on what the device told last, and on what earlier parts were proved to be.
void Machine::believe() {
  if (seen_.modules) {
    belief_ = told(*seen_.modules, wish_);
    seen_.modules.reset();
  }
  if (belief_.source == Source::device) return;
  const std::string& now = device_->system_version;
  if (record_.from.empty() || record_.unsure) {
    belief_ = assumed(now, wish_);
    return;
  }
  belief_ = assumed(record_.from, wish_);
  for (const auto& [part, proof] : record_.proofs) {
    const firmware::CheckedModule* file = file_for(part, wish_);
    if (file != nullptr && proof != Proof::none) put(belief_, *file, proof);
  }
  const auto running = module_version_of(now);
  const bool unjudged = record_.pending && record_.pending->part ==
                                               PartKey{platform::kSystemPart2, running.value_or(0)};
  if (running == belief_.running || unjudged) return;
  // Somebody has been there meanwhile.
  record_.unsure = true;
  record_.pending.reset();
  record_.proofs.clear();
  record_changed_ = true;
  belief_ = assumed(now, wish_);
}

void Machine::judged(const Judged& judged, base::Instant now) {
  const PartKey key{part_->module.id(), part_->module.version()};
  part_->proof = judged.proof;
  part_->outcome = judged.reason;
  part_->took = now - sent_at_;
  const auto told_now = std::exchange(seen_.modules, std::nullopt);
  record_changed_ = true;
  pinged_.reset();
  looked_at_.reset();
  switch (judged.fate) {
    case Fate::proved:
      result_.sent.push_back(*part_);
      part_.reset();
      record_.pending.reset();
      record_.proofs[key] = judged.proof;
      if (told_now) {
        belief_ = told(*told_now, wish_);
      } else if (const firmware::CheckedModule* file = file_for(key, wish_)) {
        belief_.source = std::min(belief_.source, Source::cloud);
        put(belief_, *file, judged.proof);
      }
      hold_ = now + times_.others;
      return enter(Phase::ready, now);
    case Fate::lost:
      if (told_now) belief_ = told(*told_now, wish_);
      record_.pending.reset();
      if (record_.attempts[key] >= kMostAttempts) {
        result_.sent.push_back(*part_);
        return end(
            Verdict::failed,
            fmt::format("{} did not arrive in {} attempts: {}", platform::describe(key.id),
                        kMostAttempts, judged.reason),
            now,
            base::make_error(base::Errc::device_gone, "transfer-lost",
                             fmt::format("{} did not arrive whole", platform::describe(key.id)),
                             "move the device to better reception and run the same command "
                             "again; if it fails again, use USB"));
      }
      // No attempt may be counted of a part that was under way before.
      hold_ = now + times_.pause * (1 << std::max(0, static_cast<int>(record_.attempts[key]) - 1));
      return enter(Phase::look, now);
    case Fate::refused:
      if (told_now) belief_ = told(*told_now, wish_);
      result_.sent.push_back(*part_);
      record_.pending.reset();
      return end(Verdict::refused, fmt::format("{}: {}", platform::describe(key.id), judged.reason),
                 now,
                 base::make_error(base::Errc::refused, "part-refused",
                                  fmt::format("the device does not take {}: {}",
                                              platform::describe(key.id), judged.reason),
                                  {}));
    case Fate::undetermined:
      result_.sent.push_back(*part_);
      return end(Verdict::undetermined,
                 fmt::format("{}: {}", platform::describe(key.id), judged.reason), now,
                 base::make_error(base::Errc::not_back, "not-proved",
                                  fmt::format("{} was sent and is not proved: {}",
                                              platform::describe(key.id), judged.reason),
                                  "run the same command again later; over USB everything is read "
                                  "back and proved"));
  }
}

// A part that was sent and of which too little is known; empty if there is none.
std::string Machine::weakly_proved() const {
  const auto target = module_version_of(wish_.target.text());
  const auto from = module_version_of(record_.from);
  // On the way up, system part 2 runs only beside parts that are as new.
  const bool up = target && belief_.running == target && from && *from < *target;
  for (const auto& [part, proof] : record_.proofs) {
    const bool system = part.id.function == platform::ModuleFunction::system_part;
    if (!strong(proof) && !(system && up)) return platform::describe(part.id);
  }
  return {};
}

void Machine::arrived(base::Instant now) {
  if (belief_.source == Source::device) {
    const bool before = record_.proofs.empty();
    return end(
        before ? Verdict::done_already : Verdict::proved,
        before ? "the device lists every part of the release" : "the device lists every part", now);
  }
  const auto target = module_version_of(wish_.target.text());
  const auto running = module_version_of(device_->system_version);
  if (!target || running != target) {
    return end(Verdict::undetermined,
               fmt::format("the device tells system version {}, not {}",
                           device_->system_version.empty() ? "none" : device_->system_version,
                           wish_.target.text()),
               now);
  }
  const auto from = module_version_of(record_.from);
  if (record_.unsure && !(from && *from < *target)) {
    return end(Verdict::undetermined,
               fmt::format("the device tells system version {}, but parts were sent, and somebody "
                           "else has been there since: only its list of modules would prove that "
                           "all of them are there, which a device tells in safe mode alone",
                           device_->system_version),
               now);
  }
  if (const std::string part = weakly_proved(); !part.empty()) {
    return end(Verdict::undetermined,
               fmt::format("the device tells system version {}; {} was sent, and only its list of "
                           "modules would prove it, which a device tells in safe mode alone",
                           device_->system_version, part),
               now);
  }
  if (!record_.proofs.empty()) {
    return end(Verdict::proved,
               fmt::format("the device tells system version {}", device_->system_version), now);
  }
  // Up, system part 2 runs only beside parts that are as new. Down, it says nothing of them.
  const auto before = module_version_of(result_.system_before);
  if (others_ > 0 && !(before && *before <= *target)) {
    return end(Verdict::undetermined,
               fmt::format("the device tells system version {}; somebody else has sent to it "
                           "meanwhile, and only its list of modules would prove its parts",
                           device_->system_version),
               now);
  }
  end(Verdict::done_already,
      fmt::format(
          "the device tells system version {}; its single parts it lists in safe mode alone",
          device_->system_version),
      now);
}

void Machine::refuse(const plan::Refusal& refusal, base::Instant now) {
  const bool files = refusal.code == "target-missing" || refusal.code == "unknown-release";
  result_.before = belief_;
  end(Verdict::refused, refusal.message, now,
      base::make_error(files ? base::Errc::bad_file : base::Errc::refused, refusal.code,
                       refusal.message, refusal.hint));
}

}  // namespace ota
