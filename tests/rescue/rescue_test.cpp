// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/rescue.h"

#include "base/files.h"
#include "sim/world/synthetic_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace {

using base::Errc;
using testing::HasSubstr;

class Steps final : public events::Sink {
 public:
  void on(const std::string&, const events::Event& event) override {
    if (std::get_if<events::JobStarted>(&event) != nullptr) ++started;
    if (std::get_if<events::JobFinished>(&event) != nullptr) ++finished;
    const auto* step = std::get_if<events::StepStarted>(&event);
    if (step != nullptr && at_step) at_step(*step);
  }
  int started = 0;
  int finished = 0;
  std::function<void(const events::StepStarted&)> at_step;
};

// A virtual Electron at 1.5.0, made-up files of 1.5.2, and a program that uses the library.
class RescueTest : public testing::Test {
 protected:
  RescueTest() {
    const auto written = sim::write_synthetic_release("1.5.2", folder_);
    EXPECT_TRUE(written) << written.error().message;
    auto found = rescue::firmware({folder_}, true);
    EXPECT_TRUE(found) << found.error().message;
    firmware_ = std::move(*found);
    auto here = rescue::virtual_electron("sim:1.5.0", {});
    EXPECT_TRUE(here) << here.error().message;
    here_ = std::move(*here);
  }
  rescue::Rescue electrons() { return rescue::Rescue(here_->world()); }
  discovery::Device device() { return electrons().device("").value(); }
  job::Request to_152() {
    return rescue::to_release(rescue::release_named("1.5.2").value(), firmware_);
  }

  std::string folder_ = testing::TempDir() + "rescue-firmware";
  release::Library firmware_;
  std::unique_ptr<rescue::Workplace> here_;
  Steps steps_;
  base::CancelToken cancel_;
  rescue::Watch watch_{steps_, cancel_};
};

TEST_F(RescueTest, ListsTheDevicesOfAWorkplaceAndChoosesOne) {
  const auto devices = electrons().devices();
  ASSERT_TRUE(devices);
  ASSERT_EQ(devices->size(), 1u);
  const auto chosen = electrons().device(usb::to_string(devices->front().port()));
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->id, devices->front().id);
  EXPECT_EQ(electrons().device("ffffffffffffffffffffffff").error().code, Errc::no_device);
  EXPECT_EQ(electrons().device("usb:").error().code, Errc::usage);
}

TEST_F(RescueTest, PlansWithoutWritingAndTellsWhereTheDeviceIsAfterwards) {
  const job::Request request = to_152();
  const rescue::Planned planned = electrons().plan(
      device(), std::get<job::ToRelease>(request.goal).request, plan::Medium::dfu, watch_);
  ASSERT_TRUE(planned.outcome);
  EXPECT_TRUE(std::holds_alternative<plan::Plan>(*planned.outcome));
  EXPECT_FALSE(planned.look.touched());
  EXPECT_EQ(planned.look.totals.bytes_written, 0u);
  EXPECT_EQ(planned.look.whereabouts, events::Whereabouts::serial);
}

TEST_F(RescueTest, BringsADeviceToARelease) {
  const events::DeviceReport report = electrons().run(device(), to_152(), watch_);
  ASSERT_FALSE(report.error) << report.error->message;
  EXPECT_TRUE(report.touched());
  EXPECT_EQ(steps_.started, 1);
  EXPECT_EQ(steps_.finished, 1);
  const events::DeviceReport again = electrons().run(device(), to_152(), watch_);
  ASSERT_FALSE(again.error) << again.error->message;
  EXPECT_FALSE(again.touched());
}

TEST_F(RescueTest, StopsAtTheNextSafePointWhenCancelled) {
  steps_.at_step = [this](const events::StepStarted& step) {
    if (step.doing == events::Doing::write) cancel_.request();
  };
  const events::DeviceReport report = electrons().run(device(), to_152(), watch_);
  ASSERT_TRUE(report.error);
  EXPECT_EQ(report.error->code, Errc::cancelled);
  EXPECT_EQ(steps_.finished, 1);
}

TEST_F(RescueTest, SaysWhatIsWrongWithANameAPathOrAState) {
  EXPECT_EQ(rescue::release_named("1.5").error().code, Errc::usage);
  EXPECT_EQ(rescue::firmware({folder_ + "/none"}).error().code, Errc::bad_file);
  EXPECT_EQ(rescue::virtual_electron("sim:9.9.9", {}).error().code, Errc::usage);
}

TEST_F(RescueTest, KeepsATraceOfEveryTransferWhereAskedTo) {
  const std::string path = testing::TempDir() + "rescue-trace.jsonl";
  [[maybe_unused]] const auto none_yet = base::remove_file(path);
  auto traced = rescue::traced(here_->world(), path);
  ASSERT_TRUE(traced) << traced.error().message;
  rescue::Rescue watched((*traced)->world());
  job::Request look;
  look.goal = job::Look();
  look.via = job::Via::dfu;
  const events::DeviceReport report = watched.run(watched.device("").value(), look, watch_);
  EXPECT_FALSE(report.error);
  EXPECT_EQ((*traced)->problem(), "");
  const auto lines = base::read_file(path, 1 << 24);
  ASSERT_TRUE(lines);
  EXPECT_THAT(std::string(base::as_text(*lines)), HasSubstr("{"));
}

}  // namespace
