// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a run leaves for a bug report: a line for everything that happens, with its time. Used by
// one thread. Holds what people may see; keys and the contents of a device's memory never come
// here.

#include "events/event.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace report {

class Log {
 public:
  using Stamp = std::function<std::string()>;            // the time of day
  using Writer = std::function<void(std::string_view)>;  // takes one line, without its end
  explicit Log(Stamp stamp) : stamp_(std::move(stamp)) {}

  // "TIME KIND text"; a text of several lines becomes several lines.
  void add(std::string_view kind, std::string_view text);
  // `writer` gets every line from now on, and at once those that were added before.
  void write_to(Writer writer);

 private:
  Stamp stamp_;
  std::vector<std::string> lines_;
  std::vector<Writer> writers_;
};

// Writes a job's events into a log and hands them on. Progress is left out.
class LogSink final : public events::Sink {
 public:
  // Both outlive the sink.
  LogSink(Log& log, events::Sink& next) : log_(log), next_(next) {}
  void on(const std::string& device, const events::Event& event) override;

 private:
  Log& log_;
  events::Sink& next_;
  std::map<std::string, events::StepStarted> steps_;  // at hand, by device
};

}  // namespace report
