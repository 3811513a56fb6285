// SPDX-License-Identifier: GPL-3.0-or-later
//
// Something goes wrong at transfer n, for every n of a whole job, on every bootloader; then the
// same job is run again. The device has to run in the end, with everything that is not the job's
// untouched, and no run may have told of a success that was none.
//
// ER_SWEEP_STRIDE=1 takes every n with every kind of trouble; by default cable and power do, and
// the others take every third, fifth or seventh.

#include "support/sweep.h"

#include "base/files.h"
#include "job/virtual_bench.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace job::test {
namespace {

constexpr std::uint32_t kSize = 9000;  // three blocks of 4096 bytes: first, whole, cut off

struct Scenario {
  std::string name;
  std::string from;
  // Releases of system parts 1, 2 and 3, where they are not all of `from`.
  std::vector<std::string> mixed = {};
  std::vector<std::string> files;
  std::string to;
  // A part 2 that is newer than the others crashes, and never comes back to DFU mode by itself:
  // until the guard is open, somebody has to hold MODE.
  bool starts = true;
};

const Scenario kThreeParts{"three parts", "0.6.3", {}, {"0.6.4"}, "0.6.4"};
const Scenario kTwoStages{"two stages", "0.4.8-rc.6", {}, {"0.5.3", "0.6.4"}, "0.6.4"};
const Scenario kDown{"downgrade", "2.3.1", {}, {"0.6.4"}, "0.6.4"};

// Every mix of the parts of 0.6.4 and 1.5.2, with what a half-done update over the air leaves, and
// part 1 right already.
std::vector<Scenario> mixes() {
  std::vector<Scenario> all;
  const std::string old = "0.6.4";
  const std::string young = "1.5.2";
  constexpr int kAll = 7;
  constexpr int kPart2 = 2;
  for (int bits = 0; bits <= kAll; ++bits) {
    Scenario one{"mix", old, {}, {old, young}, young};
    for (int part = 0; part < 3; ++part) {
      one.mixed.push_back((bits & (1 << part)) != 0 ? young : old);
      one.name += " " + one.mixed.back();
    }
    one.starts = (bits & kPart2) == 0 || bits == kAll;
    all.push_back(std::move(one));
  }
  return all;
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
    const events::DeviceReport report = bench.run(bench.request(files_, scenario_.to));
    EXPECT_TRUE(report.ok()) << where() << report.error->message;
    expect_right(bench, report);
    return bench.all_transfers - before;
  }

  // `first`: where a stride of more than one begins, so that several sweeps take other transfers.
  void at_every_transfer(const std::string& action, std::uint64_t stride, std::uint64_t first = 0) {
    const std::uint64_t count = transfers();
    for (std::uint64_t n = 1 + first % stride; n <= count && !testing::Test::HasFailure();
         n += stride) {
      with(fmt::format("at transfer {}: {}", n, action), sim::CutPattern::from_start);
    }
  }

  void killed_at_every_transfer(std::uint64_t stride) {
    const std::uint64_t count = transfers();
    for (std::uint64_t n = 1; n <= count && !testing::Test::HasFailure(); n += stride) {
      fault_ = fmt::format("killed after {} transfers", n);
      once([&](VirtualBench& bench) { bench.kill_after(n); });
    }
  }

  void with(const std::string& script, sim::CutPattern pattern) {
    fault_ = script;
    once([&](VirtualBench& bench) {
      bench.board().flash().set_cut_pattern(pattern);
      bench.fault(script);
    });
  }

  bool somebody_there = true;  // in the first run; in the second somebody always is
  // The flash stays broken: an honest error that names the address is all that can be had.
  std::optional<std::string> stays_broken_at;
  std::uint64_t runs = 0;
  std::uint64_t buttons = 0;
  std::uint64_t needed_again = 0;

 private:
  std::string where() const {
    return fmt::format("{} on bootloader {}, {}: ", scenario_.name, bootloader_, fault_);
  }

  void prepare(VirtualBench& bench) const {
    bench.install(scenario_.from, kSize);
    for (std::size_t part = 0; part < scenario_.mixed.size(); ++part) {
      for (const firmware::CheckedModule& module : synthesised(scenario_.mixed[part], kSize)) {
        if (module.id().index == part + 1) bench.load(module);
      }
    }
    bench.start_in_dfu();
    ASSERT_EQ(bench.bootloader_version(), sim::find_bootloader_profile(bootloader_)->version);
  }

  bool right(const VirtualBench& bench) const {
    return std::ranges::all_of(wanted_, [&](const auto& module) { return bench.holds(module); });
  }

  void expect_right(VirtualBench& bench, const events::DeviceReport& report) {
    EXPECT_TRUE(report.ok()) << where() << (report.ok() ? "" : report.error->message);
    EXPECT_TRUE(right(bench)) << where();
    EXPECT_TRUE(bench.runs()) << where();
  }

  void once(const std::function<void(VirtualBench&)>& trouble) {
    VirtualBench bench(bootloader_);
    prepare(bench);
    const base::Bytes others = untouchable(bench);
    const base::Bytes secrets = keys(bench);
    const Request request = bench.request(files_, scenario_.to);
    trouble(bench);
    bench.helpful = somebody_there;
    const events::DeviceReport first = bench.run(request);
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
    if (stays_broken_at) {
      EXPECT_FALSE(first.ok()) << where();
      if (!first.ok()) {
        EXPECT_THAT(first.error->message, testing::HasSubstr(*stays_broken_at)) << where();
      }
    } else {
      run_again(bench, request);
    }
    EXPECT_EQ(keys(bench), secrets) << where();
    EXPECT_EQ(untouchable(bench), others) << where();
    EXPECT_THAT(bench.forbidden, testing::IsEmpty()) << where();
    buttons += static_cast<std::uint64_t>(bench.times_mode_pressed);
  }

  void run_again(VirtualBench& bench, const Request& request) {
    bench.no_faults();
    bench.start_process_again();
    bench.board().plug(true);
    bench.board().power(true);
    bench.helpful = true;
    expect_right(bench, bench.run(request));
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
  for (const char* name : {"6", "7", "7-0.5", "11", "101", "201", "400", "1003", "1006"}) {
    all.push_back({kThreeParts, name});
    all.push_back({kTwoStages, name});
  }
  for (const char* name : {"1004", "1006"}) all.push_back({kDown, name});
  return all;
}

struct Sums {
  std::uint64_t runs = 0;
  std::uint64_t again = 0;
  std::uint64_t buttons = 0;
  void add(const Sweep& sweep) {
    runs += sweep.runs;
    again += sweep.needed_again;
    buttons += sweep.buttons;
  }
  void print(std::string_view what) const {
    fmt::print("{}: {} jobs, {} needed a second run, MODE pressed {} times\n", what, runs, again,
               buttons);
  }
};

Sums sweep(const std::string& action, bool somebody_there, std::uint64_t stride_by_default) {
  Sums sums;
  for (const Case& one : cases()) {
    Sweep all(one.scenario, one.bootloader);
    all.somebody_there = somebody_there;
    all.at_every_transfer(action, test_support::sweep_stride(stride_by_default));
    sums.add(all);
    if (testing::Test::HasFailure()) return sums;
  }
  sums.print(action + (somebody_there ? "" : ", nobody there"));
  return sums;
}

// What comes back by itself needs nobody: that is what the guard is for.
void expect_nobody_needed(const Sums& sums) {
  EXPECT_EQ(sums.buttons, 0U);
  EXPECT_EQ(sums.again, 0U);
}

TEST(Sweep, CableOutForAMomentAtEveryTransfer) {
  expect_nobody_needed(sweep("unplug 3s", true, 1));
}
TEST(Sweep, CableOutForGoodAtEveryTransfer) { sweep("unplug 3600s", true, 5); }
TEST(Sweep, CableOutForGoodAtEveryTransferWithNobodyThere) { sweep("unplug 3600s", false, 7); }
TEST(Sweep, PowerCutAndBackAtEveryTransfer) {
  expect_nobody_needed(sweep("power-cut 2s", true, 1));
}
TEST(Sweep, PowerCutForGoodAtEveryTransfer) { sweep("power-cut", true, 5); }
TEST(Sweep, PowerCutForGoodAtEveryTransferWithNobodyThere) { sweep("power-cut", false, 7); }
TEST(Sweep, ResetPressedAtEveryTransfer) { expect_nobody_needed(sweep("reset", true, 5)); }
TEST(Sweep, StallAtEveryTransfer) { expect_nobody_needed(sweep("stall", true, 5)); }
TEST(Sweep, TimeoutAtEveryTransfer) { expect_nobody_needed(sweep("timeout", true, 5)); }
TEST(Sweep, AnswerLostAtEveryTransfer) { expect_nobody_needed(sweep("lost-answer", true, 5)); }
TEST(Sweep, DataLostAtEveryTransfer) { expect_nobody_needed(sweep("lost-data", true, 5)); }

// From the states that a half-done update leaves. Where the device can return to DFU mode by
// itself it does, so that nobody is needed.
Sums sweep_mixes(const std::string& action, bool starting, std::uint64_t stride_by_default) {
  Sums sums;
  std::uint64_t offset = 0;
  for (const Scenario& scenario : mixes()) {
    if (scenario.starts != starting) continue;
    for (const char* name : {"6", "7", "7-0.5", "11", "101", "201", "400", "1003", "1006"}) {
      Sweep all(scenario, name);
      all.at_every_transfer(action, test_support::sweep_stride(stride_by_default), offset++);
      sums.add(all);
      if (testing::Test::HasFailure()) return sums;
    }
  }
  sums.print(action +
             (starting ? ", from mixed states that start" : ", from mixed states that do not"));
  return sums;
}

TEST(Sweep, CableOutForAMomentFromMixedStates) {
  expect_nobody_needed(sweep_mixes("unplug 3s", true, 11));
  expect_nobody_needed(sweep_mixes("unplug 3s", false, 11));
}
TEST(Sweep, PowerCutAndBackFromMixedStates) {
  expect_nobody_needed(sweep_mixes("power-cut 2s", true, 7));
}
TEST(Sweep, PowerCutAndBackFromMixedStatesThatDoNotStartNeedsNoSecondRun) {
  EXPECT_EQ(sweep_mixes("power-cut 2s", false, 7).again, 0U);
}

TEST(Sweep, ProcessKilledAtEveryTransfer) {
  Sums sums;
  for (const Case& one : cases()) {
    Sweep all(one.scenario, one.bootloader);
    all.killed_at_every_transfer(test_support::sweep_stride(3));
    sums.add(all);
    if (HasFailure()) return;
  }
  sums.print("killed");
}

// Blocks of a part: the first, which the guard writes last; one in the middle; the last.
std::vector<std::uint32_t> places() {
  std::vector<std::uint32_t> all;
  for (const firmware::CheckedModule& module : synthesised("0.6.4", kSize)) {
    const auto size = static_cast<std::uint32_t>(module.image().size());
    for (const std::uint32_t offset : {0U, 400U, 4096U, 5000U, size - 4U}) {
      all.push_back(module.address() + offset);
    }
  }
  return all;
}

constexpr sim::CutPattern kPatterns[] = {sim::CutPattern::from_start, sim::CutPattern::from_end,
                                         sim::CutPattern::scattered};

TEST(Sweep, PowerCutInTheMiddleOfAnEraseOrAWrite) {
  Sums sums;
  for (const char* bootloader : {"6", "11", "101", "1006"}) {
    Sweep all(kThreeParts, bootloader);
    for (const std::uint32_t place : places()) {
      for (const char* what : {"erase", "program"}) {
        for (const double share : {0.0, 0.3, 0.7, 0.99}) {
          for (const sim::CutPattern pattern : kPatterns) {
            const std::uint64_t before = all.buttons;
            all.with(fmt::format("during {} 0x{:08X} at {}: power-cut 2s", what, place, share),
                     pattern);
            // An erase that was cut short may leave a header to read; a block that was, must not.
            if (what == std::string_view("program")) {
              EXPECT_EQ(all.buttons, before);
            }
          }
        }
      }
    }
    sums.add(all);
    if (HasFailure()) return;
  }
  sums.print("power cut within an erase or a write");
}

TEST(Sweep, ALostWriteOrAFlippedReadIsMended) {
  Sums sums;
  for (const char* bootloader : {"6", "7", "11", "1006"}) {
    Sweep all(kThreeParts, bootloader);
    for (const std::uint32_t place : places()) {
      all.with(fmt::format("lost write at 0x{:08X}", place), sim::CutPattern::from_start);
      all.with(fmt::format("read bit-flip 0x{:08X}.3", place), sim::CutPattern::from_start);
    }
    EXPECT_EQ(all.needed_again, 0U);
    sums.add(all);
    if (HasFailure()) return;
  }
  sums.print("lost write, flipped read");
}

TEST(Sweep, FlashThatStaysWrongIsAnHonestErrorWithTheAddress) {
  Sums sums;
  for (const char* bootloader : {"6", "7", "11", "1006"}) {
    Sweep all(kThreeParts, bootloader);
    for (const firmware::CheckedModule& module : synthesised("0.6.4", kSize)) {
      const std::uint32_t place = module.address() + 5000;
      // A bootloader that verifies tells of the block; else the word is found by reading back.
      const bool told = sim::find_bootloader_profile(bootloader)->verifies_writes;
      all.stays_broken_at = base::hex32(told ? module.address() + 4096 : place);
      all.with(fmt::format("stuck word 0x{:08X}", place), sim::CutPattern::from_start);
      all.stays_broken_at = base::hex32(place);
      all.with(fmt::format("read bit-flip 0x{:08X} always", place), sim::CutPattern::from_start);
      // Told as the sector, or found anywhere in it.
      all.stays_broken_at = base::hex32(module.address()).substr(0, 6);
      all.with(fmt::format("bad sector 0x{:08X}", place), sim::CutPattern::from_start);
    }
    sums.add(all);
    if (HasFailure()) return;
  }
  sums.print("flash that stays wrong");
}

}  // namespace
}  // namespace job::test
