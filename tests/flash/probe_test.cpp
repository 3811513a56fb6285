// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/installed_state.h"
#include "flash/job.h"
#include "virtual_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flash::test {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kSmall = 9000;

class ProbeTest : public testing::Test {
 protected:
  ProbeTest() : bench_("11") { bench_.install("0.6.4", kSmall); }
  Probe look() {
    bench_.start_in_dfu();
    Bench with = bench_.bench();
    auto probed = probe(with, *bench_.find());
    EXPECT_TRUE(probed) << (probed ? "" : probed.error().message);
    return std::move(*probed);
  }
  void spoil(std::uint32_t address, std::uint8_t value) {
    bench_.board().flash().load(address, base::Bytes{value});
  }
  static std::uint32_t start_of(platform::ModuleId id) { return electron().slot(id)->flash.begin; }

  VirtualBench bench_;
};

TEST_F(ProbeTest, FindsEveryModuleWithItsVersionAndChecksum) {
  const Probe found = look();
  for (const firmware::CheckedModule& module : synthesised("0.6.4", kSmall)) {
    const plan::InstalledModule* there = found.state.valid(module.id());
    ASSERT_NE(there, nullptr) << platform::describe(module.id());
    EXPECT_EQ(*there->header(), module.header());
    EXPECT_EQ(there->read()->crc32, module.crc32());
    EXPECT_EQ(there->read()->header_offset, module.header_offset());
  }
  EXPECT_EQ(found.state.bootloader_version, 11);
  EXPECT_EQ(found.state.factory_image, false);
  EXPECT_NE(found.state.valid(platform::kUserPart), nullptr);
}

TEST_F(ProbeTest, ReadsEveryByteOnce) {
  const Probe found = look();
  std::uint64_t extents = 4096;  // the factory sector's first block
  for (const plan::InstalledModule& module : found.state.modules) {
    extents += std::max<std::uint64_t>(
        (module.read() != nullptr ? module.read()->header.size() : 0), 4096);
  }
  EXPECT_EQ(found.totals.bytes_read, extents);
}

TEST_F(ProbeTest, TellsBlankFromCorrupt) {
  bench_.board().flash().fill_blank(electron().slot(platform::kSystemPart3)->flash);
  spoil(start_of(platform::kSystemPart2) + 5000, 0x5A);
  const Probe found = look();
  EXPECT_EQ(found.state.find(platform::kSystemPart3)->health(), plan::Health::blank);
  const plan::InstalledModule* corrupt = found.state.find(platform::kSystemPart2);
  EXPECT_EQ(corrupt->health(), plan::Health::corrupt);
  ASSERT_FALSE(corrupt->problems.empty());
  EXPECT_EQ(corrupt->problems()[0].code, "crc-mismatch");
}

TEST_F(ProbeTest, ABitThatFlippedOnTheWayIsNoDamage) {
  bench_.board().flash().set_read_flip(start_of(platform::kSystemPart2) + 5000, 4, 1);
  bench_.board().flash().set_read_flip(start_of(platform::kSystemPart1) + 0x186, 4, 1);
  const Probe found = look();
  EXPECT_NE(found.state.valid(platform::kSystemPart2), nullptr);
  EXPECT_NE(found.state.valid(platform::kSystemPart1), nullptr);
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
    Bench with = bench.bench();
    const auto found = probe(with, *bench.find());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->state.find(platform::kSystemPart1)->health(), plan::Health::corrupt);
    EXPECT_LE(found->totals.bytes_read, 80000U);
    EXPECT_FALSE(found->image.has(electron().configuration));
  }
}

TEST_F(ProbeTest, AModuleOfAnotherSlotIsCorruptWhereItLies) {
  const auto modules = synthesised("0.6.4", kSmall);
  for (const firmware::CheckedModule& module : modules) {
    if (module.id() != platform::kSystemPart3) continue;
    bench_.board().flash().fill_blank(electron().slot(platform::kSystemPart1)->flash);
    bench_.board().flash().load(start_of(platform::kSystemPart1), module.image());
  }
  const Probe found = look();
  EXPECT_EQ(found.state.find(platform::kSystemPart1)->health(), plan::Health::corrupt);
  EXPECT_NE(found.state.valid(platform::kSystemPart3), nullptr);
}

TEST_F(ProbeTest, KnowsAFactoryImageOnlyByItsChecksum) {
  const firmware::CheckedModule application = user_part(3, 1);
  bench_.board().flash().load(electron().factory.begin, application.image());
  EXPECT_EQ(look().state.factory_image, true);
  spoil(electron().factory.begin + 1000, 0x5A);
  Bench with = bench_.bench();
  EXPECT_EQ(probe(with, *bench_.find())->state.factory_image, false);
}

TEST_F(ProbeTest, ReadsAgainWhatAStallInterrupted) {
  bench_.fault("at upload 4: stall; at upload 9: timeout");
  const Probe found = look();
  EXPECT_NE(found.state.valid(platform::kSystemPart2), nullptr);
}

TEST_F(ProbeTest, ASlotThatIsNotKnownIsLeftOutOfTheState) {
  const FlashImage nothing(electron().flash);
  const plan::InstalledState state = state_from_image(electron(), nothing);
  EXPECT_TRUE(state.modules.empty());
  EXPECT_FALSE(state.bootloader_version);
  EXPECT_FALSE(state.factory_image);
}

TEST_F(ProbeTest, VerifyFindsTheFirstDifference) {
  bench_.start_in_dfu();
  Bench with = bench_.bench();
  const auto modules = synthesised("0.6.4", kSmall);
  const VerifyReport same = verify(with, *bench_.find(), modules);
  EXPECT_TRUE(same.ok());
  EXPECT_EQ(same.modules.size(), 3U);

  const std::uint32_t place = start_of(platform::kSystemPart2) + 5000;
  bench_.board().flash().load(place, base::Bytes{0, 0, 0});
  const VerifyReport differs = verify(with, *bench_.find(), modules);
  ASSERT_FALSE(differs.ok());
  EXPECT_EQ(differs.error->code, base::Errc::verify_mismatch);
  EXPECT_THAT(differs.error->message, HasSubstr(base::hex32(place)));
  for (const ModuleComparison& one : differs.modules) {
    EXPECT_EQ(one.equal, one.module.id() != platform::kSystemPart2);
  }
}

TEST_F(ProbeTest, VerifyIsNotFooledByAFlippedRead) {
  bench_.start_in_dfu();
  bench_.board().flash().set_read_flip(start_of(platform::kSystemPart2) + 5000, 4, 1);
  Bench with = bench_.bench();
  EXPECT_TRUE(verify(with, *bench_.find(), synthesised("0.6.4", kSmall)).ok());
}

TEST_F(ProbeTest, ARefusedTransferDoesNotEndAComparison) {
  for (const char* fault : {"at upload 3: stall", "at upload 3: timeout", "at control 2: stall",
                            "at control 5: stall"}) {
    bench_.start_in_dfu();
    bench_.fault(fault);
    Bench with = bench_.bench();
    const VerifyReport report = verify(with, *bench_.find(), synthesised("0.6.4", kSmall));
    EXPECT_TRUE(report.ok()) << fault << ": " << report.error->message;
    bench_.no_faults();
  }
}

TEST_F(ProbeTest, ARefusedTransferDoesNotEndALook) {
  for (const char* fault : {"at control 1: stall", "at control 3: stall", "at control 6: stall"}) {
    bench_.fault(fault);
    const Probe found = look();
    EXPECT_NE(found.state.valid(platform::kSystemPart2), nullptr) << fault;
    bench_.no_faults();
  }
}

TEST_F(ProbeTest, WhatCouldNotBeReadIsNotSaidToDiffer) {
  bench_.start_in_dfu();
  bench_.fault("at upload 5: unplug 3600s");
  Bench with = bench_.bench();
  const VerifyReport report = verify(with, *bench_.find(), synthesised("0.6.4", kSmall));
  ASSERT_FALSE(report.ok());
  EXPECT_NE(report.error->code, base::Errc::verify_mismatch);
  ASSERT_EQ(report.modules.size(), 3U);
  EXPECT_FALSE(report.modules.back().compared);
}

TEST_F(ProbeTest, VerifyNamesEveryModuleThatDiffers) {
  bench_.start_in_dfu();
  spoil(start_of(platform::kSystemPart1) + 5000, 0x5A);
  spoil(start_of(platform::kSystemPart3) + 5000, 0x5A);
  Bench with = bench_.bench();
  const VerifyReport report = verify(with, *bench_.find(), synthesised("0.6.4", kSmall));
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(report.error->message,
              testing::AllOf(HasSubstr("system part 1"), HasSubstr("system part 3"),
                             testing::Not(HasSubstr("system part 2"))));
}

TEST_F(ProbeTest, ADeviceIsBroughtToDfuModeAndBack) {
  bench_.power_on();
  Bench with = bench_.bench();
  const auto in_dfu = bring_to_dfu(with, *bench_.find());
  ASSERT_TRUE(in_dfu) << in_dfu.error().message;
  EXPECT_EQ(in_dfu->mode, discovery::Mode::dfu);
  EXPECT_FALSE(in_dfu->id.empty());
  const auto back = leave_dfu(with, *in_dfu);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->mode, discovery::Mode::serial);
  EXPECT_TRUE(bench_.runs());
}

TEST_F(ProbeTest, ADeviceThatDoesNotRunIsNotBack) {
  bench_.board().flash().fill_blank(electron().slot(platform::kSystemPart1)->flash);
  bench_.start_in_dfu();
  Bench with = bench_.bench();
  const auto back = leave_dfu(with, *bench_.find());
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, base::Errc::not_back);
  EXPECT_THAT(back.error().hint, HasSubstr("MODE"));
}

TEST_F(ProbeTest, ADeviceThatPanicsIsNotBack) {
  bench_.board().flash().fill_blank(electron().slot(platform::kSystemPart3)->flash);
  bench_.start_in_dfu();
  Bench with = bench_.bench();
  const auto back = leave_dfu(with, *bench_.find());
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, base::Errc::not_back);
}

}  // namespace
}  // namespace flash::test
