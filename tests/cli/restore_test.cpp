// SPDX-License-Identifier: GPL-3.0-or-later
//
// Putting a backup back, from the arguments to the exit code.

#include "cli/release_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cli_test {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;

class Restore : public ReleaseFolder {
 protected:
  // A device like sim:1.5.0 with an id of its own.
  std::string device(std::string_view id) {
    const std::string file = path(fmt::format("state{}.json", written_.size()));
    const std::string state = fmt::format(R"({{"release": "1.5.0", "id": "{}"}})", id);
    EXPECT_TRUE(base::write_file(file, base::as_bytes(state), base::Privacy::normal));
    return "sim:" + file;
  }
  std::string backup_of(const std::string& device) {
    const std::string file = path("device.erbackup");
    const Outcome outcome = bench_.run({"backup", file, "--progress", "none", "--device", device});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return file;
  }
  Outcome restore(const std::string& file, const std::string& device,
                  std::vector<std::string> more) {
    more.insert(more.begin(), {"restore", file, "--device", device, "--no-backup", "--json",
                               "--progress", "none"});
    return bench_.run(more);
  }
};

constexpr std::string_view kOne = "2b0036000a47333534393338";
constexpr std::string_view kOther = "2b0036000a47333534393339";

TEST_F(Restore, OfAnotherDevicesBackupIsRefusedWhereNobodyCanBeAsked) {
  const std::string file = backup_of(device(kOne));
  const Outcome outcome = restore(file, device(kOther), {});
  EXPECT_EQ(outcome.code, 5);
  EXPECT_EQ(outcome.json()["error"]["code"], "backup-of-another-device");
  EXPECT_THAT(bench_.output.asked, HasSubstr(std::string(kOne)));
  EXPECT_THAT(bench_.output.asked, HasSubstr(std::string(kOther)));
  EXPECT_EQ(outcome.json()["device"]["mode"], "serial") << "it was running and was left so";
}

TEST_F(Restore, OfAnotherDevicesBackupGoesOnWithAYes) {
  const std::string file = backup_of(device(kOne));
  EXPECT_EQ(restore(file, device(kOther), {"--yes"}).code, 0);
  EXPECT_EQ(bench_.output.asked, "");
  bench_.output.answer = true;
  EXPECT_EQ(restore(file, device(kOther), {}).code, 0);
  EXPECT_NE(bench_.output.asked, "");
}

TEST_F(Restore, OfADevicesOwnBackupAsksNothingAndTellsOfEveryRegion) {
  const std::string file = backup_of(device(kOne));
  const Outcome outcome = restore(file, device(kOne), {});
  ASSERT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_EQ(bench_.output.asked, "");
  const Json regions = outcome.json()["regions"];
  ASSERT_EQ(regions.size(), 5U);
  for (const Json& region : regions) {
    EXPECT_EQ(region["verified"], true) << region;
    EXPECT_EQ(region["written"], false) << region;
  }
}

}  // namespace
}  // namespace cli_test
