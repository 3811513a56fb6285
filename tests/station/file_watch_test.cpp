// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/file_watch.h"

#include "base/files.h"
#include "sim/world/synthetic_files.h"
#include "support/own_folder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace station {
namespace {

class FileWatches : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(sim::write_synthetic_release("0.6.4", folder_ + "/files"));
    work_ = read({folder_ + "/files"});
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  static Work read(const std::vector<std::string>& files) {
    Config config;
    config.target = "0.6.4";
    config.firmware = files;
    config.allow_unknown = true;
    auto work = prepare_work(config, "", 1);
    EXPECT_TRUE(work) << work.error().message;
    return work ? std::move(*work) : Work{};
  }
  static void touch(const std::string& file) {
    const auto was = std::filesystem::last_write_time(file);
    std::filesystem::last_write_time(file, was + std::chrono::hours(1));
  }
  std::string folder_ = test_support::own_folder("er-file-watch-");
  Work work_;
};

// Modules at their addresses, as linkers write them: several in one file.
std::string hex_of(const std::vector<firmware::CheckedModule>& modules) {
  std::string text;
  const auto record = [&](unsigned at, unsigned type, base::ByteView bytes) {
    unsigned sum = static_cast<unsigned>(bytes.size()) + (at >> 8U) + (at & 0xFFU) + type;
    text += fmt::format(":{:02X}{:04X}{:02X}", bytes.size(), at, type);
    for (const std::uint8_t byte : bytes) {
      text += fmt::format("{:02X}", byte);
      sum += byte;
    }
    text += fmt::format("{:02X}\n", (0x100U - (sum & 0xFFU)) & 0xFFU);
  };
  for (const firmware::CheckedModule& module : modules) {
    const base::ByteView image = module.image();
    constexpr std::size_t kLine = 32;
    for (std::size_t done = 0; done < image.size(); done += kLine) {
      const auto at = static_cast<std::uint32_t>(module.address() + done);
      const std::uint8_t high[] = {static_cast<std::uint8_t>(at >> 24U),
                                   static_cast<std::uint8_t>(at >> 16U)};
      if (done == 0 || (at & 0xFFFFU) < kLine) record(0, 4, high);
      record(at & 0xFFFFU, 0, image.subspan(done, std::min(kLine, image.size() - done)));
    }
  }
  record(0, 1, {});
  return text;
}

TEST_F(FileWatches, aFileThatIsWrittenOrRemovedIsNamed) {
  const std::string file = work_.modules.front().source();
  FileWatch watch(work_);
  EXPECT_EQ(watch.changed(), "");
  touch(file);
  EXPECT_EQ(watch.changed(), file);
  watch = FileWatch(work_);  // it is read anew
  EXPECT_EQ(watch.changed(), "");
  ASSERT_TRUE(base::remove_file(file));
  EXPECT_EQ(watch.changed(), file);
}

TEST_F(FileWatches, oneThatHoldsSeveralModulesIsWatchedAsAWhole) {
  const std::string hex = folder_ + "/all.hex";
  ASSERT_TRUE(base::write_file(hex, base::as_bytes(hex_of(work_.modules)), base::Privacy::normal));
  const Work work = read({hex});
  ASSERT_FALSE(work.modules.empty());
  ASSERT_TRUE(work.modules.front().source().starts_with(hex + "/"));
  const FileWatch watch(work);
  EXPECT_EQ(watch.changed(), "");
  touch(hex);
  EXPECT_EQ(watch.changed(), hex);
}

}  // namespace
}  // namespace station
