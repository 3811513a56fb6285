// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/plan_summary.h"

#include "report/style.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace report {
namespace {

// The release that most of the parts are of, or the mix.
std::string from_text(const plan::Plan& plan) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < plan.from.modules.size(); ++i) {
    const plan::InstalledModule& module = plan.from.modules[i];
    if (module.id.function != platform::ModuleFunction::system_part) continue;
    std::string name = module.blank() ? "blank" : "corrupt";
    if (module.valid() && i < plan.from_releases.size()) name = plan.from_releases[i];
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " + ") + name;
  return text.empty() ? "unknown" : text;
}

std::string stage_text(const plan::Stage& stage) {
  std::string parts;
  std::string last;
  for (const plan::Step& step : stage.steps) {
    if (!step.writes() || !step.completes()) continue;
    const std::string& name = step.content.name;
    constexpr std::string_view kPart = "system part ";
    // "system part 3, 2, 1"
    const bool another = name.starts_with(kPart) && last.starts_with(kPart);
    parts += (parts.empty() ? "" : ", ") + (another ? name.substr(kPart.size()) : name);
    last = name;
  }
  if (parts.empty()) return {};
  return stage.release ? fmt::format("{}: {}", stage.release->text(), parts) : parts;
}

// Beside its label, broken at spaces for a terminal.
std::string sentence(const std::string& text, const Style& style) {
  constexpr std::size_t kLabel = 8;
  const auto width = static_cast<std::size_t>(std::max(style.width, 40));
  std::string broken = style.width <= 0 ? text : wrap(text, width - kLabel, 0);
  for (std::size_t end = broken.find('\n'); end != std::string::npos;
       end = broken.find('\n', end + 1)) {
    broken.insert(end + 1, kLabel, ' ');
  }
  return broken;
}

// An estimate: no fractions.
std::string about_seconds(double seconds) {
  return seconds < 60 ? fmt::format("{:.0f} s", std::ceil(seconds)) : human_seconds(seconds);
}

}  // namespace

std::string plan_summary(const plan::Plan& plan, const std::optional<std::string>& backup_path,
                         double seconds, const Style& style) {
  constexpr std::size_t kMostWarnings = 4;
  std::string text = fmt::format("from    {}\nto      {}\n", from_text(plan),
                                 plan.target ? plan.target->text() : "the same system");
  if (plan.nothing_to_do()) return text + "nothing to write: everything is there already";
  std::string writes;
  for (const plan::Stage& stage : plan.stages) {
    const std::string parts = stage_text(stage);
    if (!parts.empty()) writes += (writes.empty() ? "" : "; then ") + parts;
  }
  text += "writes  " + sentence(writes, style) + "\n";
  text += fmt::format("takes   about {}\n", about_seconds(seconds));
  if (backup_path && plan.medium == plan::Medium::dfu) {
    text += fmt::format("saves   what is overwritten to {}\n", *backup_path);
  }
  std::size_t told = 0;
  for (const plan::Warning& warning : plan.warnings) {
    if (++told > kMostWarnings) break;
    text += "note    " + sentence(warning.message, style) + "\n";
  }
  text.pop_back();
  return text;
}

}  // namespace report
