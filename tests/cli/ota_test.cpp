// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whole `ota` commands, against a virtual cloud.

#include "cli/ota.h"

#include "cli/harness.h"
#include "cli/release_folder.h"
#include "report/style.h"
#include "sim/world/synthetic_files.h"
#include "support/own_folder.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace cli_test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Ota : public ReleaseFolder {
 protected:
  void SetUp() override {
    ReleaseFolder::SetUp();
    test_support::unset_environment("PARTICLE_ACCESS_TOKEN");
  }
  void have(const std::string& release) {
    const auto made = sim::write_synthetic_release(release, folder_);
    ASSERT_TRUE(made) << made.error().message;
    written_.insert(written_.end(), made->begin(), made->end());
  }
  // With a virtual cloud and the folder's files.
  Outcome ota(std::vector<std::string> words) {
    words.insert(words.begin(), "ota");
    words.insert(words.end(), {"--api", "sim:"});
    if (words[1] != "status" && words[1] != "watch") {
      words.insert(words.end(), {"--firmware", folder_, "--allow-unknown"});
    }
    return bench_.run(words);
  }
  Bench bench_;
};

TEST_F(Ota, StatusTellsWhatTheCloudKnowsAndWhoAnswers) {
  const Outcome outcome = ota({"status", "--json"});
  EXPECT_EQ(outcome.code, 0);
  const auto devices = outcome.json()["devices"];
  ASSERT_EQ(devices.size(), 3U);
  EXPECT_EQ(devices[1]["system_release"], "0.5.3");
  EXPECT_EQ(devices[1]["answers"], true);
  EXPECT_THAT(ota({"status"}).out, HasSubstr("0.4.8-rc.6  yes"));
}

TEST_F(Ota, FlashMendsDevicesInSafeMode) {
  have("0.5.3");
  have("0.6.4");
  const Outcome outcome = ota({"flash", "--target", "0.6.4", "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const auto devices = outcome.json()["devices"];
  ASSERT_EQ(devices.size(), 3U);
  for (const auto& device : devices) {
    EXPECT_EQ(device["verdict"], "proved") << device.dump();
    EXPECT_EQ(device["after"]["system_release"], "0.6.4");
    EXPECT_GT(device["bytes"], 0);
  }
  EXPECT_EQ(devices[0]["sent"].size(), 5U);
  EXPECT_EQ(devices[1]["sent"].size(), 3U);
}

TEST_F(Ota, FlashTellsEachStepAndTheCost) {
  have("0.5.3");
  have("0.6.4");
  const Outcome outcome =
      ota({"flash", "2b0036000a47333534000002", "--target", "0.6.4", "--progress", "plain"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("2b0036000a47333534000002: sends system part 3"));
  EXPECT_THAT(outcome.err, HasSubstr("of SIM data"));
  EXPECT_THAT(outcome.out, HasSubstr("2b0036000a47333534000002  proved"));
}

TEST_F(Ota, ProgressCanBeRead) {
  have("0.6.4");
  const Outcome outcome = ota(
      {"flash", "2b0036000a47333534000002", "--target", "0.6.4", "--progress", "json", "--json"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("\"device\":\"2b0036000a47333534000002\""));
}

TEST_F(Ota, WhatTheAirCannotMendEndsWithTheCommandThatCan) {
  have("0.6.4");
  const Outcome outcome = ota({"flash", "2b0036000a47333534000001", "--target", "0.6.4"});
  EXPECT_EQ(outcome.code, 5);
  EXPECT_THAT(outcome.out, HasSubstr("then  electron-rescue flash --target 0.6.4 --firmware"));
  EXPECT_THAT(outcome.out, HasSubstr("bring a USB cable"));
  EXPECT_THAT(outcome.err, HasSubstr("0.5.3"));
}

TEST_F(Ota, TheWorstDeviceDecidesTheExitCode) {
  have("0.6.4");
  const Outcome outcome = ota({"flash", "--target", "0.6.4", "--json"});
  EXPECT_EQ(outcome.code, 5);
  const auto devices = outcome.json()["devices"];
  EXPECT_EQ(devices[0]["verdict"], "refused");
  EXPECT_EQ(devices[0]["error"]["code"], "stage-missing");
  EXPECT_EQ(devices[1]["verdict"], "proved");
}

TEST_F(Ota, PlanSendsNothing) {
  have("0.5.3");
  have("0.6.4");
  const Outcome outcome = ota({"plan", "2b0036000a47333534000001", "--target", "0.6.4", "--json"});
  EXPECT_EQ(outcome.code, 0);
  const auto device = outcome.json()["devices"][0];
  EXPECT_EQ(device["verdict"], "planned");
  EXPECT_EQ(device["stages"].size(), 2U);
  EXPECT_EQ(device["bytes"], 0);
  EXPECT_GT(device["air_bytes_planned"], device["bytes_planned"]);
  EXPECT_THAT(ota({"plan", "2b0036000a47333534000001", "--target", "0.6.4"}).out,
              HasSubstr("assumed from the release"));
}

TEST_F(Ota, FilesThatAreMissingAreToldOnce) {
  const Outcome outcome = ota({"flash", "--target", "0.6.4", "--json"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_EQ(outcome.json()["error"]["code"], "target-missing");
}

TEST_F(Ota, TextFitsEveryTerminal) {
  have("0.6.4");
  for (const int width : {60, 80}) {
    bench_.terminal.out_is_terminal = true;
    bench_.terminal.width = width;
    for (const Outcome& outcome : {ota({"flash", "--target", "0.6.4"}), ota({"status"})}) {
      for (std::size_t at = 0; at < outcome.out.size();) {
        const std::size_t end = std::min(outcome.out.find('\n', at), outcome.out.size());
        const std::string line = outcome.out.substr(at, end - at);
        // A command and an address are there to be copied.
        if (line.find("electron-rescue flash") == std::string::npos &&
            line.find("https://") == std::string::npos) {
          EXPECT_LE(report::columns(line), static_cast<std::size_t>(width)) << line;
        }
        at = end + 1;
      }
    }
  }
}

TEST_F(Ota, WithoutATokenNothingIsAsked) {
  const Outcome outcome = bench_.run({"ota", "status", "2b0036000a47333534000001", "--json"});
  EXPECT_EQ(outcome.code, 8);
  EXPECT_EQ(outcome.json()["error"]["code"], "no-token");
}

TEST_F(Ota, TheTokenIsNeverShown) {
  const std::string file = path("token");
  ASSERT_TRUE(base::write_file(file, base::as_bytes("s3cret token\n"), base::Privacy::normal));
  const Outcome outcome =
      bench_.run({"ota", "status", "2b0036000a47333534000001", "--token-file", file, "-vv"});
  EXPECT_EQ(outcome.code, 8);
  EXPECT_THAT(outcome.out + outcome.err, Not(HasSubstr("s3cret")));
}

TEST_F(Ota, DevicesAreNamedByTheirIds) {
  EXPECT_EQ(ota({"status", "pump"}).code, 2);
  EXPECT_EQ(bench_.run({"ota", "status", "2b00", "--token-file", "x"}).code, 2);
  const std::string list = path("list");
  const std::string text = "# pumps\n\n2B0036000A47333534000003, the one in the shed\n";
  ASSERT_TRUE(base::write_file(list, base::as_bytes(text), base::Privacy::normal));
  const Outcome outcome = ota({"status", "--list", list, "--json"});
  EXPECT_EQ(outcome.code, 0);
  ASSERT_EQ(outcome.json()["devices"].size(), 1U);
  EXPECT_EQ(outcome.json()["devices"][0]["id"], "2b0036000a47333534000003");
}

TEST_F(Ota, NumbersAndTimesAreChecked) {
  for (const char* bad : {"0", "51", "2.5", "many"}) {
    EXPECT_EQ(ota({"flash", "--target", "0.6.4", "--at-once", bad}).code, 2) << bad;
  }
  EXPECT_EQ(ota({"flash", "--target", "0.6.4", "--wait", "soon"}).code, 2);
  EXPECT_EQ(cli::duration_of("90"), base::Micros(std::chrono::seconds(90)));
  EXPECT_EQ(cli::duration_of("1.5h"), base::Micros(std::chrono::minutes(90)));
  EXPECT_EQ(cli::duration_of("30m"), base::Micros(std::chrono::minutes(30)));
  EXPECT_FALSE(cli::duration_of("8000h"));
  EXPECT_FALSE(cli::duration_of("m"));
}

TEST_F(Ota, WatchEndsWhenSomebodyWantsToStop) {
  bench_.cancel.request();
  EXPECT_EQ(ota({"watch"}).code, 130);
}

}  // namespace
}  // namespace cli_test
