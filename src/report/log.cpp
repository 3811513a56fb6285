// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/log.h"

#include "report/progress.h"

#include <fmt/format.h>

namespace report {
namespace {

std::string headline(const events::PhaseStarted& phase) {
  return phase.subject.empty() ? std::string(name(phase.phase))
                               : fmt::format("{} {}", name(phase.phase), phase.subject);
}

}  // namespace

void Log::add(std::string_view kind, std::string_view text) {
  const std::string stamp = stamp_();
  while (text.ends_with('\n')) text.remove_suffix(1);
  for (bool more = true; more;) {
    const auto end = text.find('\n');
    more = end != std::string_view::npos;
    std::string line = fmt::format("{} {:<8} {}", stamp, kind, text.substr(0, end));
    for (const Writer& writer : writers_) writer(line);
    lines_.push_back(std::move(line));
    if (more) text.remove_prefix(end + 1);
  }
}

void Log::write_to(Writer writer) {
  for (const std::string& line : lines_) writer(line);
  writers_.push_back(std::move(writer));
}

void LogSink::on(const std::string& device, const events::Event& event) {
  Current& current = current_[device];
  if (const auto* e = std::get_if<events::PhaseStarted>(&event)) {
    current = {*e, 0};
    log_.add("start",
             fmt::format("{} {}{}", device, headline(*e),
                         e->total == 0 ? std::string() : fmt::format(", {} bytes", e->total)));
  } else if (const auto* progress = std::get_if<events::PhaseProgress>(&event)) {
    current.done = progress->done;
  } else if (const auto* finished = std::get_if<events::PhaseFinished>(&event)) {
    log_.add("end", fmt::format("{} {}: {}{}", device, headline(current.phase),
                                finished->good ? "good" : "failed",
                                finished->good || current.phase.total == 0
                                    ? std::string()
                                    : fmt::format(" after {} bytes", current.done)));
  } else if (const auto* note = std::get_if<events::Note>(&event)) {
    log_.add("note", fmt::format("{} {}", device, note->text));
  } else if (const auto* retry = std::get_if<events::Retrying>(&event)) {
    log_.add("retry", fmt::format("{} {}: {}; attempt {} of {}", device, retry->what, retry->why,
                                  retry->attempt, retry->of));
  } else if (const auto* action = std::get_if<events::ActionNeeded>(&event)) {
    log_.add("person",
             fmt::format("{} {} (within {} s)", device, action->what,
                         std::chrono::duration_cast<std::chrono::seconds>(action->within).count()));
  } else if (const auto* job = std::get_if<events::JobFinished>(&event)) {
    log_.add("job", fmt::format("{} {}", device, job->good ? "good" : "failed"));
  }
  next_.on(device, event);
}

}  // namespace report
