// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/log.h"

#include "plan/explain.h"
#include "report/headline.h"

#include <fmt/format.h>

namespace report {
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

namespace {

class LogWriter {
 public:
  LogWriter(Log& log, const std::string& device, events::StepStarted& step)
      : log_(log), device_(device), step_(step) {}

  void operator()(const events::JobStarted& e) { add("job", fmt::format("{} begins", e.goal)); }
  void operator()(const events::PlanReady& e) { log_.add("plan", plan::explain(*e.plan)); }
  void operator()(const events::StepStarted& e) {
    step_ = e;
    add("start", e.bytes == 0 ? headline(e) : fmt::format("{}, {} bytes", headline(e), e.bytes));
  }
  void operator()(const events::Progress&) {}
  void operator()(const events::StepFinished& e) {
    add("end", fmt::format("{}: {}", headline(step_), e.good ? "good" : "failed"));
  }
  void operator()(const events::Note& e) { add("note", e.text); }
  void operator()(const events::Retrying& e) {
    add("retry", fmt::format("{}: {}; attempt {} of {}", e.what, e.why, e.attempt, e.of));
  }
  void operator()(const events::PersonNeeded& e) {
    add("person", fmt::format("{} (within {} s)", e.what,
                              std::chrono::duration_cast<std::chrono::seconds>(e.within).count()));
  }
  void operator()(const events::JobFinished& e) {
    add("job", e.good() ? "good" : "failed");
    if (e.report != nullptr) add("job", e.report->device_state);
  }

 private:
  void add(std::string_view kind, const std::string& text) {
    log_.add(kind, fmt::format("{} {}", device_, text));
  }
  Log& log_;
  const std::string& device_;
  events::StepStarted& step_;
};

}  // namespace

void LogSink::on(const std::string& device, const events::Event& event) {
  std::visit(LogWriter(log_, device, steps_[device]), event);
  next_.on(device, event);
}

}  // namespace report
