// SPDX-License-Identifier: GPL-3.0-or-later
//
// Something goes wrong at transfer n, for every n of a whole job, on every bootloader; then the
// same job is run again. The device has to run in the end, with everything that is not the job's
// untouched, and no run may have told of a success that was none.
//
// ER_SWEEP_STRIDE=1 takes every n in every case; by default the long combinations take every fifth.

#include "base/files.h"
#include "flash/virtual_bench.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

namespace flash::test {
namespace {

constexpr std::uint32_t kSize = 9000;  // three blocks of 4096 bytes: first, whole, cut off

struct Scenario {
  std::string name;
  std::string from;
  std::vector<std::string> files;
  std::string to;
};

const Scenario kThreeParts{"three parts", "0.6.3", {"0.6.4"}, "0.6.4"};
const Scenario kTwoStages{"two stages", "0.4.8-rc.6", {"0.5.3", "0.6.4"}, "0.6.4"};
const Scenario kDown{"downgrade", "2.3.1", {"0.6.4"}, "0.6.4"};

std::uint64_t stride_or(std::uint64_t by_default) {
  const std::string set = base::environment("ER_SWEEP_STRIDE");
  return set.empty() ? by_default : std::max(1UL, std::strtoul(set.c_str(), nullptr, 10));
}

// What has to be as it was, whatever happens.
base::Bytes untouchable(const VirtualBench& bench) {
  base::Bytes bytes;
  for (const platform::Sector& sector : electron().sectors) {
    const bool user = sector.range == electron().slot(platform::kUserPart)->flash;
    const bool eeprom = sector.use == platform::SectorUse::eeprom;
    const bool factory = sector.use == platform::SectorUse::factory;
    if (!user && !eeprom && !factory) continue;
    const base::ByteView view = bench.region(sector.range);
    bytes.insert(bytes.end(), view.begin(), view.end());
  }
  return bytes;
}

// The firmware writes its flags into the configuration; the keys in it are nobody's business.
base::Bytes keys(VirtualBench& bench) {
  for (const sim::DctFormat format : {sim::DctFormat::sealed, sim::DctFormat::with_footer}) {
    const sim::Dct dct(bench.board().flash(), format);
    if (dct.live()) return dct.read(34, 1700);
  }
  return {};
}

class Sweep {
 public:
  Sweep(const Scenario& scenario, std::string_view bootloader)
      : scenario_(scenario),
        bootloader_(bootloader),
        files_(library(scenario.files, kSize)),
        wanted_(synthesised(scenario.to, kSize)) {}

  // One job without trouble: how many transfers it takes.
  std::uint64_t transfers() {
    VirtualBench bench(bootloader_);
    prepare(bench);
    const std::uint64_t before = bench.all_transfers;
    const DeviceReport report = bench.run(bench.request(files_, scenario_.to));
    EXPECT_TRUE(report.ok()) << where() << report.error->message;
    expect_right(bench, report);
    return bench.all_transfers - before;
  }

  void at_every_transfer(const std::string& action, std::uint64_t stride) {
    const std::uint64_t count = transfers();
    for (std::uint64_t n = 1; n <= count && !testing::Test::HasFailure(); n += stride) {
      fault_ = fmt::format("at transfer {}: {}", n, action);
      once();
    }
  }

  void with(const std::string& fault) {
    fault_ = fault;
    once();
  }

  std::uint64_t runs = 0;
  std::uint64_t honest_errors = 0;
  std::uint64_t buttons = 0;
  std::uint64_t needed_again = 0;
  bool fault_stays = false;  // the flash stays broken: an honest error is all that can be had

 private:
  std::string where() const {
    return fmt::format("{} on bootloader {}, {}: ", scenario_.name, bootloader_, fault_);
  }

  void prepare(VirtualBench& bench) const {
    bench.install(scenario_.from, kSize);
    bench.start_in_dfu();
  }

  bool right(const VirtualBench& bench) const {
    return std::ranges::all_of(wanted_, [&](const auto& module) { return bench.holds(module); });
  }

  void expect_right(VirtualBench& bench, const DeviceReport& report) {
    EXPECT_TRUE(report.ok()) << where() << (report.ok() ? "" : report.error->message);
    EXPECT_TRUE(right(bench)) << where();
    EXPECT_TRUE(bench.runs()) << where();
  }

  void once() {
    VirtualBench bench(bootloader_);
    prepare(bench);
    const base::Bytes others = untouchable(bench);
    const base::Bytes secrets = keys(bench);
    const JobRequest request = bench.request(files_, scenario_.to);
    bench.fault(fault_);
    const DeviceReport first = bench.run(request);
    ++runs;
    if (first.ok()) {
      EXPECT_TRUE(right(bench)) << where() << "success was told and the flash is wrong";
      EXPECT_TRUE(bench.runs()) << where() << "success was told and the device does not run";
    } else {
      ++needed_again;
      EXPECT_FALSE(first.error->message.empty()) << where();
      EXPECT_FALSE(first.device_state.empty()) << where();
      EXPECT_NE(first.error->code, base::Errc::internal) << where() << first.error->message;
      EXPECT_NE(first.error->code, base::Errc::refused) << where() << first.error->message;
    }
    if (!fault_stays) {
      bench.no_faults();
      bench.board().plug(true);
      bench.board().power(true);
      expect_right(bench, bench.run(request));
      EXPECT_EQ(keys(bench), secrets) << where();
    } else if (!first.ok()) {
      ++honest_errors;
    }
    EXPECT_EQ(untouchable(bench), others) << where();
    EXPECT_THAT(bench.forbidden, testing::IsEmpty()) << where();
    buttons += static_cast<std::uint64_t>(bench.times_mode_pressed);
  }

  Scenario scenario_;
  std::string bootloader_;
  release::Library files_;
  std::vector<firmware::CheckedModule> wanted_;
  std::string fault_ = "no fault";
};

// A bootloader that goes with the scenario's first release, or that a later one has left there.
struct Case {
  Scenario scenario;
  std::string bootloader;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const char* name : {"7", "7-0.5", "6", "11", "101", "201", "400", "1003", "1006"}) {
    all.push_back({kThreeParts, name});
  }
  for (const char* name : {"6", "7"}) all.push_back({kTwoStages, name});
  for (const char* name : {"1004", "1006"}) all.push_back({kDown, name});
  return all;
}

void sweep(const std::string& action, std::uint64_t by_default) {
  std::uint64_t runs = 0;
  std::uint64_t again = 0;
  std::uint64_t buttons = 0;
  for (const Case& one : cases()) {
    Sweep all(one.scenario, one.bootloader);
    all.at_every_transfer(action, stride_or(by_default));
    runs += all.runs;
    again += all.needed_again;
    buttons += all.buttons;
    if (testing::Test::HasFailure()) return;
  }
  fmt::print("{}: {} times, {} needed the second run, MODE pressed {} times\n", action, runs, again,
             buttons);
}

TEST(Sweep, CableOutForAMomentAtEveryTransfer) { sweep("unplug 3s", 1); }
TEST(Sweep, CableOutForGoodAtEveryTransfer) { sweep("unplug 3600s", 1); }
TEST(Sweep, PowerCutAndBackAtEveryTransfer) { sweep("power-cut 2s", 1); }
TEST(Sweep, PowerCutForGoodAtEveryTransfer) { sweep("power-cut", 1); }
TEST(Sweep, ResetPressedAtEveryTransfer) { sweep("reset", 1); }
TEST(Sweep, StallAtEveryTransfer) { sweep("stall", 1); }
TEST(Sweep, TimeoutAtEveryTransfer) { sweep("timeout", 1); }
TEST(Sweep, AnswerLostAtEveryTransfer) { sweep("lost-answer", 1); }
TEST(Sweep, DataLostAtEveryTransfer) { sweep("lost-data", 1); }

}  // namespace
}  // namespace flash::test
