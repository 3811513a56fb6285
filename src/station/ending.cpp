// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/ending.h"

#include "plan/state.h"
#include "report/exit_code.h"
#include "station/words.h"

#include <fmt/format.h>

#include <variant>

namespace station {
namespace {

// Whether a system part that is not there, or is not whole, is missing to the others.
bool is_missed(const plan::InstalledState& state, const plan::InstalledModule& module) {
  if (!std::holds_alternative<plan::Blank>(module.seen)) return true;
  if (module.id == platform::kSystemPart1 || module.id == platform::kSystemPart2) return true;
  const plan::InstalledModule* first = state.valid(platform::kSystemPart1);
  return first != nullptr && first->version() >= platform::kFirstWithIndex3;
}

// The release that all system parts belong to; "mixed" where they do not agree, "incomplete" where
// one is missing or half written. Empty: there are none.
std::string release_of(const std::optional<plan::InstalledState>& state,
                       const std::optional<release::Version>& told) {
  if (!state) return {};
  std::string all;
  bool anything = false;
  bool missed = false;
  bool mixed = false;
  for (const plan::InstalledModule& module : state->modules) {
    if (module.id.function != platform::ModuleFunction::system_part) continue;
    anything = anything || !std::holds_alternative<plan::Blank>(module.seen);
    missed = missed || (!module.valid() && is_missed(*state, module));
    const std::string name = plan::release_name(module, told, release::Catalogue::embedded());
    if (!module.valid() || name.empty()) continue;
    mixed = mixed || (!all.empty() && all != name);
    all = name;
  }
  if (anything && missed) return "incomplete";
  return mixed ? "mixed" : all;
}

std::string bootloader_of(const std::optional<plan::InstalledState>& state) {
  if (!state || !state->bootloader_version) return {};
  return fmt::format("{}", *state->bootloader_version);
}

// "Not back" is for what was written; else it is a failure of the device like any other.
base::Errc kind_of(const events::DeviceReport& report) {
  const base::Errc code = report.error->code;
  return code == base::Errc::not_back && !report.touched() ? base::Errc::timeout : code;
}

}  // namespace

bool may_restart(const JobMemory& memory) {
  return memory.doing && may_restart_in(*memory.doing) &&
         !(memory.lost && *memory.doing == events::Doing::reach);
}

void remember(JobMemory& memory, const events::Event& event) {
  if (const auto* step = std::get_if<events::StepStarted>(&event)) {
    if (step->doing == events::Doing::confirm) memory.was_back = true;
    if (step->doing != events::Doing::confirm && step->doing != events::Doing::reach) {
      memory.was_back = false;
    }
    memory.doing = step->doing;
    memory.part = events::Part::none;
  } else if (const auto* progress = std::get_if<events::Progress>(&event)) {
    memory.part = progress->part;
    memory.share = progress->share;
  } else if (const auto* finished = std::get_if<events::StepFinished>(&event)) {
    if (!finished->good) memory.failed = memory.doing;
    memory.lost = !finished->good && memory.doing && !may_restart_in(*memory.doing);
  } else if (std::holds_alternative<events::Retrying>(event)) {
    ++memory.retries;
  }
}

JobEnd job_end_of(const events::DeviceReport& report, const JobMemory& memory) {
  JobEnd end;
  end.good = report.ok();
  end.was_back = memory.was_back;
  if (!report.identity.id.empty()) {
    end.guest = {report.identity.id, records::IdentityBy::listening};
  } else if (!report.id.empty()) {
    end.guest = {report.id, records::IdentityBy::descriptor};
  }
  if (end.good) return end;
  end.exit_code = report::exit_code(kind_of(report));
  end.code = report.error->id;
  end.message = report.error->message;
  // What is done after the error, such as letting the device start again, is not what failed.
  const auto doing = memory.failed ? memory.failed : memory.doing;
  const bool refused = report.refusal.has_value() || report.error->code == base::Errc::refused;
  end.short_code = short_code(refused ? std::nullopt : doing, end.exit_code);
  return end;
}

records::Ending ending_of(const events::DeviceReport& report, const JobMemory& memory) {
  records::Ending ending;
  ending.seconds = report.totals.seconds;
  const JobEnd end = job_end_of(report, memory);
  ending.device = end.guest.id;
  ending.identity_by = end.guest.by;
  ending.imei = report.identity.imei;
  ending.iccid = report.identity.iccid;
  // It restarted: is it the one that was written? Known only where it told who it is, twice.
  if (report.touched() && report.confirmed != events::ConfirmedBy::dfu) {
    ending.continuous = !report.id.empty() && !report.identity.id.empty();
  }
  ending.before_release = release_of(
      report.before, report.before ? report.before->told : std::optional<release::Version>());
  ending.before_bootloader = bootloader_of(report.before);
  std::optional<release::Version> told;
  if (report.ok() && !report.stages.empty()) told = report.stages.back().release;
  ending.after_release = release_of(report.after, told);
  ending.after_bootloader = report.bootloaders.empty()
                                ? bootloader_of(report.after)
                                : fmt::format("{}", report.bootloaders.back());
  ending.bytes_written = static_cast<std::int64_t>(report.totals.bytes_written);
  ending.bytes_verified = static_cast<std::int64_t>(report.totals.bytes_verified);
  ending.retries = memory.retries;
  if (!report.backups.empty()) ending.backup = report.backups.front();
  return ending;
}

}  // namespace station
