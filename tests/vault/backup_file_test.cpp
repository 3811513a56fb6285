// SPDX-License-Identifier: GPL-3.0-or-later
#include "vault/backup_file.h"

#include "base/checksum.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace vault {
namespace {

using testing::HasSubstr;

const platform::Platform& electron() { return platform::electron(); }

base::AddressRange sector_of(platform::ModuleId id) { return electron().slot(id)->flash; }

BackupRegion region(base::AddressRange range, std::uint8_t fill) {
  return {region_name(electron(), range), range, base::Bytes(range.size(), fill)};
}

Backup sample() {
  Backup backup;
  backup.platform = electron().id;
  backup.device = "2b0036000a47333534393338";
  backup.made_at = "2026-11-23 08:00:00";
  backup.regions = {region(sector_of(platform::kSystemPart1), 1),
                    region(sector_of(platform::kUserPart), 2), region(electron().factory, 3)};
  return backup;
}

// The manifest changed, and all checksums over it made right again.
base::Bytes tampered(const base::Bytes& file, const std::string& from, const std::string& to) {
  std::string text(file.begin(), file.end() - 32);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  base::Bytes bytes(text.begin(), text.end());
  const base::Sha256 checksum = base::sha256(bytes);
  bytes.insert(bytes.end(), checksum.begin(), checksum.end());
  return bytes;
}

void expect_damaged(const base::Bytes& file, const std::string& why) {
  const auto backup = decode(file, electron());
  ASSERT_FALSE(backup);
  EXPECT_EQ(backup.error().code, base::Errc::bad_file);
  EXPECT_EQ(backup.error().id, "backup-damaged");
  EXPECT_THAT(backup.error().message, HasSubstr(why));
}

TEST(BackupFile, ComesBackAsItWentIn) {
  const auto backup = decode(encode(sample(), electron()), electron());
  ASSERT_TRUE(backup);
  EXPECT_EQ(backup->device, sample().device);
  EXPECT_EQ(backup->made_at, sample().made_at);
  ASSERT_EQ(backup->regions.size(), 3U);
  EXPECT_EQ(backup->regions[0].name, "system-part-1");
  EXPECT_EQ(backup->regions[1].name, "user-part");
  EXPECT_EQ(backup->regions[2].name, "factory");
  EXPECT_EQ(backup->regions[1].range, sector_of(platform::kUserPart));
  EXPECT_EQ(backup->regions[1].content, sample().regions[1].content);
}

TEST(BackupFile, TellsWhetherItHoldsKeys) {
  Backup backup = sample();
  EXPECT_FALSE(holds_keys(electron(), backup));
  backup.regions.push_back(region(electron().configuration, 4));
  EXPECT_TRUE(holds_keys(electron(), backup));
  EXPECT_TRUE(decode(encode(backup, electron()), electron()));
}

TEST(BackupFile, AnyFlippedBitIsNoticed) {
  const base::Bytes file = encode(sample(), electron());
  std::mt19937 random(4);
  for (int i = 0; i < 60; ++i) {
    base::Bytes damaged = file;
    // The ends are where the structure is.
    const std::size_t size = i % 2 == 0 ? 1200 : file.size();
    damaged[random() % size] ^= static_cast<std::uint8_t>(1U << (random() % 8));
    const auto backup = decode(damaged, electron());
    ASSERT_FALSE(backup) << i;
    EXPECT_EQ(backup.error().code, base::Errc::bad_file);
  }
}

TEST(BackupFile, ACutIsNoticedWhereverItIs) {
  const base::Bytes file = encode(sample(), electron());
  for (std::size_t size = 0; size < file.size(); size += size < 2000 ? 7 : 40009) {
    const auto backup = decode(base::ByteView(file).first(size), electron());
    ASSERT_FALSE(backup) << size;
    EXPECT_EQ(backup.error().code, base::Errc::bad_file) << size;
  }
}

TEST(BackupFile, OtherFilesAreNoBackups) {
  EXPECT_EQ(decode(base::Bytes(), electron()).error().id, "no-backup");
  EXPECT_EQ(decode(base::Bytes(4096, 0x7F), electron()).error().id, "no-backup");
}

TEST(BackupFile, ALaterVersionIsToldFromDamage) {
  const base::Bytes file = tampered(encode(sample(), electron()), "electron-rescue backup 1",
                                    "electron-rescue backup 2");
  EXPECT_EQ(decode(file, electron()).error().id, "backup-version");
}

TEST(BackupFile, RefusesAnotherPlatform) {
  const base::Bytes file =
      tampered(encode(sample(), electron()), "\"platform\":10", "\"platform\":6");
  const auto backup = decode(file, electron());
  ASSERT_FALSE(backup);
  EXPECT_EQ(backup.error().code, base::Errc::bad_module);
}

TEST(BackupFile, RefusesARegionThatIsTheBootloaders) {
  expect_damaged(tampered(encode(sample(), electron()), "\"address\":\"0x08020000\"",
                          "\"address\":\"0x08000000\""),
                 "none of the Electron's");
}

TEST(BackupFile, RefusesARegionThatIsNotAWholeSector) {
  expect_damaged(tampered(encode(sample(), electron()), "\"address\":\"0x08020000\"",
                          "\"address\":\"0x08020004\""),
                 "none of the Electron's");
}

TEST(BackupFile, RefusesARegionBeyondTheEndOfMemory) {
  expect_damaged(tampered(encode(sample(), electron()), "\"address\":\"0x08020000\"",
                          "\"address\":\"0xFFFFFFF0\""),
                 "none of the Electron's");
}

TEST(BackupFile, RefusesARegionThatIsThereTwice) {
  expect_damaged(tampered(encode(sample(), electron()), "\"address\":\"0x08080000\"",
                          "\"address\":\"0x08020000\""),
                 "twice");
}

TEST(BackupFile, RefusesSizesAndOffsetsThatDoNotAddUp) {
  const base::Bytes file = encode(sample(), electron());
  expect_damaged(tampered(file, "\"size\":131072", "\"size\":131071"), "");
  expect_damaged(tampered(file, "\"size\":131072", "\"size\":18446744073709551615"), "outside");
  expect_damaged(tampered(file, "\"offset\":131072", "\"offset\":0"), "outside");
  expect_damaged(tampered(file, "\"size\":131072", "\"size\":-1"), "described");
}

TEST(BackupFile, RefusesAManifestThatMakesNoSense) {
  const base::Bytes file = encode(sample(), electron());
  expect_damaged(tampered(file, "{\"device\"", "[\"device\""), "manifest");
  expect_damaged(tampered(file, "\"regions\":[", "\"region5\":["), "manifest");
  expect_damaged(tampered(file, "\"address\":\"0x08020000\"", "\"address\":134348800"), "");
}

TEST(BackupFile, ARegionsOwnChecksumCounts) {
  base::Bytes file = encode(sample(), electron());
  file[file.size() - 100] ^= 1;
  file.resize(file.size() - 32);
  const base::Sha256 checksum = base::sha256(file);
  file.insert(file.end(), checksum.begin(), checksum.end());
  expect_damaged(file, "checksum of factory");
}

TEST(BackupFile, DoesNotBelieveNames) {
  const base::Bytes file =
      tampered(encode(sample(), electron()), "\"name\":\"user-part\"", "\"name\":\"../../etc\"");
  EXPECT_EQ(decode(file, electron())->regions[1].name, "user-part");
}

}  // namespace
}  // namespace vault
