// SPDX-License-Identifier: GPL-3.0-or-later
//
// The engine against the virtual Electron, with every bootloader there is.
#include "dfu/dfuse.h"
#include "sim/virtual_device.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>

namespace dfu {
namespace {

using base::AddressRange;
using base::Bytes;
using base::Errc;
using sim::BootloaderProfile;

const platform::Platform& electron() { return platform::electron(); }
constexpr AddressRange kSector{0x08040000, 0x08060000};
constexpr AddressRange kNotOurs{0x08000000, 0x08020000};

Bytes noise(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(random());
  return bytes;
}

struct ElectronTest : testing::TestWithParam<const BootloaderProfile*> {
  void SetUp() override {
    device.emplace(GetParam()->name);
    device->board.flash().load(kNotOurs.begin, noise(kNotOurs.size(), 1));
    device->board.flash().load(kSector.begin, noise(kSector.size(), 2));
    device->start();
    const base::ByteView view = device->board.flash().view(kNotOurs);
    before.assign(view.begin(), view.end());
  }

  base::Result<> try_open() {
    target.reset();
    transport.reset();
    TRY_ASSIGN(const auto devices, device->host.list(electron().usb.vendor));
    if (devices.empty()) return base::make_error(Errc::no_device, "no device");
    TRY_ASSIGN(transport, device->host.open(devices[0]));
    TRY_ASSIGN(target, DfuseTarget::open(*transport, device->clock, 0, electron().dfu_writable,
                                         traits_of(devices[0], {})));
    return {};
  }
  void open() {
    const auto opened = try_open();
    ASSERT_TRUE(opened) << opened.error().message;
  }
  void set_faults(std::string_view script) {
    auto faults = sim::parse_faults(script);
    ASSERT_TRUE(faults) << faults.error().message;
    device->wire.set_faults(0, std::move(*faults));
  }

  base::Result<> erase() { return target->erase(kSector); }
  base::Result<> write(base::ByteView bytes) {
    return target->write(kSector.begin, bytes, {}, never);
  }
  Bytes in_flash(AddressRange range) const {
    const base::ByteView view = device->board.flash().view(range);
    return {view.begin(), view.end()};
  }
  bool sector_blank() const { return base::is_blank(in_flash(kSector)); }

  // Erases, writes and reads back, as a caller would.
  void expect_to_work() {
    const Bytes bytes = noise(10'000, 3);
    ASSERT_TRUE(erase());
    ASSERT_TRUE(write(bytes));
    const auto back = target->read({kSector.begin, kSector.begin + 10'000}, {}, never);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, bytes);
  }

  std::optional<sim::VirtualDevice> device;
  std::unique_ptr<usb::Transport> transport;
  std::optional<DfuseTarget> target;
  base::CancelToken never;
  Bytes before;
};

std::vector<const BootloaderProfile*> every_profile() {
  std::vector<const BootloaderProfile*> profiles;
  for (const BootloaderProfile& profile : sim::bootloader_profiles()) profiles.push_back(&profile);
  return profiles;
}

INSTANTIATE_TEST_SUITE_P(EveryBootloader, ElectronTest, testing::ValuesIn(every_profile()),
                         [](const auto& test) {
                           std::string name(test.param->name);
                           std::erase_if(name, [](char c) { return c == '-' || c == '.'; });
                           return name;
                         });

TEST_P(ElectronTest, WritesAndReadsBackAWholeSectorInFewTransfers) {
  open();
  const Bytes bytes = noise(kSector.size(), 4);
  ASSERT_TRUE(erase());
  EXPECT_TRUE(sector_blank());
  ASSERT_TRUE(write(bytes));
  EXPECT_EQ(in_flash(kSector), bytes);
  const double blocks = kSector.size() / 4096.0;
  EXPECT_LE(static_cast<double>(target->counters().write_transfers) / blocks, 3.2);
  const auto back = target->read(kSector, {}, never);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, bytes);
  EXPECT_EQ(in_flash(kNotOurs), before);
}

TEST_P(ElectronTest, ReadsAllOfFlashAndNoMore) {
  open();
  const auto all = target->read(electron().flash, {}, never);
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(*all, in_flash(electron().flash));
  EXPECT_EQ(target->read({0x080FF000, 0x08100001}, {}, never).error().code, Errc::refused);
  EXPECT_EQ(device->board.running(), sim::Board::Running::bootloader);
}

TEST_P(ElectronTest, WritesAnOddNumberOfBytesAtTheVeryEndOfFlash) {
  open();
  const Bytes bytes = noise(4095, 5);
  ASSERT_TRUE(target->write(0x080FF000, bytes, {}, never));
  EXPECT_EQ(in_flash({0x080FF000, 0x080FFFFF}), bytes);
  EXPECT_EQ(device->board.running(), sim::Board::Running::bootloader);
}

TEST_P(ElectronTest, LeavesAndTheDeviceStarts) {
  open();
  const std::uint32_t resets = device->board.reset_count();
  ASSERT_TRUE(target->leave());
  device->pass(std::chrono::seconds(2));
  EXPECT_EQ(device->board.reset_count(), resets + 1);
}

// --- whatever an earlier tool has left ---

TEST_P(ElectronTest, GoesOnFromUploadIdle) {
  ASSERT_TRUE(device->upload(2, 64).ok());
  ASSERT_EQ(device->state(), 9);
  open();
  expect_to_work();
}

TEST_P(ElectronTest, GoesOnFromDownloadIdle) {
  ASSERT_TRUE(device->set_address(0x08060000).ok());
  ASSERT_TRUE(device->get_status().ok());
  ASSERT_EQ(device->state(), 5);
  open();
  expect_to_work();
}

TEST_P(ElectronTest, GoesOnFromDfuError) {
  ASSERT_TRUE(device->clear_status().ok());
  ASSERT_EQ(device->state(), 10);
  open();
  expect_to_work();
}

TEST_P(ElectronTest, GoesOnFromState15) {
  ASSERT_TRUE(device->upload(1, 64).stalled());
  ASSERT_EQ(device->state(), 15);
  open();
  expect_to_work();
}

TEST_P(ElectronTest, DropsAPendingEraseInsteadOfRunningIt) {
  const Bytes command = sim::VirtualDevice::address_command(0x41, kSector.begin);
  ASSERT_TRUE(device->dnload(0, command).ok());
  ASSERT_EQ(device->state(), 3);
  open();
  EXPECT_FALSE(sector_blank());
  expect_to_work();
}

TEST_P(ElectronTest, TakesBackALeaveThatIsNotConfirmed) {
  ASSERT_TRUE(device->dnload(0, {}).ok());
  ASSERT_EQ(device->state(), 6);
  const std::uint32_t resets = device->board.reset_count();
  open();
  expect_to_work();
  device->pass(std::chrono::seconds(3));
  EXPECT_EQ(device->board.reset_count(), resets);
}

TEST_P(ElectronTest, WaitsForAnEraseThatAKilledToolHasStarted) {
  const Bytes command = sim::VirtualDevice::address_command(0x41, kSector.begin);
  ASSERT_TRUE(device->dnload(0, command).ok());
  device->timeout = base::Millis(300);
  ASSERT_TRUE(device->get_status().timed_out());
  open();
  expect_to_work();
}

TEST_P(ElectronTest, GoesOnWhereAGetStatusHasBeenCutOff) {
  const Bytes command = sim::VirtualDevice::address_command(0x41, kSector.begin);
  ASSERT_TRUE(device->dnload(0, command).ok());
  set_faults("at getstatus 1: lost-answer");
  ASSERT_TRUE(device->get_status().timed_out());
  open();
  expect_to_work();
}

TEST_P(ElectronTest, SaysThatTheDeviceIsAboutToLeave) {
  ASSERT_TRUE(device->dnload(0, {}).ok());
  ASSERT_TRUE(device->get_status().ok());
  ASSERT_EQ(device->state(), 8);
  const auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().id, "leaving-dfu");
}

// --- flash that fails ---

TEST_P(ElectronTest, ReportsAnEraseThatFailsWhereTheBootloaderTells) {
  open();
  set_faults("bad sector 0x08040000");
  const auto result = erase();
  if (GetParam()->reports_failures) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::write_failed);
    EXPECT_NE(result.error().message.find("0x08040000"), std::string::npos);
    // The other sectors are as good as before.
    EXPECT_TRUE(target->erase({0x08060000, 0x08080000}));
  } else {
    EXPECT_TRUE(result);  // no sign at all: reading back is the only way to know
  }
  EXPECT_FALSE(sector_blank());
}

TEST_P(ElectronTest, ReportsAWordThatDoesNotProgramOrShowsItWhenReadBack) {
  open();
  set_faults("stuck word 0x08043210");
  const Bytes bytes(0x8000, 0x11);
  ASSERT_TRUE(erase());
  const auto result = write(bytes);
  if (GetParam()->reports_failures && GetParam()->verifies_writes) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::write_failed);
    EXPECT_NE(result.error().message.find("0x08043000"), std::string::npos);
  }
  const auto back = target->read({kSector.begin, kSector.begin + 0x8000}, {}, never);
  ASSERT_TRUE(back);
  EXPECT_NE(*back, bytes);
}

TEST_P(ElectronTest, ReportsAWriteOverFlashThatIsNotErased) {
  open();
  const auto result = write(noise(4096, 6));
  EXPECT_EQ(result.has_value(), !GetParam()->verifies_writes);
}

TEST_P(ElectronTest, ShowsALostWriteWhenReadBack) {
  open();
  set_faults("lost write at 0x08041000");
  const Bytes bytes(0x3000, 0x22);
  ASSERT_TRUE(erase());
  ASSERT_TRUE(write(bytes));
  device->pass(base::Millis(10));
  const auto back = target->read({kSector.begin, kSector.begin + 0x3000}, {}, never);
  ASSERT_TRUE(back);
  EXPECT_NE(*back, bytes);
}

TEST_P(ElectronTest, WaitsOutTheSlowestFlash) {
  open();
  device->board.flash().set_timing(sim::worst_timing());
  device->board.flash().protect_at_once(device->board.flash().sector_of(kSector.begin), true);
  expect_to_work();
}

// --- transfers that fail ---

TEST_P(ElectronTest, TellsThatTheCableIsOut) {
  open();
  set_faults("at dnload 5: unplug 2s");
  ASSERT_TRUE(erase());
  const auto result = write(noise(kSector.size(), 7));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::device_gone);
  device->pass(std::chrono::seconds(5));
  open();
  expect_to_work();
}

TEST_P(ElectronTest, NeverReportsSuccessWithWrongFlashHoweverTheTransfersFail) {
  const Bytes bytes = noise(5 * 4096 + 100, 8);
  int failures = 0;
  for (int seed = 1; seed <= 12; ++seed) {
    set_faults({});
    open();
    set_faults(fmt::format(
        "random {} every 12: stall, timeout, lost-answer, lost-data, short 2, delay 9s", seed));
    int attempts = 0;
    for (; attempts < 60; ++attempts) {
      if (!target && !try_open()) continue;
      const auto erased = erase();
      if (erased) {
        ASSERT_TRUE(sector_blank()) << "seed " << seed;
      }
      const auto written = erased ? write(bytes) : erased;
      if (written) break;
      ++failures;
      ASSERT_NE(written.error().code, Errc::internal);
      if (written.error().code == Errc::device_gone) target.reset();
    }
    ASSERT_LT(attempts, 60) << "seed " << seed;
    EXPECT_EQ(in_flash({kSector.begin, kSector.begin + 5 * 4096 + 100}), bytes) << "seed " << seed;
  }
  EXPECT_GT(failures, 0);
  EXPECT_EQ(in_flash(kNotOurs), before);
}

// --- waiting ---

TEST_P(ElectronTest, WaitsForThePollTimeoutOnlyWhereItIsNotKnownToBeDecoration) {
  const bool polls = GetParam()->poll != BootloaderProfile::Poll::zero;
  const auto duration = [&](BootloaderTraits traits) {
    open();
    target->set_traits(traits);
    EXPECT_TRUE(erase());
    const base::Instant begin = device->clock.now();
    EXPECT_TRUE(write(Bytes(32 * 4096, 0)));
    return device->clock.now() - begin;
  };
  const auto known = duration({.poll_timeout_is_decoration = true});
  const auto unknown = duration({.poll_timeout_is_decoration = false});
  const base::Micros waited = unknown - known;
  const base::Micros asked = polls ? base::Millis(32 * 50) : base::Millis(0);
  // The one request that the unknown one is asked more: whether its last block is done.
  constexpr base::Millis kOneRequest{1};
  EXPECT_GE(waited, asked);
  EXPECT_LT(waited, asked + kOneRequest);
}

}  // namespace
}  // namespace dfu
