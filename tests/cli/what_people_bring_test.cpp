// SPDX-License-Identifier: GPL-3.0-or-later
//
// Ordinary files, wishes and devices that people come with, as whole commands on a virtual
// Electron.

#include "cli/release_folder.h"
#include "release/release_set.h"
#include "sim/world/electron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace cli_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::ordered_json;

class WhatPeopleBring : public ReleaseFolder {
 protected:
  void SetUp() override {
    ReleaseFolder::SetUp();
    for (const char* release : {"1.5.2", "2.3.1"}) put(release);
  }
  std::string device(const std::string& name, const std::string& json) {
    write(name + ".json", base::as_bytes(json));
    return "sim:" + base::join(folder_, name + ".json");
  }
  std::string application(const std::string& name, std::uint16_t index2,
                          std::optional<firmware::Product> product = {}) {
    firmware::BuildRequest request;
    request.id = platform::kUserPart;
    request.version = 5;
    request.dependency1 = {platform::kSystemPart2, index2};
    request.size = 4096;
    base::Bytes image = firmware::build(request, platform::electron());
    if (product) {
      base::store_le16(image, image.size() - 44, product->id);
      base::store_le16(image, image.size() - 42, product->version);
      firmware::seal(image);
    }
    write(name, image);
    return base::join(folder_, name);
  }
  Outcome run(std::vector<std::string> words) {
    const std::string command = words.front();
    if (command == "flash" || command == "plan" || command == "verify") {
      words.insert(words.end(), {"--firmware", folder_, "--allow-unknown"});
    }
    if (command == "flash") words.emplace_back("--no-backup");
    return bench_.run(words);
  }
  Json json(std::vector<std::string> words) {
    words.insert(words.end(), {"--json", "--progress", "none"});
    return run(std::move(words)).json();
  }
};

bool warns(const Json& document, const std::string& code) {
  return std::ranges::any_of(document["warnings"],
                             [&](const Json& warning) { return warning["code"] == code; });
}

// --- safe mode is no success; the application's own release ---

TEST_F(WhatPeopleBring, TheReleaseThatAnApplicationWasBuiltForIsTakenFromItsFile) {
  const std::string app = application("app.bin", 2302);
  const Json done = json({"flash", "--device", "sim:1.5.2", "--target", "auto", "--user-app", app});
  EXPECT_EQ(done["ok"], true);
  EXPECT_EQ(done["target"], "2.3.1");
}

TEST_F(WhatPeopleBring, TheReleaseThatTheApplicationOnTheDeviceWasBuiltForIsFoundThere) {
  const std::string app = application("app.bin", 2302);
  const std::string stuck = device(
      "stuck", R"({"release":"1.5.2","modules":[{"file":)" + nlohmann::json(app).dump() + R"(}]})");
  const Outcome before = run({"info", "--device", stuck});
  EXPECT_THAT(before.out, AllOf(HasSubstr("starts in safe mode"), HasSubstr("2.3.1 (2302)"),
                                HasSubstr("flash --target 2.3.1")));
  const Json done = json({"flash", "--device", stuck, "--target", "auto"});
  EXPECT_EQ(done["ok"], true) << done["error"];
  EXPECT_EQ(done["target"], "2.3.1");
}

TEST_F(WhatPeopleBring, AnApplicationThatNoReleaseCanRunIsRefusedBeforeTheDeviceIsTouched) {
  const Json refused = json({"flash", "--device", "sim:1.5.2", "--target", "auto", "--user-app",
                             application("future.bin", 9999)});
  EXPECT_EQ(refused["error"]["code"], "target-undecided");
  EXPECT_FALSE(refused.contains("stages"));
}

TEST_F(WhatPeopleBring, SafeModeSaysItOnceAndWhatEndsIt) {
  const std::string none = device("none", R"({"release":"1.5.2","user_app":false})");
  const Json ended = json({"flash", "--device", none, "--target", "2.3.1"});
  EXPECT_EQ(ended["error"]["code"], "safe-mode");
  const std::string message = ended["error"]["message"];
  const std::string hint = ended["error"]["hint"];
  EXPECT_THAT(message, AllOf(HasSubstr("there is no application"), Not(HasSubstr("--user-app"))));
  EXPECT_THAT(hint, AllOf(HasSubstr("--user-app"), HasSubstr("--accept-safe-mode"),
                          Not(HasSubstr("same command"))));
}

// --- states that look like something else ---

TEST_F(WhatPeopleBring, AFactoryApplicationThatWillBeRestoredIsSaidBeforehand) {
  const std::string held = device(
      "held",
      R"({"release":"1.5.2","bootloader":"1004","user_app":false,"factory":true,"mode":"dfu"})");
  const Json done = json({"flash", "--device", held, "--target", "2.3.1"});
  EXPECT_EQ(done["ok"], true) << done["error"];
  EXPECT_TRUE(warns(done, "restores-factory"));
}

TEST_F(WhatPeopleBring, ADeviceThatWillRestartForEverIsExplainedAndNotSentInACircle) {
  const std::string loop = device(
      "loop",
      R"({"release":"1.5.2","bootloader":"400","user_app":false,"factory":true,"mode":"dfu"})");
  const Json plan = json({"plan", "--device", loop, "--target", "1.5.2"});
  EXPECT_TRUE(warns(plan, "restarts"));
  const Json ended = json({"flash", "--device", loop, "--target", "1.5.2"});
  EXPECT_EQ(ended["error"]["code"], "does-not-start");
  const std::string hint = ended["error"]["hint"];
  EXPECT_THAT(hint, AllOf(HasSubstr("--user-app"), Not(HasSubstr("same command"))));
}

TEST_F(WhatPeopleBring, MonolithicFirmwareIsNamedKeptAndReplaced) {
  const std::string mono = device(
      "mono",
      R"({"bootloader":"400","mode":"dfu","modules":[{"function":"monolithic","version":1512}]})");
  const Outcome info = run({"info", "--device", mono});
  EXPECT_THAT(info.out, AllOf(HasSubstr("monolithic firmware"), HasSubstr("Verdict: runs"),
                              Not(HasSubstr("corrupt"))));
  const std::string saved = path("mono.erbackup");
  EXPECT_EQ(run({"backup", saved, "--device", mono}).code, 0);
  const Json back = json({"restore", saved, "--device", "sim:2.3.1", "--no-backup"});
  EXPECT_EQ(back["ok"], true) << back["error"];
  const Outcome flashed = run({"flash", "--device", mono, "--target", "2.3.1", "--user-app",
                               application("app.bin", 110), "--progress", "none"});
  EXPECT_EQ(flashed.code, 0) << flashed.err;
  EXPECT_THAT(flashed.out, HasSubstr("replaced, place by place"));
}

// --- a backup is of use whatever it holds ---

TEST_F(WhatPeopleBring, ABackupOfADeviceThatDoesNotStartGoesBackAndStaysInDfuMode) {
  const std::string blank = device("blank", R"({"mode":"dfu","user_app":false})");
  const std::string saved = path("blank.erbackup");
  ASSERT_EQ(run({"backup", saved, "--device", blank}).code, 0);
  const Json asked = json({"restore", saved, "--device", "sim:1.5.2", "--no-backup"});
  EXPECT_EQ(asked["error"]["code"], "backup-does-not-boot");
  const Json done = json({"restore", saved, "--device", "sim:1.5.2", "--no-backup", "--yes"});
  EXPECT_EQ(done["ok"], true) << done["error"];
  EXPECT_EQ(done["device"]["mode"], "dfu");
}

TEST_F(WhatPeopleBring, ABackupWithKeysIsPutBackWithoutThemAndSaysSo) {
  const std::string saved = path("keys.erbackup");
  ASSERT_EQ(run({"backup", saved, "--include-keys", "--device", "sim:1.5.2"}).code, 0);
  const Outcome done =
      run({"restore", saved, "--device", "sim:1.5.2", "--no-backup", "--progress", "none"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.out, AllOf(HasSubstr("left out"), HasSubstr("configuration")));
}

// --- keys ---

TEST_F(WhatPeopleBring, ADeviceWithoutKeysIsNeverCalledGoodWithoutAWord) {
  const std::string lost = device("lost", R"({"release":"2.3.1","keys":false,"mode":"dfu"})");
  const Json info = json({"info", "--device", lost});
  EXPECT_EQ(info["configuration"]["state"], "blank");
  EXPECT_THAT(run({"info", "--device", lost}).out,
              AllOf(HasSubstr("Keys        none"), HasSubstr("particle keys doctor")));
  const Outcome verified = run({"verify", "--device", "sim:2.3.1", "--target", "2.3.1"});
  EXPECT_THAT(verified.out, Not(HasSubstr("keys:")));
  EXPECT_THAT(run({"verify", "--device", lost, "--target", "2.3.1"}).out, HasSubstr("keys: none"));
  EXPECT_THAT(run({"flash", "--device", lost, "--target", "1.5.2"}).out,
              AllOf(HasSubstr("keys      none"), HasSubstr("particle keys doctor")));
}

TEST_F(WhatPeopleBring, ABackupClaimsKeysOnlyWhereThereAreAny) {
  const std::string lost = device("lost", R"({"release":"2.3.1","keys":false})");
  const Json none = json({"backup", path("none.erbackup"), "--include-keys", "--device", lost});
  EXPECT_EQ(none["ok"], true);
  EXPECT_EQ(none["keys_included"], false);
  EXPECT_EQ(none["configuration"]["state"], "blank");
  const Json some =
      json({"backup", path("some.erbackup"), "--include-keys", "--device", "sim:2.3.1"});
  EXPECT_EQ(some["keys_included"], true);
  const Json without = json({"backup", path("without.erbackup"), "--device", "sim:2.3.1"});
  EXPECT_EQ(without["keys_included"], false);
}

TEST_F(WhatPeopleBring, KeysAreNotClaimedOfADeviceThatWasOnlyAsked) {
  const Json asked = json({"info", "--device", "sim:2.3.1"});
  EXPECT_EQ(asked["configuration"]["state"], "unknown");
}

TEST_F(WhatPeopleBring, WhatInfoTellsOfKeysMakesAVirtualDeviceWithoutThem) {
  const std::string lost = device("lost", R"({"release":"2.3.1","keys":false,"mode":"dfu"})");
  const Json info = json({"info", "--device", lost});
  const std::string again = device("again", info.dump());
  EXPECT_EQ(json({"info", "--device", again})["configuration"]["state"], "blank");
}

// --- one file is enough ---

TEST_F(WhatPeopleBring, AnApplicationAloneIsPlannedWrittenAndCompared) {
  const std::string app = application("app.bin", 1512, firmware::Product{1234, 7});
  EXPECT_EQ(json({"plan", "--from", "1.5.2", "--user-app", app})["stages"].size(), 1U);
  const std::string running = "sim:1.5.2";
  const Json differs = json({"verify", "--device", running, "--user-app", app});
  EXPECT_EQ(differs["error"]["code"], "verify-mismatch");
  EXPECT_EQ(differs["target"], nullptr);
  const std::string hint = differs["error"]["hint"];
  EXPECT_THAT(hint, Not(HasSubstr("same command")));
  const Json done = json({"flash", "--device", running, "--user-app", app});
  EXPECT_EQ(done["ok"], true) << done["error"];
  EXPECT_EQ(done["target"], nullptr);
}

TEST_F(WhatPeopleBring, TheProductOfAnApplicationIsToldOfTheDevice) {
  const std::string app = application("app.bin", 1512, firmware::Product{1234, 7});
  const std::string sold = device("sold", R"({"release":"1.5.2","mode":"dfu","modules":[{"file":)" +
                                              nlohmann::json(app).dump() + R"(}]})");
  const Json info = json({"info", "--device", sold});
  for (const Json& module : info["modules"]) {
    if (module["function"] != "user-part") continue;
    EXPECT_EQ(module["product"]["id"], 1234);
    EXPECT_EQ(module["product"]["version"], 7);
    EXPECT_THAT(run({"info", "--device", sold}).out, HasSubstr("product 1234, version 7"));
    return;
  }
  ADD_FAILURE() << "no user part";
}

TEST_F(WhatPeopleBring, ABootloaderAloneIsPlannedAndCompared) {
  firmware::BuildRequest request;
  request.id = platform::kBootloader;
  request.version = 1006;
  request.size = 4096;
  write("bootloader.bin", firmware::build(request, platform::electron()));
  const std::string file = base::join(folder_, "bootloader.bin");
  const Json plan = json({"plan", "--from", "2.3.1", "--bootloader", file});
  EXPECT_EQ(plan["stages"][0]["steps"][0]["action"], "send");
  EXPECT_EQ(json({"verify", "--device", "sim:2.3.1", "--bootloader", file})["error"]["code"],
            "verify-mismatch");
}

TEST_F(WhatPeopleBring, NothingToDoIsWrongUsageOfEachCommand) {
  for (const char* command : {"flash", "plan", "verify"}) {
    EXPECT_EQ(bench_.run({command, "--device", "sim:1.5.2"}).code, 2) << command;
  }
}

// --- LTE units ---

TEST_F(WhatPeopleBring, AnLteUnitIsKnownByItsModemWhereTheDeviceTellsIt) {
  const std::string lte =
      device("lte", R"({"release":"2.3.1","modem_firmware":"L0.0.00.00.05.06,A.02.00"})");
  const Json info = json({"info", "--device", lte});
  EXPECT_EQ(info["device"]["modem_firmware"], "L0.0.00.00.05.06,A.02.00");
  put("0.6.4");
  write("lte-state.json", base::as_bytes(info.dump()));
  const Json plan =
      json({"plan", "--state", base::join(folder_, "lte-state.json"), "--target", "0.6.4"});
  EXPECT_TRUE(warns(plan, "no-radio"));
}

TEST_F(WhatPeopleBring, AUnitWithA3GModemIsNotWarnedOfLte) {
  const std::string other = device("g3", R"({"release":"2.3.1"})");
  put("0.6.4");
  write("state.json", base::as_bytes(json({"info", "--device", other}).dump()));
  const Json plan =
      json({"plan", "--state", base::join(folder_, "state.json"), "--target", "0.6.4"});
  EXPECT_FALSE(warns(plan, "no-radio"));
  EXPECT_FALSE(warns(plan, "old-for-lte"));
}

// --- what cannot be done is said before a device that runs is disturbed ---

TEST_F(WhatPeopleBring, ARunningDeviceIsNotTouchedForAWishThatCannotBeGranted) {
  auto made = sim::SimWorld::make({*sim::parse_state("1.5.2")}, release::Library(),
                                  sim::VirtualHost::Enumeration::here);
  ASSERT_TRUE(made);
  sim::SimWorld& sim = **made;
  discovery::World world{sim.usb(), sim.serial(), sim.clock()};
  GivenWorld worlds(world);
  const std::uint32_t resets = sim.board(0).reset_count();
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"flash", "--target", "2.2.0", "--firmware", folder_},
           {"flash", "--target", "2.3", "--firmware", folder_},
           {"flash", "--target", "2.3.1", "--firmware", folder_ + "/nowhere"},
           {"flash", "--target", "2.3.1", "--user-app", folder_ + "/nothing.bin"},
           {"plan", "--target", "2.2.0", "--firmware", folder_},
           {"verify", "--target", "2.2.0", "--firmware", folder_},
           {"flash"}}) {
    EXPECT_NE(bench_.run(words, worlds).code, 0);
  }
  EXPECT_EQ(sim.board(0).reset_count(), resets);
}

// --- refusals tell what they are about ---

TEST_F(WhatPeopleBring, ARefusalTellsDeviceFromTargetAndWhatIsMissing) {
  const Json early = json({"flash", "--device", "sim:1.5.2", "--target", "2.2.0"});
  EXPECT_EQ(early["target"], "2.2.0");
  EXPECT_EQ(early["device"], nullptr);
  EXPECT_EQ(early["error"]["missing"].size(), 3U);
  EXPECT_EQ(early["error"]["missing"][0]["file"], "electron-system-part1@2.2.0.bin");
  put("0.6.4");
  for (const char* command : {"plan", "flash"}) {
    const Json late = json({command, "--device", "sim:0.4.8-rc.6", "--target", "0.6.4"});
    EXPECT_EQ(late["error"]["code"], "stage-missing") << command;
    EXPECT_EQ(late["target"], "0.6.4") << command;
    EXPECT_FALSE(late["from"].empty()) << command;
    EXPECT_TRUE(late["device"].is_object()) << command;
    EXPECT_FALSE(late["error"]["needs"].empty()) << command;
  }
}

}  // namespace
}  // namespace cli_test
