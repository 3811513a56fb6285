// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whole commands on a virtual Electron: the same code as on a real one, from the arguments to the
// exit code.

#include "cli/release_folder.h"
#include "report/style.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cli_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::ordered_json;

class JobCommand : public ReleaseFolder {
 protected:
  Outcome run(const std::string& device, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--device", device});
    return bench_.run(arguments);
  }
  Outcome flash(const std::string& device, const std::string& target,
                std::vector<std::string> more) {
    more.insert(more.begin(), {"flash", "--target", target, "--firmware", folder_,
                               "--allow-unknown", "--no-backup"});
    return run(device, more);
  }
};

TEST_F(JobCommand, ListShowsTheVirtualDevice) {
  const Outcome outcome = run("sim:0.6.4", {"list", "--json"});
  EXPECT_EQ(outcome.code, 0);
  const Json devices = outcome.json()["devices"];
  ASSERT_EQ(devices.size(), 1U);
  EXPECT_EQ(devices[0]["mode"], "serial");
  EXPECT_EQ(devices[0]["port"], "usb:1-1");
}

TEST_F(JobCommand, FlashBringsADeviceToTheReleaseAndHasItConfirmed) {
  put("2.3.1");
  const Outcome outcome = flash("sim:1.5.0", "2.3.1", {"--json", "--progress", "none"});
  ASSERT_EQ(outcome.code, 0) << outcome.out;
  const Json json = outcome.json();
  EXPECT_EQ(json["ok"], true);
  EXPECT_EQ(json["target"], "2.3.1");
  ASSERT_EQ(json["stages"].size(), 1U);
  // The executed list: part 1 opens the guard and closes it.
  ASSERT_EQ(json["stages"][0]["steps"].size(), 4U);
  EXPECT_EQ(json["stages"][0]["steps"][0]["action"], "guard-open");
  EXPECT_EQ(json["stages"][0]["steps"][3]["action"], "guard-close");
  for (const Json& step : json["stages"][0]["steps"]) {
    EXPECT_EQ(step["erased"], step["action"] != "guard-close");
    EXPECT_EQ(step["written"], true);
    EXPECT_EQ(step["verified"], true);
  }
  EXPECT_EQ(json["sectors_erased"], 3);
  EXPECT_EQ(json["bytes_verified"], json["bytes_written"]);
  EXPECT_EQ(json["confirmed"]["by"], "listening");
  EXPECT_EQ(json["backup"], nullptr);
}

TEST_F(JobCommand, FlashGoesThroughTheReleaseInBetween) {
  put("0.5.5");
  put("0.6.4");
  const Outcome outcome = flash("sim:0.4.8-rc.6", "0.6.4", {"--json", "--progress", "none"});
  ASSERT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  const Json stages = outcome.json()["stages"];
  ASSERT_EQ(stages.size(), 2U);
  EXPECT_EQ(stages[0]["release"], "0.5.5");
  EXPECT_EQ(stages[1]["release"], "0.6.4");
}

TEST_F(JobCommand, FlashWithoutTheReleaseInBetweenIsRefusedAndNamesIt) {
  put("0.6.4");
  const Outcome outcome = flash("sim:0.4.8-rc.6", "0.6.4", {"--json", "--progress", "none"});
  EXPECT_EQ(outcome.code, 5);
  const Json error = outcome.json()["error"];
  EXPECT_EQ(error["code"], "stage-missing");
  EXPECT_EQ(error["needs"], (Json{"0.5.5", "0.5.3", "0.5.4"}));
}

TEST_F(JobCommand, FlashToAReleaseWithoutFilesSaysThatFilesAreMissing) {
  const Outcome outcome = flash("sim:1.5.0", "2.3.1", {"--json", "--progress", "none"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_EQ(outcome.json()["error"]["code"], "target-missing");
}

TEST_F(JobCommand, ASystemPartIsNoApplication) {
  put("2.3.1");
  const std::string part = base::join(folder_, "electron-system-part2@2.3.1.bin");
  ASSERT_TRUE(base::exists(part));
  const Outcome flashed = flash("sim:1.5.0", "2.3.1", {"--user-app", part, "--json"});
  EXPECT_EQ(flashed.code, 4);
  EXPECT_EQ(flashed.json()["error"]["code"], "wrong-function");
  EXPECT_EQ(bench_
                .run({"plan", "--from", "1.5.0", "--target", "2.3.1", "--firmware", folder_,
                      "--allow-unknown", "--user-app", part})
                .code,
            4);
}

TEST_F(JobCommand, WhatRanBeforeIsPlannedByAndMustBeARelease) {
  put("2.3.1");
  const auto from = [&](const char* release) {
    return flash("sim:blank", "2.3.1", {"--from", release, "--dry-run", "--json"});
  };
  EXPECT_EQ(from("banana").code, 2);
  EXPECT_EQ(from("9.9.9").json()["error"]["code"], "beyond-last-release");
  EXPECT_EQ(from("1.5").json()["error"]["code"], "partial-release");
  EXPECT_EQ(from("0.4.7").json()["error"]["code"], "stage-missing");
  const Json direct = from("1.5.0").json();
  EXPECT_EQ(direct["ok"], true);
  EXPECT_THAT(direct["warnings"].dump(), HasSubstr("past-as-told"));
}

TEST_F(JobCommand, DryRunPrintsThePlanAndWritesNothing) {
  put("2.3.1");
  const Outcome outcome = flash("sim:1.5.0", "2.3.1", {"--dry-run", "--progress", "none"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("Stage 1: 2.3.1"), HasSubstr("guard")));
  EXPECT_EQ(flash("sim:1.5.0", "2.3.1", {"--dry-run", "--json"}).json()["bytes_written"], 0);
}

TEST_F(JobCommand, FlashByTheSerialLineIsConfirmedByTheDevice) {
  put("2.3.1");
  const Outcome outcome =
      flash("sim:0.6.4", "2.3.1", {"--via", "serial", "--json", "--progress", "none"});
  ASSERT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_EQ(outcome.json()["confirmed"]["by"], "listening");
}

TEST_F(JobCommand, ResultsGoToStdoutAndProgressToStderr) {
  put("2.3.1");
  const Outcome outcome = flash("sim:1.5.0", "2.3.1", {"--progress", "plain"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("WAS"), HasSubstr("1.5.0"), HasSubstr("2.3.1"),
                                 Not(HasSubstr("erasing"))));
  EXPECT_THAT(outcome.err, HasSubstr("writing system part 3"));
}

TEST_F(JobCommand, ProgressAsJsonIsOneObjectALine) {
  put("2.3.1");
  const Outcome outcome = flash("sim:1.5.0", "2.3.1", {"--progress", "json", "--json"});
  std::istringstream lines(outcome.err);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_FALSE(Json::parse(line, nullptr, false).is_discarded()) << line;
  }
  EXPECT_GT(count, 10);
}

TEST_F(JobCommand, InfoOfARunningDeviceComesFromItsOwnAnswer) {
  const Outcome outcome = run("sim:0.6.4", {"info", "--json", "--progress", "none"});
  ASSERT_EQ(outcome.code, 0) << outcome.out;
  const Json json = outcome.json();
  EXPECT_EQ(json["device"]["mode"], "listening") << "in which it answered";
  EXPECT_EQ(json["device"]["bootloader_version"], 11);
  EXPECT_EQ(json["verdict"]["state"], "runs");
  EXPECT_TRUE(json["device"].contains("imei"));
}

TEST_F(JobCommand, InfoOfABlankDeviceSaysThatItDoesNotBoot) {
  const Outcome outcome = run("sim:blank", {"info", "--json", "--progress", "none"});
  ASSERT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_EQ(outcome.json()["device"]["mode"], "dfu");
  EXPECT_EQ(outcome.json()["verdict"]["state"], "does-not-boot");
}

TEST_F(JobCommand, InfoAsTextFitsEightyColumns) {
  for (const char* device : {"sim:2.3.1", "sim:0.4.8-rc.6", "sim:blank"}) {
    std::istringstream lines(run(device, {"info", "--progress", "none"}).out);
    for (std::string line; std::getline(lines, line);)
      EXPECT_LE(report::columns(line), 80U) << line;
  }
}

TEST_F(JobCommand, VerifyTellsEqualFromDifferent) {
  put("2.3.1");
  const Outcome different = run("sim:1.5.0", {"verify", "--target", "2.3.1", "--firmware", folder_,
                                              "--allow-unknown", "--json", "--progress", "none"});
  EXPECT_EQ(different.code, 7);
  EXPECT_EQ(different.json()["error"]["code"], "verify-mismatch");
  const Outcome equal = run("sim:2.3.1", {"verify", "--target", "2.3.1", "--firmware", folder_,
                                          "--allow-unknown", "--json", "--progress", "none"});
  EXPECT_EQ(equal.code, 0) << "a virtual device is made of the files in the folder";
}

TEST_F(JobCommand, BackupIsAFileThatRestoreTakes) {
  const std::string file = path("device.erbackup");
  EXPECT_EQ(run("sim:1.5.0", {"backup", file, "--json", "--progress", "none"}).code, 0);
  const Outcome restored = run("sim:1.5.0", {"restore", file, "--json", "--progress", "none"});
  EXPECT_EQ(restored.code, 0) << restored.out;
}

TEST_F(JobCommand, ModeSwitchesAndSaysWhereTheDeviceIs) {
  EXPECT_EQ(
      run("sim:1.5.2", {"mode", "dfu", "--json", "--progress", "none"}).json()["device"]["mode"],
      "dfu");
  EXPECT_EQ(
      run("sim:1.5.2", {"mode", "listen", "--json", "--progress", "none"}).json()["device"]["mode"],
      "listening");
  EXPECT_EQ(run("sim:blank", {"mode", "normal", "--json", "--progress", "none"}).json()["ok"],
            false);
}

TEST_F(JobCommand, WaitReturnsAtOnceOrGivesUp) {
  EXPECT_EQ(run("sim:blank", {"wait", "--mode", "dfu", "--timeout", "1"}).code, 0);
  EXPECT_EQ(run("sim:blank", {"wait", "--mode", "listen", "--timeout", "1"}).code, 3);
}

TEST_F(JobCommand, ATraceNamesEveryTransferAndShowsNoKeys) {
  const std::string trace = path("trace.jsonl");
  const std::string keys = path("keys.erbackup");
  ASSERT_EQ(
      run("sim:blank", {"backup", keys, "--include-keys", "--trace", trace, "--progress", "none"})
          .code,
      0);
  const std::string text = base::as_text(base::read_file(trace, 64 << 20).value());
  EXPECT_THAT(text, HasSubstr("\"redacted\""));
  EXPECT_THAT(text, HasSubstr("\"setup\""));
}

TEST_F(JobCommand, AnUnknownVirtualDeviceIsWrongUsage) {
  EXPECT_EQ(run("sim:9.9.9", {"info"}).code, 2);
}

}  // namespace
}  // namespace cli_test
