// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whole commands against the released bootloaders' machine code: a release installed, read back and
// verified; and the power cut in the middle of it.
#include "base/files.h"
#include "board/bench.h"
#include "board/images.h"
#include "board/wired.h"
#include "cli/harness.h"
#include "platform/platform.h"
#include "sim/bus/serial_port.h"
#include "sim/bus/virtual_clock.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace board {
namespace {

using std::chrono::seconds;

const platform::Platform& electron() { return platform::electron(); }

// A board whose bootloader is executed, and the commands for it.
class Station : public Wired {
 public:
  Station(const Image& image, const std::vector<Part>& installed)
      : Wired(Kind::executed, image.bytes, sim::bootloader_profile(image.version)),
        ports_(host()),
        clock_(wire()) {
    for (const Part& part : installed) board().flash().load(part.range.begin, part.bytes);
    set_observer([this](const Chip::FlashChange& change) {
      if (recording_) changes.push_back(change);
    });
  }

  cli_test::Outcome run(std::vector<std::string> words) {
    discovery::World world{host(), ports_, clock_};
    cli_test::GivenWorld given(world);
    for (const char* more : {"--firmware", "--json", "--yes"}) {
      words.emplace_back(more);
      if (words.back() == "--firmware") words.push_back(firmware_folder());
    }
    cli_test::Bench bench;
    return bench.run(words, given);
  }
  bool holds(const std::vector<Part>& parts) const {
    return std::all_of(parts.begin(), parts.end(), [this](const Part& part) {
      const base::ByteView there = board().flash().view(part.range);
      return std::equal(part.bytes.begin(), part.bytes.end(), there.begin());
    });
  }
  void record(bool on) { recording_ = on; }

  std::vector<Chip::FlashChange> changes;

 private:
  bool recording_ = false;
  sim::SimPorts ports_;
  sim::VirtualClock clock_;
};

class Job : public testing::Test {
 protected:
  void SetUp() override {
    if (released_bootloaders().empty()) GTEST_SKIP() << no_images();
    old_ = released_parts("1.5.2");
    new_ = released_parts("2.3.1");
    if (old_.empty() || new_.empty()) GTEST_SKIP() << "no files of 1.5.2 and 2.3.1";
  }
  std::vector<Part> old_;
  std::vector<Part> new_;
};

const std::vector<std::string> kFlash{"flash", "--target", "2.3.1", "--no-backup",
                                      "--accept-safe-mode"};

TEST_F(Job, InstallsAReleaseOverEveryReleasedBootloader) {
  for (const Image& image : released_bootloaders()) {
    SCOPED_TRACE("bootloader " + std::to_string(image.version));
    Station station(image, old_);
    station.into_dfu();
    const cli_test::Outcome outcome = station.run(kFlash);
    EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
    EXPECT_TRUE(station.holds(new_));
    EXPECT_EQ(station.board().running(), sim::Board::Running::firmware);
    std::printf("bootloader %u: %llu instructions\n", image.version,
                static_cast<unsigned long long>(station.chip().cpu().instructions()));
  }
}

TEST_F(Job, GoesDownAReleaseAsWell) {
  const Image* image = released_bootloader(1006);
  if (image == nullptr) GTEST_SKIP() << "no bootloader 1006";
  Station station(*image, new_);
  station.into_dfu();
  const cli_test::Outcome outcome =
      station.run({"flash", "--target", "1.5.2", "--no-backup", "--accept-safe-mode"});
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_TRUE(station.holds(old_));
}

// The flash after the first `count` changes of a job.
void apply(sim::FlashMemory& flash, const Chip::FlashChange& change) {
  if (change.erase) {
    flash.fill_blank(flash.sector_range(flash.sector_of(change.address)));
    return;
  }
  const base::ByteView there = flash.view({change.address, change.address + 4});
  base::Bytes word(4);
  base::store_le32(word, 0, base::load_le32(there, 0) & change.word);
  flash.load(change.address, word);
}

// Where power is cut: after a change, and in the middle of an erase.
TEST_F(Job, ComesBackToDfuByItselfWhereverThePowerIsCut) {
  constexpr int kErasePoints = 16;
  const std::string stride_text = base::environment("ER_CUT_STRIDE");
  const std::size_t stride = stride_text.empty() ? 199 : std::stoul(stride_text);
  std::size_t cuts = 0;
  std::size_t points = 0;
  for (const Image& image : released_bootloaders()) {
    Station recorded(image, old_);
    recorded.into_dfu();
    recorded.record(true);
    const base::ByteView before = recorded.board().flash().view();
    const base::Bytes start(before.begin(), before.end());
    ASSERT_EQ(recorded.run(kFlash).code, 0);
    const std::vector<Chip::FlashChange>& changes = recorded.changes;
    // Between the end of the first erase and the last word nothing may start but DFU.
    const auto is_system = [](const Chip::FlashChange& change) {
      return change.address >= electron().dfu_writable.begin;
    };
    const auto last = std::find_if(changes.rbegin(), changes.rend(), is_system);
    const auto end = static_cast<std::size_t>(changes.rend() - last);
    points += changes.size();

    Bench bench(Kind::executed, image.bytes);
    sim::FlashMemory& flash = bench.board().flash();
    const auto comes_back = [&bench] {
      bench.power_cycle();
      bench.wait_for_attach(seconds(10));
      const bool back =
          bench.board().attached() && bench.board().running() == sim::Board::Running::bootloader;
      bench.board().power(false);
      return back;
    };
    base::Bytes now = start;
    flash.load(electron().flash.begin, now);
    for (std::size_t i = 0; i < end; ++i) {
      const bool first = i == 0;
      if (changes[i].erase && !first) {
        const base::AddressRange range = flash.sector_range(flash.sector_of(changes[i].address));
        const base::ByteView whole = flash.view(range);
        const base::Bytes old(whole.begin(), whole.end());
        for (int point = 0; point < kErasePoints; ++point) {
          const std::size_t done = old.size() * static_cast<std::size_t>(point) / kErasePoints;
          base::Bytes half = old;
          std::fill_n(half.begin(), done, std::uint8_t{0xFF});
          flash.load(range.begin, half);
          ++cuts;
          EXPECT_TRUE(comes_back()) << "bootloader " << image.version << ", erase of "
                                    << range.begin << ", point " << point;
        }
        flash.load(range.begin, old);
      }
      apply(flash, changes[i]);
      if (!changes[i].erase && i % stride != 0 && i + 2 < end) continue;
      if (i + 1 == end) break;
      ++cuts;
      EXPECT_TRUE(comes_back()) << "bootloader " << image.version << ", after change " << i
                                << " of " << end;
      if (HasFailure()) break;
    }
  }
  RecordProperty("covered_cut points", std::to_string(cuts));
  std::printf("%zu cut points tried of %zu, %zu bootloaders\n", cuts, points,
              released_bootloaders().size());
}

TEST_F(Job, IsFinishedByTheSameCommandAfterAPowerCut) {
  const std::string wanted = base::environment("ER_FINISHED_CUTS");
  const std::size_t each = wanted.empty() ? 3 : std::stoul(wanted);
  int finished = 0;
  for (const Image& image : released_bootloaders()) {
    SCOPED_TRACE("bootloader " + std::to_string(image.version));
    Station recorded(image, old_);
    recorded.into_dfu();
    recorded.record(true);
    const base::ByteView before = recorded.board().flash().view();
    const base::Bytes start(before.begin(), before.end());
    ASSERT_EQ(recorded.run(kFlash).code, 0);
    const std::size_t total = recorded.changes.size();
    // From the first change to the last but one.
    for (std::size_t number = 0; number < each; ++number) {
      const std::size_t at = 1 + (total - 3) * number / std::max<std::size_t>(each - 1, 1);
      Station station(image, {});
      station.board().flash().load(electron().flash.begin, start);
      for (std::size_t i = 0; i < at; ++i) apply(station.board().flash(), recorded.changes[i]);
      station.board().power(true);
      station.pass(seconds(5));
      const cli_test::Outcome outcome = station.run(kFlash);
      EXPECT_EQ(outcome.code, 0) << "cut after change " << at << outcome.out << outcome.err;
      EXPECT_TRUE(station.holds(new_));
      ++finished;
    }
  }
  RecordProperty("covered_jobs cut and finished", std::to_string(finished));
  std::printf("%d jobs cut and finished\n", finished);
}

}  // namespace
}  // namespace board
