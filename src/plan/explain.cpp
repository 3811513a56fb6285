// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/explain.h"

#include "base/files.h"

#include <fmt/format.h>

#include <algorithm>

namespace plan {
namespace {

constexpr std::size_t kColumns = 80;      // of a sentence
constexpr std::size_t kLongestName = 33;  // keeps the longest line below 100 columns

// `text` after `lead`, broken at spaces, later lines under the first word.
std::string paragraph(std::string lead, std::string_view text, std::size_t columns) {
  const std::size_t most = std::min(columns, kColumns);
  const std::string indent(lead.size(), ' ');
  std::string result;
  std::string line = std::move(lead);
  bool empty = true;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
    if (word.empty()) continue;
    if (!empty && line.size() + 1 + word.size() > most) {
      result += line + "\n";
      line = indent;
      empty = true;
    }
    if (!empty) line += ' ';
    line += word;
    empty = false;
  }
  return result + line + "\n";
}

std::string file_of(const Step& step) {
  std::string name = base::printable(base::file_name(step.content.source));
  if (name.size() > kLongestName) name = name.substr(0, kLongestName - 3) + "...";
  return name;
}

std::string needs_of(const InstalledModule& module) {
  std::string text;
  for (const firmware::Dependency& dependency : module.dependencies()) {
    if (dependency.none()) continue;
    text += fmt::format("{}{} >= {}", text.empty() ? "needs " : ", ",
                        platform::describe(dependency.module), dependency.version);
  }
  return text;
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string slot_line(const InstalledModule& module, const std::string& release,
                      std::size_t columns) {
  if (module.id.function == platform::ModuleFunction::bootloader) return {};
  const std::string name = platform::describe(module.id);
  if (module.blank()) return fmt::format("  {:<14} blank\n", name);
  if (!module.valid()) return fmt::format("  {:<14} corrupt\n", name);
  const std::string line =
      fmt::format("  {:<14} {:<5} {:<21} {}", name, module.version(), release, needs_of(module));
  // What it needs is the least of it, and `info` tells that, too.
  if (line.size() <= columns) return trimmed(line);
  return trimmed(fmt::format("  {:<14} {:<5} {}", name, module.version(), release));
}

std::string device_text(const Plan& plan, std::size_t columns) {
  const InstalledState& state = plan.from;
  std::string text = "On the device\n";
  if (state.bootloader_version)
    text += fmt::format("  {:<14} {}\n", "bootloader", *state.bootloader_version);
  for (std::size_t i = 0; i < state.modules.size(); ++i) {
    text +=
        slot_line(state.modules[i],
                  i < plan.from_releases.size() ? plan.from_releases[i] : std::string(), columns);
  }
  const Judgement& judgement = plan.judgement;
  text += fmt::format("  {:<14} {}\n", "verdict", name(judgement.verdict));
  for (const std::string& reason : judgement.reasons)
    text += paragraph("                 ", reason, columns);
  if (!judgement.cure.empty()) text += paragraph("                 ", judgement.cure, columns);
  return text;
}

// One sentence for the order of what is written without a guard: that of index 2, which starts
// everything.
std::string order_text(const Stage& stage, std::size_t columns) {
  std::size_t writes = 0;
  const Step* decisive = nullptr;
  for (const Step& step : stage.steps) {
    if (!step.writes() || !step.content.module) continue;
    if (step.content.module->function == platform::ModuleFunction::system_part) ++writes;
    if (step.content.module == platform::kSystemPart2) decisive = &step;
  }
  if (stage.guard || writes < 2 || decisive == nullptr) return {};
  return paragraph(
      "  order  ",
      decisive->content.name + " " + decisive->reason.substr(0, decisive->reason.find(';')),
      columns);
}

std::string title_of(const Stage& stage) {
  if (stage.release) return stage.release->text();
  return stage.steps.empty() ? std::string("nothing") : stage.steps.back().content.name;
}

// On one line where it fits, else on two.
std::string step_text(const Step& step, std::size_t columns) {
  std::string line = "  " + describe(step) + "\n";
  if (line.size() <= columns + 1) return line;
  const auto number = [](std::optional<std::uint16_t> version) {
    return version ? std::to_string(*version) : std::string("-");
  };
  return fmt::format("  {:<11}  {:<13}  {:>6} bytes  {} -> {}\n               {}\n",
                     name(step.action), step.content.name, step.content.image().size(),
                     number(step.from_version), number(step.content.version()), file_of(step));
}

std::string stage_text(const Stage& stage, std::size_t number, std::size_t count,
                       std::size_t columns) {
  std::string text = count == 1
                         ? fmt::format("Stage 1: {}\n", title_of(stage))
                         : fmt::format("Stage {} of {}: {}\n", number, count, title_of(stage));
  text += paragraph("  why    ", stage.reason, columns);
  for (const Step& step : stage.steps) text += step_text(step, columns);
  text += order_text(stage, columns);
  text += paragraph("  guard  ",
                    stage.guard ? fmt::format("{}: {}", platform::describe(stage.guard->module),
                                              stage.guard->reason)
                                : "none: " + stage.no_guard_reason,
                    columns);
  text += stage.then == Then::boot ? "  then   start the device\n" : "  then   stay in DFU mode\n";
  return text;
}

std::string totals(const Plan& plan) {
  std::size_t writes = 0;
  std::size_t skips = 0;
  std::size_t bytes = 0;
  for (const Stage& stage : plan.stages) {
    for (const Step& step : stage.steps) {
      if (!step.completes()) continue;
      if (!step.writes()) {
        ++skips;
        continue;
      }
      ++writes;
      bytes += step.content.image().size();
    }
  }
  if (writes == 0) return "Nothing to write: everything is there already";
  std::string text =
      fmt::format("Total: {} {} to {}, {} bytes", writes, writes == 1 ? "module" : "modules",
                  plan.medium == Medium::dfu ? "write" : "send", bytes);
  if (skips > 0) text += fmt::format("; {} there already", skips);
  return text;
}

std::string target_text(const Plan& plan) {
  std::string text = plan.target ? "Target " + plan.target->text()
                                 : std::string("Target: the system stays as it is");
  if (plan.direction == Direction::downgrade) text += ", which is older than what is there";
  if (plan.stages.size() > 1) text += fmt::format(", in {} stages", plan.stages.size());
  return text + "\n";
}

}  // namespace

std::string describe(const Step& step) {
  const auto number = [](std::optional<std::uint16_t> version) {
    return version ? std::to_string(*version) : std::string("-");
  };
  return fmt::format("{:<11}  {:<13}  {}  {:>6}  {:>5} -> {:<5}  {}", name(step.action),
                     step.content.name, base::hex32(step.content.place.begin),
                     step.content.image().size(), number(step.from_version),
                     number(step.content.version()), file_of(step));
}

std::string explain(const Plan& plan, std::size_t columns) {
  std::string text = device_text(plan, columns);
  text += target_text(plan);
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    text += "\n" + stage_text(plan.stages[i], i + 1, plan.stages.size(), columns);
  }
  if (!plan.warnings.empty()) text += "\nWarnings\n";
  for (const Warning& warning : plan.warnings) {
    text += paragraph("  ! ", warning.message, columns);
  }
  return text + "\n" + totals(plan);
}

std::string explain(const Refusal& refusal, std::size_t columns) {
  std::string text = paragraph("refused: ", refusal.message, columns);
  for (std::size_t i = 0; i < refusal.needs.size(); ++i) {
    text += fmt::format("  {} {:<8} {}\n", i == 0 ? "needs" : "or   ", refusal.needs[i],
                        i < refusal.where.size() ? refusal.where[i] : std::string());
  }
  if (!refusal.hint.empty()) text += paragraph("hint: ", refusal.hint, columns);
  text.pop_back();
  return text;
}

}  // namespace plan
