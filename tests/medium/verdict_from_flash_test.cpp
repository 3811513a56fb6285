// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is read out of a virtual device's flash and judged, against what the device then does:
// states that lie in the bytes alone, as monolithic firmware and the registration of a factory
// application do. tests/plan/verdict_table_test.cpp does the same for the parts.

#include "firmware/build.h"
#include "medium/configuration.h"
#include "medium/installed_state.h"
#include "plan/state.h"
#include "release/release_set.h"
#include "sim/board/board.h"
#include "sim/world/electron.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>

namespace medium {
namespace {

using plan::Verdict;
using std::chrono::seconds;

const platform::Platform& electron() { return platform::electron(); }

plan::InstalledState read(sim::Board& board) {
  FlashImage image(electron().flash);
  const ReadRange read = [&](base::AddressRange range) -> base::Result<> {
    const base::ByteView view = board.flash().view(range);
    image.put(range.begin, view);
    return {};
  };
  EXPECT_TRUE(read_slots(electron(), image, read));
  return state_from_image(electron(), image);
}

// Watched for so long that what restarts has done so again and again.
Verdict what_it_does(sim::Board& board) {
  const base::AddressRange user = electron().slot(platform::kUserPart)->flash;
  const auto application = [&] {
    const base::ByteView bytes = board.flash().view({user.begin, user.begin + 4096});
    return base::Bytes(bytes.begin(), bytes.end());
  };
  const base::Bytes before = application();
  board.power(true);
  board.advance_to(base::Instant{} + seconds(12));
  const std::uint32_t resets = board.reset_count();
  board.advance_to(base::Instant{} + seconds(21));
  if (board.reset_count() > resets + 2) return Verdict::restarts;
  if (!board.attached() || board.running() != sim::Board::Running::firmware) {
    return Verdict::does_not_boot;
  }
  if (application() != before) return Verdict::restores_factory;
  return board.led().colour == "magenta" ? Verdict::safe_mode : Verdict::runs;
}

std::unique_ptr<sim::Board> board_of(const sim::ElectronSpec& spec) {
  auto made = sim::make_board(spec, release::Library{}, base::Instant{});
  EXPECT_TRUE(made);
  return made ? std::move(*made) : nullptr;
}

base::Bytes monolithic(std::uint16_t version, std::uint32_t size) {
  firmware::BuildRequest request;
  request.id = {platform::ModuleFunction::monolithic, 0};
  request.version = version;
  request.size = size;
  return firmware::build(request, electron());
}

constexpr const char* kBootloaders[] = {"6", "11", "101", "201", "400", "1004"};

TEST(VerdictFromFlash, OfMonolithicFirmwareIsWhatTheDeviceThenDoes) {
  int states = 0;
  for (const char* bootloader : kBootloaders) {
    for (const std::uint16_t version :
         {std::uint16_t{110}, std::uint16_t{1512}, std::uint16_t{2302}}) {
      for (const std::uint32_t size : {60U * 1024U, 200U * 1024U, 500U * 1024U}) {
        for (const std::uint32_t spoilt : {0U, 2000U, 50'000U}) {
          for (const bool factory : {false, true}) {
            sim::ElectronSpec spec;
            spec.bootloader = bootloader;
            spec.user_app = false;
            spec.factory_image = factory;
            spec.factory_registered = factory && size > 100'000;
            base::Bytes image = monolithic(version, size);
            if (spoilt != 0) image[spoilt] ^= 0x20U;
            spec.modules.push_back(std::move(image));
            const auto board = board_of(spec);
            ASSERT_NE(board, nullptr);
            const plan::InstalledState state = read(*board);
            ASSERT_NE(state.monolithic(), nullptr);
            const Verdict judged = plan::judge(state, release::Catalogue::embedded()).verdict;
            EXPECT_EQ(plan::name(judged), plan::name(what_it_does(*board)))
                << fmt::format("bootloader {}, version {}, {} bytes, spoilt at {}, factory {}",
                               bootloader, version, size, spoilt, factory);
            ++states;
          }
        }
      }
    }
  }
  EXPECT_EQ(states, 6 * 3 * 3 * 3 * 2);
}

// Of a release that looks for its application in the factory sector, without one in its place.
std::unique_ptr<sim::Board> without_application(const char* release, const char* bootloader,
                                                bool image, bool registered) {
  sim::ElectronSpec spec;
  spec.release = release;
  spec.bootloader = bootloader;
  spec.user_app = false;
  spec.factory_image = image;
  spec.factory_registered = registered;
  return board_of(spec);
}

TEST(VerdictFromFlash, OfAFactoryApplicationIsExactByItsRegistration) {
  std::map<std::string_view, int> tally;
  for (const char* bootloader : kBootloaders) {
    for (const char* release :
         {"0.4.8-rc.6", "0.5.3", "0.6.0", "0.6.4", "0.7.0", "1.0.1", "1.5.2", "2.3.1"}) {
      for (const int factory : {0, 1, 2}) {
        const auto board = without_application(release, bootloader, factory > 0, factory == 2);
        ASSERT_NE(board, nullptr);
        const plan::InstalledState state = read(*board);
        EXPECT_EQ(state.factory_registered, factory == 2);
        const Verdict judged = plan::judge(state, release::Catalogue::embedded()).verdict;
        const Verdict does = what_it_does(*board);
        EXPECT_EQ(plan::name(judged), plan::name(does))
            << fmt::format("{}, bootloader {}, factory {}", release, bootloader, factory);
        ++tally[plan::name(does)];
      }
    }
  }
  for (const char* verdict : {"safe-mode", "restores-factory", "restarts"}) {
    EXPECT_GT(tally[verdict], 3) << verdict;
  }
}

// A device that was asked tells nothing of the registration: "unknown" stands only where it would
// decide, and then both come to pass.
TEST(VerdictFromFlash, IsUnknownOnlyWhereWhatIsNotKnownDecides) {
  int unknown = 0;
  for (const char* bootloader : kBootloaders) {
    for (const char* release : {"0.5.3", "0.6.4", "0.7.0", "1.5.2", "2.3.1"}) {
      const auto one = without_application(release, bootloader, true, false);
      const auto other = without_application(release, bootloader, true, true);
      ASSERT_NE(one, nullptr);
      ASSERT_NE(other, nullptr);
      plan::InstalledState state = read(*one);
      state.factory_registered.reset();
      const Verdict judged = plan::judge(state, release::Catalogue::embedded()).verdict;
      const Verdict a = what_it_does(*one);
      const Verdict b = what_it_does(*other);
      EXPECT_EQ(judged == Verdict::unknown, a != b) << release << ", bootloader " << bootloader;
      if (a == b) {
        EXPECT_EQ(judged, a) << release << ", bootloader " << bootloader;
      } else {
        ++unknown;
      }
    }
  }
  EXPECT_GT(unknown, 2);
}

}  // namespace
}  // namespace medium
