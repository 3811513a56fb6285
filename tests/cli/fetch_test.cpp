// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whole `fetch` commands. What a network does is in tests/fetch and tests/scripts/fetch_test.py.

#include "cli/release_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cli_test {
namespace {

using testing::HasSubstr;

class FetchCommand : public ReleaseFolder {};

TEST_F(FetchCommand, WantsWholeNamesOfReleasesThatWerePublished) {
  EXPECT_EQ(bench_.run({"fetch"}).code, 2);
  EXPECT_EQ(bench_.run({"fetch", "2.3", "--dir", folder_}).code, 2);
  EXPECT_EQ(bench_.run({"fetch", "custom-4242", "--dir", folder_}).code, 2);
  EXPECT_EQ(bench_.run({"fetch", "2.3.1", "--timeout", "-1", "--dir", folder_}).code, 2);
}

TEST_F(FetchCommand, NeedsAPlaceForTheFiles) {
  const Outcome outcome = bench_.run({"fetch", "2.3.1", "--offline", "--json"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.json()["error"]["code"], "no-cache");
}

TEST_F(FetchCommand, TakesNoFileThatTheCatalogueDoesNotConfirm) {
  put("2.3.1");
  const Outcome outcome = bench_.run(
      {"fetch", "2.3.1", "--offline", "--from", folder_, "--dir", folder_ + "/nowhere", "--json"});
  EXPECT_EQ(outcome.code, 4);
  const auto json = outcome.json();
  EXPECT_EQ(json["error"]["code"], "not-fetched");
  EXPECT_THAT(json["error"]["message"].get<std::string>(),
              HasSubstr("electron-system-part1@2.3.1.bin"));
  EXPECT_EQ(json["releases"][0]["release"], "2.3.1");
  EXPECT_FALSE(base::exists(folder_ + "/nowhere"));
}

TEST_F(FetchCommand, SaysThatWhatHasNoChecksumsCannotBeFetched) {
  const Outcome outcome = bench_.run({"fetch", "0.5.4", "--dir", folder_, "--json"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_EQ(outcome.json()["error"]["code"], "no-checksums");
}

TEST_F(FetchCommand, AsksBeforeItReplacesABundle) {
  const std::string bundle = path("bundle.zip");
  ASSERT_TRUE(base::write_file(bundle, base::as_bytes("mine"), base::Privacy::normal));
  const Outcome outcome = bench_.run({"fetch", "2.3.1", "--offline", "--bundle", bundle, "--json"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.json()["error"]["code"], "file-exists");
}

}  // namespace
}  // namespace cli_test
