// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.h"
#include "job/virtual_bench.h"
#include "vault/save.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace job::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint32_t kSmall = 9000;

class BackupAndRestore : public testing::Test {
 protected:
  BackupAndRestore() : bench_("11"), files_(library({"0.6.4"}, kSmall)) {
    folder_ =
        std::filesystem::path(testing::TempDir()) /
        ("backup-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    bench_.install("0.6.3", kSmall);
  }
  ~BackupAndRestore() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  events::DeviceReport make(bool include_keys) {
    EXPECT_TRUE(base::make_directories(folder_.string(), base::Privacy::owner_only));
    Request request;
    request.goal = Save{path("device.erbackup"), include_keys};
    request.via = Via::dfu;
    request.made_at = "today";
    return bench_.run(request);
  }
  vault::Backup read(const std::string& file) {
    auto decoded = vault::decode(*base::read_file(file, vault::kLargestBackup), electron());
    EXPECT_TRUE(decoded) << (decoded ? "" : decoded.error().message);
    return decoded ? std::move(*decoded) : vault::Backup();
  }
  // Somebody who has to be asked says no.
  static Request from(const std::string& file) {
    ToBackup goal;
    goal.path = file;
    goal.approve_state = [](const plan::Judgement&) { return false; };
    Request request;
    request.goal = std::move(goal);
    request.via = Via::dfu;
    return request;
  }
  static ToBackup& goal_of(Request& request) { return std::get<ToBackup>(request.goal); }
  events::DeviceReport put_back(const std::string& file) { return bench_.run(from(file)); }
  events::DeviceReport flash_to_next(const std::optional<std::string>& backup_path) {
    Request request = bench_.request(files_, "0.6.4");
    request.backup_path = backup_path;
    request.made_at = "today";
    return bench_.run(request);
  }

  VirtualBench bench_;
  release::Library files_;
  std::filesystem::path folder_;
};

TEST_F(BackupAndRestore, AJobSavesEverySectorThatItErases) {
  bench_.start_in_dfu();
  const base::Bytes before = bench_.flash();
  const events::DeviceReport report = flash_to_next(path("job.erbackup"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  ASSERT_THAT(report.backups, ElementsAre(path("job.erbackup")));
  const vault::Backup backup = read(report.backups[0]);
  EXPECT_EQ(backup.made_at, "today");
  ASSERT_EQ(backup.regions.size(), 3U);
  for (const vault::BackupRegion& region : backup.regions) {
    const auto from = before.begin() + (region.range.begin - electron().flash.begin);
    EXPECT_TRUE(std::equal(region.content.begin(), region.content.end(), from)) << region.name;
  }
}

TEST_F(BackupAndRestore, NothingIsErasedUnlessTheBackupIsOnTheDisk) {
  bench_.start_in_dfu();
  const base::Bytes before = bench_.flash();
  ASSERT_TRUE(base::make_directories(folder_.string(), base::Privacy::owner_only));
  ASSERT_TRUE(base::write_file(path("file"), base::Bytes(), base::Privacy::normal));
  const events::DeviceReport report = flash_to_next(path("file/below.erbackup"));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, base::Errc::bad_file);
  EXPECT_EQ(bench_.flash(), before);
}

TEST_F(BackupAndRestore, AFullDiskStopsAJobBeforeAnythingIsErased) {
  if (!base::exists("/dev/full")) GTEST_SKIP() << "no /dev/full on this system";
  bench_.start_in_dfu();
  const base::Bytes before = bench_.flash();
  const work::Context with = bench_.context();
  work::Voice voice(bench_, "usb:1-1");
  events::Totals totals;
  auto session = medium::Session::open(bench_.world(), electron(), *bench_.find(), totals);
  ASSERT_TRUE(session);
  medium::FlashImage image(electron().flash);
  const base::AddressRange sectors[] = {electron().slot(platform::kSystemPart1)->flash};
  work::StepScope step(voice, {.doing = events::Doing::save});
  const auto saved = vault::save_sectors({with, **session, voice, "reading"}, image, sectors,
                                         {"/dev/full", "id", "today"}, step);
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, base::Errc::bad_file);
  EXPECT_THAT(saved.error().hint, HasSubstr("nothing has been erased"));
  EXPECT_EQ(bench_.flash(), before);
}

TEST_F(BackupAndRestore, AnOlderBackupIsNeverReplaced) {
  ASSERT_TRUE(base::make_directories(folder_.string(), base::Privacy::owner_only));
  const std::string first = path("a.erbackup");
  EXPECT_EQ(vault::free_path(first), first);
  ASSERT_TRUE(base::write_file(first, base::Bytes(), base::Privacy::normal));
  EXPECT_EQ(vault::free_path(first), path("a-2.erbackup"));
  ASSERT_TRUE(base::write_file(path("a-2.erbackup"), base::Bytes(), base::Privacy::normal));
  EXPECT_EQ(vault::free_path(first), path("a-3.erbackup"));
}

TEST_F(BackupAndRestore, TheNameOfABackupIsTakenAtOnce) {
  const std::string wanted = path("folder/a.erbackup");
  EXPECT_EQ(vault::free_path(wanted), wanted);
  EXPECT_EQ(vault::free_path(wanted), path("folder/a-2.erbackup"));
}

TEST_F(BackupAndRestore, AJobThatCannotReadLeavesNoEmptyBackup) {
  bench_.start_in_dfu();
  bench_.helpful = false;
  bench_.fault("at upload 20: unplug 3600s");
  const events::DeviceReport report = flash_to_next(path("job.erbackup"));
  ASSERT_FALSE(report.ok());
  EXPECT_FALSE(base::exists(path("job.erbackup")));
}

TEST_F(BackupAndRestore, ABitThatFlippedOnTheWayIsNotSaved) {
  bench_.start_in_dfu();
  const base::Bytes before = bench_.flash();
  const platform::Slot* slot = electron().slot(platform::kSystemPart1);
  bench_.board().flash().set_read_flip(slot->flash.begin + 5000, 4, 1);
  // Behind the module, where no checksum tells.
  bench_.board().flash().set_read_flip(slot->flash.end - 100, 4, 1);
  bench_.board().flash().set_read_flip(electron().factory.begin + 5000, 4, 1);
  const events::DeviceReport report = make(false);
  ASSERT_TRUE(report.ok()) << report.error->message;
  for (const vault::BackupRegion& region : read(path("device.erbackup")).regions) {
    const auto from = before.begin() + (region.range.begin - electron().flash.begin);
    EXPECT_TRUE(std::equal(region.content.begin(), region.content.end(), from)) << region.name;
  }
  EXPECT_GT(report.totals.seconds, 0);
}

TEST_F(BackupAndRestore, ARefusedTransferDoesNotEndABackup) {
  bench_.start_in_dfu();
  bench_.fault("at control 2: stall; at upload 20: stall");
  EXPECT_TRUE(make(false).ok());
}

TEST_F(BackupAndRestore, ABackupHasTheModuleRegionsAndNoKeys) {
  bench_.start_in_dfu();
  const events::DeviceReport report = make(false);
  ASSERT_TRUE(report.ok()) << report.error->message;
  std::vector<std::string> names;
  for (const events::SavedRegion& region : report.saved) names.push_back(region.name);
  EXPECT_THAT(names, ElementsAre("system-part-1", "system-part-2", "system-part-3", "user-part",
                                 "factory"));
  EXPECT_FALSE(vault::holds_keys(electron(), read(path("device.erbackup"))));
}

TEST_F(BackupAndRestore, KeysAreSavedOnlyOnRequestAndForTheOwnerOnly) {
  bench_.start_in_dfu();
  const events::DeviceReport report = make(true);
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(vault::holds_keys(electron(), read(path("device.erbackup"))));
#ifndef _WIN32  // there os/files_windows_test.cpp looks at the list of rights
  const auto mode = std::filesystem::status(path("device.erbackup")).permissions();
  EXPECT_EQ(mode & std::filesystem::perms(0777), std::filesystem::perms(0600));
#endif
}

TEST_F(BackupAndRestore, ADeviceGoesBackToWhatItWas) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(true).ok());
  const events::DeviceReport updated = flash_to_next(std::nullopt);
  ASSERT_TRUE(updated.ok()) << updated.error->message;
  ASSERT_TRUE(bench_.holds("0.6.4", kSmall));
  const events::DeviceReport report = put_back(path("device.erbackup"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(bench_.holds("0.6.3", kSmall));
  EXPECT_TRUE(bench_.runs());
  EXPECT_THAT(bench_.forbidden, testing::IsEmpty());
}

TEST_F(BackupAndRestore, WritesNoKeysBack) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(true).ok());
  vault::Backup changed = read(path("device.erbackup"));
  for (vault::BackupRegion& region : changed.regions) {
    if (region.name == "configuration") region.content.assign(region.content.size(), 0);
  }
  ASSERT_TRUE(
      base::write_file(path("changed"), vault::encode(changed, electron()), base::Privacy::normal));
  const base::ByteView view = bench_.region(electron().configuration);
  const base::Bytes before(view.begin(), view.end());
  Request request = from(path("changed"));
  goal_of(request).leave_in_dfu = true;
  const events::DeviceReport report = bench_.run(request);
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(std::ranges::equal(bench_.region(electron().configuration), before));
  EXPECT_EQ(report.totals.sectors_erased, 0U);
}

TEST_F(BackupAndRestore, RestoresABlankRegionByErasingIt) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(false).ok());
  const base::AddressRange factory = electron().factory;
  bench_.board().flash().load(factory.begin, base::Bytes(100, 0x55));
  const events::DeviceReport report = put_back(path("device.erbackup"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(base::is_blank(bench_.region(factory)));
}

TEST_F(BackupAndRestore, RefusesABackupAfterWhichTheDeviceWouldNotStart) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(false).ok());
  vault::Backup broken = read(path("device.erbackup"));
  broken.regions[1].content.assign(broken.regions[1].content.size(), 0xFF);
  ASSERT_TRUE(
      base::write_file(path("broken"), vault::encode(broken, electron()), base::Privacy::normal));
  const base::Bytes before = bench_.flash();
  const events::DeviceReport report = put_back(path("broken"));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, base::Errc::refused);
  EXPECT_EQ(report.error->id, "backup-does-not-boot");
  EXPECT_EQ(bench_.flash(), before);
  // Whatever was saved can be put back by somebody who knows what it will do.
  Request request = from(path("broken"));
  goal_of(request).approve_state = [](const plan::Judgement& judgement) {
    EXPECT_FALSE(judgement.reasons.empty());
    return true;
  };
  goal_of(request).leave_in_dfu = true;
  const events::DeviceReport approved = bench_.run(request);
  ASSERT_TRUE(approved.ok()) << approved.error->message;
  EXPECT_TRUE(base::is_blank(bench_.region(electron().slot(platform::kSystemPart2)->flash)));
}

TEST_F(BackupAndRestore, RefusesADamagedFileBeforeTheDeviceIsTouched) {
  bench_.power_on();
  ASSERT_TRUE(base::make_directories(folder_.string(), base::Privacy::owner_only));
  ASSERT_TRUE(base::write_file(path("bad"), base::Bytes(5000, 7), base::Privacy::normal));
  const events::DeviceReport report = put_back(path("bad"));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, base::Errc::bad_file);
  EXPECT_EQ(report.whereabouts, events::Whereabouts::serial);
  EXPECT_TRUE(bench_.runs());
}

TEST_F(BackupAndRestore, ARestoreThatIsCutOffIsFinishedByTheNext) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(false).ok());
  for (int n = 5; n < 120; n += 6) {
    VirtualBench other("11");
    other.install("0.6.4", kSmall);
    other.start_in_dfu();
    other.helpful = false;
    other.fault("at dnload " + std::to_string(n) + ": unplug 3600s");
    const Request request = from(path("device.erbackup"));
    const events::DeviceReport first = other.run(request);
    other.no_faults();
    if (!first.ok()) {
      other.press_mode_soon();
      other.pass(seconds(8));
      ASSERT_TRUE(other.find()) << n;
      const events::DeviceReport second = other.run(request);
      ASSERT_TRUE(second.ok()) << n << ": " << second.error->message;
    }
    EXPECT_TRUE(other.holds("0.6.3", kSmall)) << n;
  }
}

TEST_F(BackupAndRestore, ARestoreSavesWhatItOverwritesAndNothingElse) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(false).ok());
  ASSERT_TRUE(flash_to_next(std::nullopt).ok());
  const base::Bytes before = bench_.flash();
  Request request = from(path("device.erbackup"));
  request.backup_path = path("saved.erbackup");
  request.made_at = "today";
  const events::DeviceReport report = bench_.run(request);
  ASSERT_TRUE(report.ok()) << report.error->message;
  ASSERT_THAT(report.backups, ElementsAre(path("saved.erbackup")));
  const vault::Backup saved = read(path("saved.erbackup"));
  ASSERT_EQ(saved.regions.size(), 3U) << "the user part and the factory image were right";
  for (const vault::BackupRegion& region : saved.regions) {
    const auto at = before.begin() + (region.range.begin - electron().flash.begin);
    EXPECT_TRUE(std::equal(region.content.begin(), region.content.end(), at)) << region.name;
  }
  const events::DeviceReport again = bench_.run(request);
  ASSERT_TRUE(again.ok()) << again.error->message;
  EXPECT_THAT(again.backups, testing::IsEmpty()) << "nothing was to be overwritten";
}

TEST_F(BackupAndRestore, ARestoreErasesNothingUnlessItsBackupIsOnTheDisk) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(false).ok());
  ASSERT_TRUE(flash_to_next(std::nullopt).ok());
  ASSERT_TRUE(bench_.runs());
  Request request = from(path("device.erbackup"));
  request.backup_path = path("device.erbackup/below.erbackup");
  const events::DeviceReport report = bench_.run(request);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, base::Errc::bad_file);
  EXPECT_TRUE(bench_.holds("0.6.4", kSmall));
  EXPECT_TRUE(bench_.runs()) << "it was running before";
}

TEST_F(BackupAndRestore, TellsOfEveryRegionWhatWasDone) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(false).ok());
  ASSERT_TRUE(flash_to_next(std::nullopt).ok());
  bench_.fault("at dnload 40: unplug 2s");
  const events::DeviceReport report = put_back(path("device.erbackup"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  ASSERT_EQ(report.stages.size(), 1U);
  std::vector<std::string> names;
  for (const events::StepReport& step : report.stages[0].steps) {
    const bool system = step.step.content.name.starts_with("system part");
    if (step.step.completes()) names.push_back(step.step.content.name);
    EXPECT_TRUE(step.verified) << step.step.content.name;
    EXPECT_EQ(step.written, system) << step.step.content.name;
  }
  EXPECT_THAT(names,
              testing::UnorderedElementsAre("system part 1", "system part 2", "system part 3",
                                            "user part", "factory application"));
}

TEST_F(BackupAndRestore, ABackupOfAnotherDeviceIsPutOnThisOneOnlyAfterAQuestion) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(false).ok());
  vault::Backup other = read(path("device.erbackup"));
  other.device = "0123456789abcdef01234567";
  other.regions[3].content.assign(other.regions[3].content.size(), 0xFF);
  ASSERT_TRUE(
      base::write_file(path("other"), vault::encode(other, electron()), base::Privacy::normal));
  const base::Bytes before = bench_.flash();
  Request request = from(path("other"));
  std::vector<OtherOwner> asked;
  bool answer = false;
  goal_of(request).approve_owner = [&](const OtherOwner& owner) {
    asked.push_back(owner);
    return answer;
  };
  const events::DeviceReport refused = bench_.run(request);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error->code, base::Errc::refused);
  EXPECT_EQ(refused.error->id, "backup-of-another-device");
  EXPECT_THAT(refused.error->hint, HasSubstr("--yes"));
  EXPECT_EQ(bench_.flash(), before);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].of, other.device);
  EXPECT_EQ(asked[0].onto, bench_.find()->id);
  answer = true;
  const events::DeviceReport approved = bench_.run(request);
  EXPECT_TRUE(approved.ok()) << approved.error->message;
  EXPECT_EQ(asked.size(), 2U);
}

TEST_F(BackupAndRestore, ADeviceItsOwnBackupGoesOntoIsNotAskedAbout) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(false).ok());
  Request request = from(path("device.erbackup"));
  goal_of(request).approve_owner = [](const OtherOwner&) { return false; };
  EXPECT_TRUE(bench_.run(request).ok());
}

TEST_F(BackupAndRestore, RestoresBlankFlashBehindTheEndOfAModule) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(false).ok());
  const base::AddressRange user = electron().slot(platform::kUserPart)->flash;
  bench_.board().flash().load(user.end - 16, base::Bytes(16, 0x55));
  const events::DeviceReport report = put_back(path("device.erbackup"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(base::is_blank(bench_.region({user.end - 16, user.end})));
}

TEST(DefaultBackupPath, NamesTheDeviceAndTheTime) {
  discovery::Device device;
  device.info.port = {1, {2, 4}};
  EXPECT_THAT(vault::default_path(device, "2026-11-23T08:00:00"),
              HasSubstr("usb-1-2.4-2026-11-23T08-00-00.erbackup"));
  device.id = "2b0036000a47333534393338";
  EXPECT_THAT(vault::default_path(device, "now/../.."),
              HasSubstr("2b0036000a47333534393338-now-..-...erbackup"));
}

}  // namespace
}  // namespace job::test
