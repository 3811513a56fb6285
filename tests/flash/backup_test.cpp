// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.h"
#include "flash/backup_file.h"
#include "flash/backup_job.h"
#include "virtual_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace flash::test {
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
  BackupReport make(bool include_keys) {
    Bench with = bench_.bench();
    return backup(with, *bench_.find(), {path("device.erbackup"), include_keys, "today"});
  }
  Backup read(const std::string& file) {
    auto decoded = decode(*base::read_file(file, kLargestBackup), electron());
    EXPECT_TRUE(decoded) << (decoded ? "" : decoded.error().message);
    return decoded ? std::move(*decoded) : Backup();
  }
  static RestoreRequest from(const std::string& file) {
    RestoreRequest request;
    request.path = file;
    return request;
  }
  DeviceReport put_back(const std::string& file) {
    Bench with = bench_.bench();
    return restore(with, *bench_.find(), from(file));
  }
  DeviceReport flash_to_next(const std::optional<std::string>& backup_path) {
    JobRequest request = bench_.request(files_, "0.6.4");
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
  const DeviceReport report = flash_to_next(path("job.erbackup"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  ASSERT_THAT(report.backups, ElementsAre(path("job.erbackup")));
  const Backup backup = read(report.backups[0]);
  EXPECT_EQ(backup.made_at, "today");
  ASSERT_EQ(backup.regions.size(), 3U);
  for (const BackupRegion& region : backup.regions) {
    const auto from = before.begin() + (region.range.begin - electron().flash.begin);
    EXPECT_TRUE(std::equal(region.content.begin(), region.content.end(), from)) << region.name;
  }
}

TEST_F(BackupAndRestore, NothingIsErasedUnlessTheBackupIsOnTheDisk) {
  bench_.start_in_dfu();
  const base::Bytes before = bench_.flash();
  ASSERT_TRUE(base::make_directories(folder_.string()));
  ASSERT_TRUE(base::write_file(path("file"), base::Bytes(), base::Privacy::normal));
  const DeviceReport report = flash_to_next(path("file/below.erbackup"));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, base::Errc::bad_file);
  EXPECT_EQ(bench_.flash(), before);
}

TEST_F(BackupAndRestore, AFullDiskStopsAJobBeforeAnythingIsErased) {
  if (!base::exists("/dev/full")) GTEST_SKIP() << "no /dev/full on this system";
  bench_.start_in_dfu();
  const base::Bytes before = bench_.flash();
  Bench with = bench_.bench();
  Voice voice(bench_, "usb:1-1");
  Totals totals;
  auto session = Session::open(bench_.world(), electron(), *bench_.find(), totals);
  ASSERT_TRUE(session);
  FlashImage image(electron().flash);
  const base::AddressRange sectors[] = {electron().slot(platform::kSystemPart1)->flash};
  const auto saved =
      save_sectors(with, voice, **session, image, sectors, {"/dev/full", "id", "today"});
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, base::Errc::bad_file);
  EXPECT_THAT(saved.error().hint, HasSubstr("nothing has been erased"));
  EXPECT_EQ(bench_.flash(), before);
}

TEST_F(BackupAndRestore, AnOlderBackupIsNeverReplaced) {
  ASSERT_TRUE(base::make_directories(folder_.string()));
  const std::string first = path("a.erbackup");
  EXPECT_EQ(free_path(first), first);
  ASSERT_TRUE(base::write_file(first, base::Bytes(), base::Privacy::normal));
  EXPECT_EQ(free_path(first), path("a-2.erbackup"));
  ASSERT_TRUE(base::write_file(path("a-2.erbackup"), base::Bytes(), base::Privacy::normal));
  EXPECT_EQ(free_path(first), path("a-3.erbackup"));
}

TEST_F(BackupAndRestore, TheNameOfABackupIsTakenAtOnce) {
  const std::string wanted = path("folder/a.erbackup");
  EXPECT_EQ(free_path(wanted), wanted);
  EXPECT_EQ(free_path(wanted), path("folder/a-2.erbackup"));
}

TEST_F(BackupAndRestore, AJobThatCannotReadLeavesNoEmptyBackup) {
  bench_.start_in_dfu();
  bench_.helpful = false;
  bench_.fault("at upload 20: unplug 3600s");
  const DeviceReport report = flash_to_next(path("job.erbackup"));
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
  const BackupReport report = make(false);
  ASSERT_TRUE(report.ok()) << report.error->message;
  for (const BackupRegion& region : read(report.path).regions) {
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
  const BackupReport report = make(false);
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_THAT(report.regions, ElementsAre("system-part-1", "system-part-2", "system-part-3",
                                          "user-part", "factory"));
  EXPECT_FALSE(holds_keys(electron(), read(report.path)));
}

TEST_F(BackupAndRestore, KeysAreSavedOnlyOnRequestAndForTheOwnerOnly) {
  bench_.start_in_dfu();
  const BackupReport report = make(true);
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(holds_keys(electron(), read(report.path)));
  const auto mode = std::filesystem::status(report.path).permissions();
  EXPECT_EQ(mode & std::filesystem::perms(0777), std::filesystem::perms(0600));
}

TEST_F(BackupAndRestore, ADeviceGoesBackToWhatItWas) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(true).ok());
  const DeviceReport updated = flash_to_next(std::nullopt);
  ASSERT_TRUE(updated.ok()) << updated.error->message;
  ASSERT_TRUE(bench_.holds("0.6.4", kSmall));
  const DeviceReport report = put_back(path("device.erbackup"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(bench_.holds("0.6.3", kSmall));
  EXPECT_TRUE(bench_.runs());
  EXPECT_THAT(bench_.forbidden, testing::IsEmpty());
}

TEST_F(BackupAndRestore, WritesNoKeysBack) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(true).ok());
  Backup changed = read(path("device.erbackup"));
  for (BackupRegion& region : changed.regions) {
    if (region.name == "configuration") region.content.assign(region.content.size(), 0);
  }
  ASSERT_TRUE(
      base::write_file(path("changed"), encode(changed, electron()), base::Privacy::normal));
  const base::ByteView view = bench_.region(electron().configuration);
  const base::Bytes before(view.begin(), view.end());
  Bench with = bench_.bench();
  RestoreRequest request = from(path("changed"));
  request.leave_in_dfu = true;
  const DeviceReport report = restore(with, *bench_.find(), request);
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(std::ranges::equal(bench_.region(electron().configuration), before));
  EXPECT_EQ(report.totals.sectors_erased, 0U);
}

TEST_F(BackupAndRestore, RestoresABlankRegionByErasingIt) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(false).ok());
  const base::AddressRange factory = electron().factory;
  bench_.board().flash().load(factory.begin, base::Bytes(100, 0x55));
  const DeviceReport report = put_back(path("device.erbackup"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(base::is_blank(bench_.region(factory)));
}

TEST_F(BackupAndRestore, RefusesABackupAfterWhichTheDeviceWouldNotStart) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(false).ok());
  Backup broken = read(path("device.erbackup"));
  broken.regions[1].content.assign(broken.regions[1].content.size(), 0xFF);
  ASSERT_TRUE(base::write_file(path("broken"), encode(broken, electron()), base::Privacy::normal));
  const base::Bytes before = bench_.flash();
  const DeviceReport report = put_back(path("broken"));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, base::Errc::bad_module);
  EXPECT_EQ(report.error->id, "backup-does-not-boot");
  EXPECT_EQ(bench_.flash(), before);
}

TEST_F(BackupAndRestore, RefusesADamagedFileBeforeTheDeviceIsTouched) {
  bench_.power_on();
  ASSERT_TRUE(base::make_directories(folder_.string()));
  ASSERT_TRUE(base::write_file(path("bad"), base::Bytes(5000, 7), base::Privacy::normal));
  const DeviceReport report = put_back(path("bad"));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error->code, base::Errc::bad_file);
  EXPECT_EQ(report.whereabouts, Whereabouts::serial);
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
    Bench with = other.bench();
    const RestoreRequest request = from(path("device.erbackup"));
    const DeviceReport first = restore(with, *other.find(), request);
    other.no_faults();
    if (!first.ok()) {
      other.press_mode_soon();
      other.pass(seconds(8));
      ASSERT_TRUE(other.find()) << n;
      const DeviceReport second = restore(with, *other.find(), request);
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
  RestoreRequest request = from(path("device.erbackup"));
  request.backup_path = path("saved.erbackup");
  request.made_at = "today";
  Bench with = bench_.bench();
  const DeviceReport report = restore(with, *bench_.find(), request);
  ASSERT_TRUE(report.ok()) << report.error->message;
  ASSERT_THAT(report.backups, ElementsAre(path("saved.erbackup")));
  const Backup saved = read(path("saved.erbackup"));
  ASSERT_EQ(saved.regions.size(), 3U) << "the user part and the factory image were right";
  for (const BackupRegion& region : saved.regions) {
    const auto at = before.begin() + (region.range.begin - electron().flash.begin);
    EXPECT_TRUE(std::equal(region.content.begin(), region.content.end(), at)) << region.name;
  }
  const DeviceReport again = restore(with, *bench_.find(), request);
  ASSERT_TRUE(again.ok()) << again.error->message;
  EXPECT_THAT(again.backups, testing::IsEmpty()) << "nothing was to be overwritten";
}

TEST_F(BackupAndRestore, ARestoreErasesNothingUnlessItsBackupIsOnTheDisk) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(false).ok());
  ASSERT_TRUE(flash_to_next(std::nullopt).ok());
  ASSERT_TRUE(bench_.runs());
  RestoreRequest request = from(path("device.erbackup"));
  request.backup_path = path("device.erbackup/below.erbackup");
  Bench with = bench_.bench();
  const DeviceReport report = restore(with, *bench_.find(), request);
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
  const DeviceReport report = put_back(path("device.erbackup"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  ASSERT_EQ(report.regions.size(), 5U);
  for (const RegionReport& region : report.regions) {
    const bool system = region.name.starts_with("system-part");
    EXPECT_TRUE(region.verified) << region.name;
    EXPECT_EQ(region.erased, system) << region.name;
    EXPECT_EQ(region.written, system) << region.name;
  }
  EXPECT_EQ(report.regions[0].module, platform::kSystemPart1);
  EXPECT_FALSE(report.regions[4].module) << "the factory image";
}

TEST_F(BackupAndRestore, ABackupOfAnotherDeviceIsPutOnThisOneOnlyAfterAQuestion) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(false).ok());
  Backup other = read(path("device.erbackup"));
  other.device = "0123456789abcdef01234567";
  other.regions[3].content.assign(other.regions[3].content.size(), 0xFF);
  ASSERT_TRUE(base::write_file(path("other"), encode(other, electron()), base::Privacy::normal));
  const base::Bytes before = bench_.flash();
  RestoreRequest request = from(path("other"));
  std::vector<OtherOwner> asked;
  bool answer = false;
  request.approve = [&](const OtherOwner& owner) {
    asked.push_back(owner);
    return answer;
  };
  Bench with = bench_.bench();
  const DeviceReport refused = restore(with, *bench_.find(), request);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error->code, base::Errc::refused);
  EXPECT_EQ(refused.error->id, "backup-of-another-device");
  EXPECT_THAT(refused.error->hint, HasSubstr("--yes"));
  EXPECT_EQ(bench_.flash(), before);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].of, other.device);
  EXPECT_EQ(asked[0].onto, bench_.find()->id);
  answer = true;
  const DeviceReport approved = restore(with, *bench_.find(), request);
  EXPECT_TRUE(approved.ok()) << approved.error->message;
  EXPECT_EQ(asked.size(), 2U);
}

TEST_F(BackupAndRestore, ADeviceItsOwnBackupGoesOntoIsNotAskedAbout) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(false).ok());
  RestoreRequest request = from(path("device.erbackup"));
  request.approve = [](const OtherOwner&) { return false; };
  Bench with = bench_.bench();
  EXPECT_TRUE(restore(with, *bench_.find(), request).ok());
}

TEST_F(BackupAndRestore, RestoresBlankFlashBehindTheEndOfAModule) {
  bench_.start_in_dfu();
  ASSERT_TRUE(make(false).ok());
  const base::AddressRange user = electron().slot(platform::kUserPart)->flash;
  bench_.board().flash().load(user.end - 16, base::Bytes(16, 0x55));
  const DeviceReport report = put_back(path("device.erbackup"));
  ASSERT_TRUE(report.ok()) << report.error->message;
  EXPECT_TRUE(base::is_blank(bench_.region({user.end - 16, user.end})));
}

TEST(DefaultBackupPath, NamesTheDeviceAndTheTime) {
  discovery::Device device;
  device.info.port = {1, {2, 4}};
  EXPECT_THAT(default_backup_path(device, "2026-11-23T08:00:00"),
              HasSubstr("usb-1-2.4-2026-11-23T08-00-00.erbackup"));
  device.id = "2b0036000a47333534393338";
  EXPECT_THAT(default_backup_path(device, "now/../.."),
              HasSubstr("2b0036000a47333534393338-now-..-...erbackup"));
}

}  // namespace
}  // namespace flash::test
