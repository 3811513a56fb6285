// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/job_log.h"

#include "support/own_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace station {
namespace {

using testing::HasSubstr;

class Counting final : public events::Sink {
 public:
  void on(const std::string&, const events::Event&) override { ++events; }
  int events = 0;
};

class JobLogs : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(folder_); }
  static std::string stamp() { return "NOW"; }
  static JobOrder order() {
    JobOrder order;
    order.job = "job-1";
    order.slot = "A7";
    return order;
  }
  std::string folder_ = test_support::own_folder("er-job-log-");
  Counting next_;
};

TEST_F(JobLogs, aJobLeavesALogThatIsNamedByItsRow) {
  {
    JobLog log(folder_, stamp, order(), next_);
    log.sink().on("usb:1-2", events::StepStarted{events::Doing::observe, {}, {}, {}, 0, 0});
    log.sink().on("usb:1-2", events::Progress{});
    events::DeviceReport report;
    report.error = base::make_error(base::Errc::usb_io, "usb-io", "the link failed", "");
    log.end(report);
  }
  EXPECT_EQ(next_.events, 2);
  const auto bytes = base::read_file(folder_ + "/job-1.log", 10'000);
  ASSERT_TRUE(bytes);
  const std::string text = base::as_text(*bytes);
  EXPECT_THAT(text, HasSubstr("NOW slot     A7 work job-1"));
  EXPECT_THAT(text, HasSubstr("NOW start    usb:1-2"));
  EXPECT_THAT(text, HasSubstr("NOW error    usb-io: the link failed"));
  EXPECT_THAT(text, HasSubstr("NOW end      failed"));
}

TEST_F(JobLogs, oneThatCannotBeWrittenHoldsNothingUp) {
  for (const std::string& folder : {std::string(), folder_ + "/not-there"}) {
    JobLog log(folder, {}, order(), next_);
    log.sink().on("usb:1-2", events::Progress{});
    log.end({});
  }
  EXPECT_EQ(next_.events, 2);
}

}  // namespace
}  // namespace station
