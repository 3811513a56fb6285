// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/shelf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plan_test {
namespace {

using plan::Action;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// The places of a backup, and what is on the device, both whole sectors.
class RestorePlan : public testing::Test {
 protected:
  base::Bytes sector(const firmware::CheckedModule& module) {
    base::Bytes bytes(128U * 1024U, 0xFF);
    std::ranges::copy(module.image(), bytes.begin());
    return bytes;
  }
  // What the backup holds at `place`, and what is there now.
  void add(base::AddressRange place, std::string name, base::Bytes wanted, base::Bytes there) {
    plan::Content content;
    content.name = std::move(name);
    content.place = place;
    content.source = "device.erbackup";
    if (const platform::Slot* slot = platform::electron().slot_at(place.begin)) {
      content.module = slot->module;
    }
    content.bytes = std::make_shared<const base::Bytes>(std::move(wanted));
    device_.push_back(std::move(there));
    request_.regions.push_back({std::move(content), {}});
  }
  void add_part(int index, std::string_view wanted, std::string_view there) {
    const auto at = static_cast<std::size_t>(index - 1);
    const ModuleId id{platform::ModuleFunction::system_part, static_cast<std::uint8_t>(index)};
    add(platform::electron().slot(id)->flash, platform::describe(id), sector(parts_of(wanted)[at]),
        sector(parts_of(there)[at]));
  }
  plan::Plan made() {
    for (std::size_t i = 0; i < device_.size(); ++i) {
      request_.regions[i].there = base::ByteView(device_[i]);
    }
    return plan::make_restore_plan(state_, request_, catalogue());
  }

  plan::InstalledState state_ = at("0.6.4", 11);
  plan::RestoreRequest request_;
  std::vector<base::Bytes> device_;
};

TEST_F(RestorePlan, WritesWhatDiffersUnderTheGuard) {
  add_part(1, "0.7.0", "0.6.4");
  add_part(2, "0.7.0", "0.6.4");
  add_part(3, "0.6.4", "0.6.4");
  const plan::Plan plan = made();
  EXPECT_EQ(brief(plan), "-: <1 2 (3) 1>");
  EXPECT_TRUE(plan.stages.front().guard.has_value());
  EXPECT_FALSE(plan.nothing_to_do());
}

TEST_F(RestorePlan, GuardsAlsoWherePart1IsRightAlready) {
  add_part(1, "0.6.4", "0.6.4");
  add_part(2, "0.7.0", "0.6.4");
  const plan::Plan plan = made();
  EXPECT_EQ(brief(plan), "-: <1 2 1>");
  EXPECT_THAT(plan.stages.front().steps.front().reason, HasSubstr("written back"));
}

TEST_F(RestorePlan, HoldsTheGuardWithTheDevicesOwnPart1WhereTheBackupHasNone) {
  add_part(2, "0.7.0", "0.6.4");
  request_.own_part1 = plan::content_of(parts_of("0.6.4")[0]);
  EXPECT_EQ(brief(made()), "-: <1 2 1>");
}

TEST_F(RestorePlan, NeedsNoGuardWhereNothingStartsAnyway) {
  add_part(2, "0.7.0", "0.6.4");
  const plan::Plan plan = made();
  EXPECT_EQ(brief(plan), "-: 2");
  EXPECT_THAT(plan.stages.front().no_guard_reason, HasSubstr("returns to DFU mode"));
}

TEST_F(RestorePlan, PutsABlankPart1BackFirst) {
  add_part(2, "0.7.0", "0.6.4");
  const ModuleId id = kSystemPart1;
  add(platform::electron().slot(id)->flash, "system part 1", base::Bytes(128U * 1024U, 0xFF),
      sector(parts_of("0.6.4")[0]));
  const plan::Plan plan = made();
  EXPECT_EQ(brief(plan), "-: 1 2");
  EXPECT_THAT(plan.stages.front().no_guard_reason, HasSubstr("no system part 1 that starts"));
}

TEST_F(RestorePlan, WritesTheFactoryImageAfterTheGuardIsClosed) {
  add(platform::electron().factory, "factory", sector(application(110)),
      base::Bytes(128U * 1024U, 0xFF));
  add_part(1, "0.7.0", "0.6.4");
  EXPECT_EQ(brief(made()), "-: <1 1> factory");
}

TEST_F(RestorePlan, HasNothingToDoWhereAllIsThere) {
  add_part(1, "0.6.4", "0.6.4");
  add_part(2, "0.6.4", "0.6.4");
  const plan::Plan plan = made();
  EXPECT_TRUE(plan.nothing_to_do());
  EXPECT_EQ(brief(plan), "-: (1) (2)");
}

TEST_F(RestorePlan, WritesWhatCouldNotBeRead) {
  add_part(3, "0.6.4", "0.6.4");
  const plan::Plan plan = plan::make_restore_plan(state_, request_, catalogue());
  EXPECT_EQ(plan.stages.front().steps.back().action, Action::write);
}

TEST_F(RestorePlan, SaysWhatTheDeviceWillBeAfterwards) {
  add_part(2, "0.7.0", "0.6.4");
  request_.afterwards = mixed("0.6.4", "0.7.0", "0.6.4", 11);
  EXPECT_THAT(codes(made()), ElementsAre("backup-does-not-boot"));
}

}  // namespace
}  // namespace plan_test
