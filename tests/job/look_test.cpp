// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/virtual_bench.h"
#include "medium/installed_state.h"
#include "reach/leave.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace job::test {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kSmall = 9000;

class ProbeTest : public testing::Test {
 protected:
  ProbeTest() : bench_("11") { bench_.install("0.6.4", kSmall); }
  static events::DeviceReport look_at(VirtualBench& bench) {
    Request request;
    request.goal = Look();
    request.via = Via::dfu;
    return bench.run(request);
  }
  static events::DeviceReport compare(VirtualBench& bench) {
    Request request;
    request.goal = Compare{synthesised("0.6.4", kSmall)};
    request.via = Via::dfu;
    return bench.run(request);
  }
  plan::InstalledState look() {
    bench_.start_in_dfu();
    report_ = look_at(bench_);
    EXPECT_TRUE(report_.ok()) << (report_.ok() ? "" : report_.error->message);
    return *report_.before;
  }
  void spoil(std::uint32_t address, std::uint8_t value) {
    bench_.board().flash().load(address, base::Bytes{value});
  }
  static std::uint32_t start_of(platform::ModuleId id) { return electron().slot(id)->flash.begin; }

  VirtualBench bench_;
  events::DeviceReport report_;
};

TEST_F(ProbeTest, FindsEveryModuleWithItsVersionAndChecksum) {
  const plan::InstalledState found = look();
  for (const firmware::CheckedModule& module : synthesised("0.6.4", kSmall)) {
    const plan::InstalledModule* there = found.valid(module.id());
    ASSERT_NE(there, nullptr) << platform::describe(module.id());
    ASSERT_NE(there->read(), nullptr);
    EXPECT_EQ(there->read()->header, module.header());
    EXPECT_EQ(there->read()->crc32, module.crc32());
    EXPECT_EQ(there->read()->header_offset, module.header_offset());
  }
  EXPECT_EQ(found.bootloader_version, 11);
  EXPECT_EQ(found.factory_image, false);
  EXPECT_NE(found.valid(platform::kUserPart), nullptr);
}

TEST_F(ProbeTest, ReadsEveryByteOnce) {
  const plan::InstalledState found = look();
  std::uint64_t extents = 4096;  // the factory sector's first block
  for (const plan::InstalledModule& module : found.modules) {
    extents += std::max<std::uint64_t>(module.read()->header.size(), 4096);
  }
  // And of the configuration two seals, a slot, and the tag of a key.
  constexpr std::uint64_t kOfTheConfiguration = 8 + 8 + 20 + 4;
  EXPECT_EQ(report_.totals.bytes_read, extents + kOfTheConfiguration);
}

TEST_F(ProbeTest, TellsBlankFromCorrupt) {
  bench_.board().flash().fill_blank(electron().slot(platform::kSystemPart3)->flash);
  spoil(start_of(platform::kSystemPart2) + 5000, 0x5A);
  const plan::InstalledState found = look();
  EXPECT_EQ(found.find(platform::kSystemPart3)->blank(), true);
  const plan::InstalledModule* corrupt = found.find(platform::kSystemPart2);
  ASSERT_EQ(corrupt->health(), plan::Health::corrupt);
  ASSERT_FALSE(corrupt->problems().empty());
  EXPECT_EQ(corrupt->problems()[0].code, "crc-mismatch");
}

TEST_F(ProbeTest, ABitThatFlippedOnTheWayIsNoDamage) {
  bench_.board().flash().set_read_flip(start_of(platform::kSystemPart2) + 5000, 4, 1);
  bench_.board().flash().set_read_flip(start_of(platform::kSystemPart1) + 0x186, 4, 1);
  const plan::InstalledState found = look();
  EXPECT_NE(found.valid(platform::kSystemPart2), nullptr);
  EXPECT_NE(found.valid(platform::kSystemPart1), nullptr);
}

// The end address is the device's word; it must not make the tool read the keys or past the flash.
TEST_F(ProbeTest, DoesNotBelieveALengthBeyondTheSlot) {
  for (const std::uint32_t end : {0x08040000U, 0xFFFFFFFCU, 0x08000000U, 0x08020000U, 0U}) {
    VirtualBench bench("11");
    bench.install("0.6.4", kSmall);
    base::Bytes bytes(4);
    base::store_le32(bytes, 0, end);
    bench.board().flash().load(start_of(platform::kSystemPart1) + 0x188, bytes);
    bench.start_in_dfu();
    const events::DeviceReport report = look_at(bench);
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report.before->find(platform::kSystemPart1)->health(), plan::Health::corrupt);
    EXPECT_LE(report.totals.bytes_read, 80000U);
  }
}

TEST_F(ProbeTest, AModuleOfAnotherSlotIsCorruptWhereItLies) {
  const auto modules = synthesised("0.6.4", kSmall);
  for (const firmware::CheckedModule& module : modules) {
    if (module.id() != platform::kSystemPart3) continue;
    bench_.board().flash().fill_blank(electron().slot(platform::kSystemPart1)->flash);
    bench_.board().flash().load(start_of(platform::kSystemPart1), module.image());
  }
  const plan::InstalledState found = look();
  EXPECT_EQ(found.find(platform::kSystemPart1)->health(), plan::Health::corrupt);
  EXPECT_NE(found.valid(platform::kSystemPart3), nullptr);
}

TEST_F(ProbeTest, KnowsAFactoryImageOnlyByItsChecksum) {
  const firmware::CheckedModule application = user_part(3, 1);
  bench_.board().flash().load(electron().factory.begin, application.image());
  EXPECT_EQ(look().factory_image, true);
  spoil(electron().factory.begin + 1000, 0x5A);
  EXPECT_EQ(look_at(bench_).before->factory_image, false);
}

TEST_F(ProbeTest, ReadsAgainWhatAStallInterrupted) {
  bench_.fault("at upload 4: stall; at upload 9: timeout");
  const plan::InstalledState found = look();
  EXPECT_NE(found.valid(platform::kSystemPart2), nullptr);
}

TEST_F(ProbeTest, ASlotThatIsNotKnownIsLeftOutOfTheState) {
  const medium::FlashImage nothing(electron().flash);
  const plan::InstalledState state = medium::state_from_image(electron(), nothing);
  EXPECT_TRUE(state.modules.empty());
  EXPECT_FALSE(state.bootloader_version);
  EXPECT_FALSE(state.factory_image);
}

TEST_F(ProbeTest, VerifyFindsTheFirstDifference) {
  bench_.start_in_dfu();
  const events::DeviceReport same = compare(bench_);
  EXPECT_TRUE(same.ok());
  EXPECT_EQ(same.comparisons.size(), 3U);

  const std::uint32_t place = start_of(platform::kSystemPart2) + 5000;
  bench_.board().flash().load(place, base::Bytes{0, 0, 0});
  const events::DeviceReport differs = compare(bench_);
  ASSERT_FALSE(differs.ok());
  EXPECT_EQ(differs.error->code, base::Errc::verify_mismatch);
  EXPECT_THAT(differs.error->message, HasSubstr(base::hex32(place)));
  for (const events::Comparison& one : differs.comparisons) {
    EXPECT_EQ(one.equal, one.module.id() != platform::kSystemPart2);
  }
}

TEST_F(ProbeTest, VerifyIsNotFooledByAFlippedRead) {
  bench_.start_in_dfu();
  bench_.board().flash().set_read_flip(start_of(platform::kSystemPart2) + 5000, 4, 1);
  EXPECT_TRUE(compare(bench_).ok());
}

TEST_F(ProbeTest, ARefusedTransferDoesNotEndAComparison) {
  for (const char* fault : {"at upload 3: stall", "at upload 3: timeout", "at control 2: stall",
                            "at control 5: stall"}) {
    bench_.start_in_dfu();
    bench_.fault(fault);
    const events::DeviceReport report = compare(bench_);
    EXPECT_TRUE(report.ok()) << fault << ": " << report.error->message;
    bench_.no_faults();
  }
}

TEST_F(ProbeTest, ARefusedTransferDoesNotEndALook) {
  for (const char* fault : {"at control 1: stall", "at control 3: stall", "at control 6: stall"}) {
    bench_.fault(fault);
    const plan::InstalledState found = look();
    EXPECT_NE(found.valid(platform::kSystemPart2), nullptr) << fault;
    bench_.no_faults();
  }
}

TEST_F(ProbeTest, WhatCouldNotBeReadIsNotSaidToDiffer) {
  bench_.start_in_dfu();
  bench_.helpful = false;
  bench_.fault("at upload 12: unplug 3600s");
  const events::DeviceReport report = compare(bench_);
  ASSERT_FALSE(report.ok());
  EXPECT_NE(report.error->code, base::Errc::verify_mismatch);
  ASSERT_EQ(report.comparisons.size(), 3U);
  EXPECT_FALSE(report.comparisons.back().compared);
}

TEST_F(ProbeTest, VerifyNamesEveryModuleThatDiffers) {
  bench_.start_in_dfu();
  spoil(start_of(platform::kSystemPart1) + 5000, 0x5A);
  spoil(start_of(platform::kSystemPart3) + 5000, 0x5A);
  const events::DeviceReport report = compare(bench_);
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(report.error->message,
              testing::AllOf(HasSubstr("system part 1"), HasSubstr("system part 3"),
                             testing::Not(HasSubstr("system part 2"))));
}

// --- a device is left as it was found ---

TEST_F(ProbeTest, ARunningDeviceThatIsLookedAtRunsAgain) {
  bench_.power_on();
  const events::DeviceReport report = look_at(bench_);
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_EQ(report.whereabouts, events::Whereabouts::serial);
  EXPECT_TRUE(bench_.runs());
}

TEST_F(ProbeTest, ARunningDeviceRunsAgainAfterALookThatFailed) {
  bench_.power_on();
  Request request;
  request.goal = Save{"/dev/null/file.erbackup", false};
  request.via = Via::dfu;
  const events::DeviceReport report = bench_.run(request);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, base::Errc::bad_file);
  EXPECT_EQ(report.whereabouts, events::Whereabouts::serial) << report.device_state;
  EXPECT_TRUE(bench_.runs());
}

class LeaveDfu : public ProbeTest {
 protected:
  base::Result<discovery::Device> leave() {
    const work::Context with = bench_.context();
    work::Voice voice(bench_, "usb:1-1");
    events::Totals totals;
    auto session = medium::Session::open(bench_.world(), electron(), *bench_.find(), totals);
    EXPECT_TRUE(session);
    return reach::leave_and_wait(with, voice, std::move(*session), totals);
  }
};

TEST_F(LeaveDfu, ADeviceThatDoesNotRunIsNotBack) {
  bench_.board().flash().fill_blank(electron().slot(platform::kSystemPart1)->flash);
  bench_.start_in_dfu();
  const auto back = leave();
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, base::Errc::not_back);
  EXPECT_THAT(back.error().hint, HasSubstr("MODE"));
}

TEST_F(LeaveDfu, ADeviceThatPanicsIsNotBack) {
  bench_.board().flash().fill_blank(electron().slot(platform::kSystemPart3)->flash);
  bench_.start_in_dfu();
  const auto back = leave();
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, base::Errc::not_back);
}

}  // namespace
}  // namespace job::test
