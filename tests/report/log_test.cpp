// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace report {
namespace {

using testing::ElementsAre;

struct Lines {
  std::vector<std::string> lines;
  Log::Writer writer() {
    return [this](std::string_view line) { lines.emplace_back(line); };
  }
};

class Recording final : public events::Sink {
 public:
  void on(const std::string& device, const events::Event& event) override {
    devices.push_back(device);
    kinds.push_back(event.index());
  }
  std::vector<std::string> devices;
  std::vector<std::size_t> kinds;
};

TEST(Log, StampsEveryLineOfAText) {
  int calls = 0;
  Log log([&calls] { return "T" + std::to_string(++calls); });
  Lines lines;
  log.write_to(lines.writer());
  log.add("plan", "first\nsecond\n");
  log.add("exit", "0");
  EXPECT_THAT(lines.lines, ElementsAre("T1 plan     first", "T1 plan     second", "T2 exit     0"));
}

TEST(Log, GivesALateWriterWhatCameBefore) {
  Log log([] { return "T"; });
  Lines early;
  Lines late;
  log.write_to(early.writer());
  log.add("a", "1");
  log.write_to(late.writer());
  log.add("b", "2");
  EXPECT_EQ(late.lines, early.lines);
  EXPECT_EQ(late.lines.size(), 2U);
}

TEST(LogSink, WritesEventsAndHandsEachOn) {
  Log log([] { return "T"; });
  Lines lines;
  log.write_to(lines.writer());
  Recording next;
  LogSink sink(log, next);
  const std::string device = "usb:1-2";
  const std::vector<events::Event> events{
      events::StepStarted{.doing = events::Doing::write, .subject = "system part 1", .bytes = 100},
      events::Progress{0.4, events::Part::write, 40, 100},
      events::Retrying{"block 17", "stalled", 1, 3},
      events::StepFinished{false},
      events::PersonNeeded{events::Action::hold_mode, "hold MODE", std::chrono::seconds(60)},
      events::Note{"came back", 2},
      events::JobFinished{}};
  for (const events::Event& event : events) sink.on(device, event);
  EXPECT_THAT(lines.lines, ElementsAre("T start    usb:1-2 writing system part 1, 100 bytes",
                                       "T retry    usb:1-2 block 17: stalled; attempt 1 of 3",
                                       "T end      usb:1-2 writing system part 1: failed",
                                       "T person   usb:1-2 hold MODE (within 60 s)",
                                       "T note     usb:1-2 came back", "T job      usb:1-2 good"));
  EXPECT_EQ(next.kinds.size(), events.size());
}

TEST(LogSink, KeepsDevicesApart) {
  Log log([] { return "T"; });
  Lines lines;
  log.write_to(lines.writer());
  events::NullSink next;
  LogSink sink(log, next);
  sink.on("usb:1-1", events::StepStarted{.doing = events::Doing::write, .subject = "one"});
  sink.on("usb:1-2", events::StepStarted{.doing = events::Doing::save, .subject = "two"});
  sink.on("usb:1-1", events::StepFinished{true});
  EXPECT_EQ(lines.lines.back(), "T end      usb:1-1 writing one: good");
}

}  // namespace
}  // namespace report
