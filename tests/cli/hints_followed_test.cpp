// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whoever does what a hint says gets on. Each case produces an error, finds in its hint what it
// then does, and does it.

#include "cli/situations.h"
#include "release/release_set.h"
#include "sim/world/electron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace cli_test {
namespace {

class HintsFollowed : public Situations {
 protected:
  // The words end with error `id`; its hint, or the message before it, has each of `told`.
  void refused(const std::string& id, Words words, const Words& told) {
    GivenWorld none;
    refused(id, std::move(words), told, none);
  }
  void refused(const std::string& id, Words words, const Words& told, cli::WorldSource& worlds) {
    SCOPED_TRACE(id + ": " + testing::PrintToString(words));
    words.emplace_back("--json");
    const Outcome outcome = bench_.run(words, worlds);
    const auto document = nlohmann::json::parse(outcome.out, nullptr, false);
    ASSERT_TRUE(document.is_object() && document.contains("error")) << outcome.out << outcome.err;
    const auto& error = document["error"];
    EXPECT_EQ(error["code"], id) << error["message"];
    EXPECT_TRUE(met_.insert(std::string(error["hint"])).second || told.empty())
        << "a circle: " << error["hint"];
    const std::string text = std::string(error["message"]) + " / " + std::string(error["hint"]);
    for (const std::string& word : told) EXPECT_THAT(text, testing::HasSubstr(word));
  }
  // The end of the way.
  Outcome gets_on(const Words& words) {
    GivenWorld none;
    return gets_on(words, none);
  }
  Outcome gets_on(const Words& words, cli::WorldSource& worlds) {
    SCOPED_TRACE(testing::PrintToString(words));
    met_.clear();
    Outcome outcome = bench_.run(words, worlds);
    EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
    return outcome;
  }
  // `info --json` of a virtual device, in a file.
  std::string told_state(const std::string& name, const std::string& device) {
    return file(name, gets_on({"info", "--device", device, "--json"}).out);
  }

 private:
  std::set<std::string> met_;  // hints of the way so far
};

TEST_F(HintsFollowed, OfTheCommandLine) {
  refused("usage", with_files({"flash", "--device", "sim:1.5.2", "--no-backup"}),
          {"--target VERSION"});
  gets_on(flash("sim:1.5.2", "2.3.1"));
  refused("partial-release", flash("sim:1.5.2", "2.3"), {"2.3.1", "whole name"});
  refused("unknown-release", flash("sim:1.5.2", "2.3.9"), {"2.3.1"});
  gets_on(flash("sim:1.5.2", "2.3.1"));
  refused("usage", {"flash", "--target=", "--device", "sim:1.5.2"}, {"flash --help"});
  gets_on({"flash", "--help"});
}

TEST_F(HintsFollowed, OfAReleaseBeyondTheLast) {
  refused("beyond-last-release", flash("sim:2.3.1", "4.0.2"), {"3.3.1"});
  refused("target-missing", flash("sim:2.3.1", "3.3.1"), {"--firmware FOLDER", "fetch 3.3.1"});
  put("3.3.1");
  gets_on(flash("sim:2.3.1", "3.3.1"));
}

TEST_F(HintsFollowed, OfATargetThatNobodyDecided) {
  const std::string app = module("any.bin", platform::kUserPart, 1);
  refused("target-undecided", flash("sim:1.5.2", "auto", {"--user-app", app}), {"--target"});
  gets_on(flash("sim:1.5.2", "2.3.1", {"--user-app", app}));
  refused("target-undecided", plan({"--from", "1.5.2", "--target", "auto"}),
          {"--user-app FILE", "--target VERSION"});
  gets_on(plan({"--from", "1.5.2", "--target", "auto", "--user-app",
                module("newer.bin", platform::kUserPart, 3, 2302)}));
}

TEST_F(HintsFollowed, OfAStateThatCannotBeRead) {
  refused("bad-state", {"info", "--device", state("broken", "{")}, {"info --json"});
  const std::string told = told_state("told.json", "sim:1.5.2");
  gets_on({"info", "--device", "sim:" + told});
  refused("bad-state-file", plan({"--target", "2.3.1", "--state", file("list.json", "[]")}),
          {"info --json"});
  gets_on(plan({"--target", "2.3.1", "--state", told}));
  refused("unknown-state",
          plan({"--target", "2.3.1", "--state", file("nothing.json", R"({"modules":[]})")}),
          {"--from"});
  gets_on(plan({"--target", "2.3.1", "--from", "1.5.2"}));
}

TEST_F(HintsFollowed, OfFilesThatAreNotThere) {
  refused("no-such-place",
          {"plan", "--from", "1.5.2", "--target", "2.3.1", "--firmware", folder_ + "/nowhere"},
          {"name the folder"});
  gets_on(plan({"--from", "1.5.2", "--target", "2.3.1"}));
  refused("target-missing", plan({"--from", "1.5.2", "--target", "2.2.0"}), {"--firmware FOLDER"});
  put("2.2.0");
  gets_on(plan({"--from", "1.5.2", "--target", "2.2.0"}));
  refused("stage-missing", plan({"--from", "0.4.8-rc.6", "--target", "0.6.4"}), {"0.5.5"});
  put("0.5.5");
  gets_on(plan({"--from", "0.4.8-rc.6", "--target", "0.6.4"}));
}

TEST_F(HintsFollowed, OfAFileOfAnotherKind) {
  const std::string part = base::join(folder_, "electron-system-part1@2.3.1.bin");
  refused("wrong-function", flash("sim:1.5.2", "2.3.1", {"--user-app", part}),
          {"an application built for the Electron"});
  gets_on(
      flash("sim:1.5.2", "2.3.1", {"--user-app", module("app.bin", platform::kUserPart, 3, 10)}));
  const std::string cut = file("cut.zip", std::string("PK\x03\x04", 4) + "cut");
  refused("bad-archive", {"plan", "--from", "1.5.2", "--target", "2.3.1", "--firmware", cut},
          {"inspect FILE"});
  refused("bad-archive", {"inspect", cut}, {});
}

TEST_F(HintsFollowed, OfAModuleThatNobodyVouchesFor) {
  const Words words{"plan", "--from", "2.3.1", "--bootloader",
                    module("own.bin", platform::kBootloader, 1900)};
  refused("not-in-catalogue", words, {"--allow-unknown"});
  Words all_the_same = words;
  all_the_same.emplace_back("--allow-unknown");
  gets_on(all_the_same);
}

TEST_F(HintsFollowed, OfAnApplicationForANewerSystem) {
  const std::string app = module("newer.bin", platform::kUserPart, 3, 2302);
  refused("application-needs-newer", plan({"--from", "0.6.4", "--user-app", app}),
          {"--target 2.3.1", "--target auto"});
  put("0.6.3");
  put("0.7.0");
  gets_on(plan({"--from", "0.6.4", "--user-app", app, "--target", "2.3.1"}));
  gets_on(plan({"--from", "0.6.4", "--user-app", app, "--target", "auto"}));
  refused("safe-mode",
          flash(state("stuck", R"({"release":"1.5.2","modules":[{"file":)" +
                                   nlohmann::json(app).dump() + R"(}]})"),
                "1.5.2"),
          {"--target 2.3.1"});
  gets_on(flash("sim:" + base::join(folder_, "stuck.json"), "2.3.1"));
}

// The bootloader of 0.7.0: 0.5.3 takes none, 0.6.4 puts its own back.
TEST_F(HintsFollowed, OfABootloaderThatWillNotStay) {
  for (const char* release : {"0.6.3", "0.7.0"}) put(release);
  const std::string bootloader = module("bootloader101.bin", platform::kBootloader, 101);
  const Words alone{"--bootloader", bootloader};
  const auto from = [&](const std::string& release, Words more) {
    more.insert(more.end(), {"--from", release});
    return plan(std::move(more));
  };
  refused("bootloader-not-accepted", from("0.5.3", alone), {"--target 0.7.0"});
  gets_on(from("0.5.3", {"--target", "0.7.0"}));
  refused("bootloader-put-back", from("0.6.4", alone), {"--target 0.7.0"});
  gets_on(from("0.6.4", {"--target", "0.7.0", "--bootloader", bootloader}));
  gets_on(from("0.7.0", alone));
  refused("bootloader-put-back",
          from("2.3.1", {"--bootloader", module("of-old.bin", platform::kBootloader, 7)}),
          {"leave the bootloader to the release", "--target VERSION"});
  gets_on(from("2.3.1", {"--target", "2.3.1"}));
}

TEST_F(HintsFollowed, OfADeviceOnWhichNothingRuns) {
  const std::string blank =
      file("blank.json",
           R"({"modules":[{"function":"system-part","index":1,"health":"blank"},
                                                {"function":"system-part","index":2,"health":"blank"}]})");
  refused("nothing-runs", plan({"--target", "2.3.1", "--medium", "serial", "--state", blank}),
          {"--via dfu"});
  gets_on(plan({"--target", "2.3.1", "--medium", "dfu", "--state", blank}));
  const std::string app = module("app.bin", platform::kUserPart, 3, 10);
  refused("system-does-not-start", plan({"--user-app", app, "--state", blank}),
          {"--target VERSION"});
  gets_on(plan({"--user-app", app, "--state", blank, "--target", "2.3.1"}));
}

TEST_F(HintsFollowed, OfSafeMode) {
  const std::string none = state("none", R"({"release":"1.5.2","user_app":false})");
  refused("safe-mode", flash(none, "2.3.1"), {"--user-app FILE", "--accept-safe-mode"});
  gets_on(flash(none, "2.3.1", {"--accept-safe-mode"}));
  gets_on(flash(none, "2.3.1", {"--user-app", module("app.bin", platform::kUserPart, 3, 10)}));
}

TEST_F(HintsFollowed, OfADeviceThatWillNotStart) {
  const std::string factory = state("factory", R"({"release":"0.6.4","bootloader":"11",
                                    "user_app":false,"factory":true,"mode":"dfu"})");
  refused("does-not-start", flash(factory, "1.5.2"),
          {"hold MODE", "electron-rescue flash --user-app FILE"});
  gets_on(with_files({"flash", "--device", factory, "--no-backup", "--user-app",
                      module("app.bin", platform::kUserPart, 3, 10)}));
}

TEST_F(HintsFollowed, OfFlashThatDiffers) {
  refused("verify-mismatch", with_files({"verify", "--device", "sim:1.5.0", "--target", "2.3.1"}),
          {"electron-rescue flash", "the same options"});
  gets_on(with_files({"flash", "--device", "sim:1.5.0", "--target", "2.3.1"}));
}

TEST_F(HintsFollowed, OfWhichDeviceIsMeant) {
  sim::ElectronSpec running = *sim::parse_state("2.3.1");
  auto two = sim::SimWorld::make({running, *sim::parse_state("0.6.4")}, release::Library(),
                                 sim::VirtualHost::Enumeration::here);
  ASSERT_TRUE(two);
  discovery::World both{(*two)->usb(), (*two)->serial(), (*two)->clock()};
  GivenWorld several(both);
  refused("ambiguous-device", {"info"}, {"usb:1-1", "usb:1-2", "add one of these"}, several);
  gets_on({"info", "--device", "usb:1-2"}, several);
  refused("bad-selector", {"info", "--device", "usb:"}, {"usb:BUS-PORT", "electron-rescue list"},
          several);
  EXPECT_THAT(gets_on({"list"}, several).out, testing::HasSubstr("usb:1-1"));
}

TEST_F(HintsFollowed, OfADarkDevice) {
  sim::ElectronSpec dark = *sim::parse_state("1.5.0");
  dark.mode = sim::ElectronSpec::Mode::off;
  auto made = sim::SimWorld::make({dark}, release::Library(), sim::VirtualHost::Enumeration::here);
  ASSERT_TRUE(made);
  discovery::World world{(*made)->usb(), (*made)->serial(), (*made)->clock()};
  GivenWorld one(world);
  refused("no-device", {"info"}, {"check cable and power", "hold MODE"}, one);
  (*made)->board(0).power(true);
  (*made)->wire().advance_to((*made)->wire().now() + std::chrono::seconds(10));
  gets_on({"info"}, one);
}

TEST_F(HintsFollowed, OfABackup) {
  refused("no-backup", {"restore", file("text.txt", "text"), "--device", "sim:1.5.2"},
          {"electron-rescue backup"});
  const std::string saved = path("saved.erbackup");
  const std::string blank = state("blank", R"({"mode":"dfu","user_app":false})");
  gets_on({"backup", saved, "--device", blank});
  refused("file-exists", {"backup", saved, "--device", blank}, {"--yes"});
  gets_on({"backup", path("another.erbackup"), "--device", blank});
  gets_on({"backup", saved, "--device", blank, "--yes"});
  refused("backup-does-not-boot", {"restore", saved, "--device", "sim:1.5.2"},
          {"--yes", "flash --target VERSION"});
  gets_on({"restore", saved, "--device", "sim:1.5.2", "--yes"});
  const std::string other =
      state("other", R"({"release":"1.5.2","id":"00112233445566778899aabb","mode":"dfu"})");
  const std::string whole = path("whole.erbackup");
  gets_on({"backup", whole, "--device", "sim:1.5.2"});
  refused("backup-of-another-device", {"restore", whole, "--device", other}, {"--yes"});
  gets_on({"restore", whole, "--device", other, "--yes"});
}

TEST_F(HintsFollowed, OfCtrlC) {
  bench_.cancel.request();
  refused("cancelled", flash("sim:1.5.0", "2.3.1"), {"the same command"});
  Bench fresh;
  GivenWorld none;
  EXPECT_EQ(fresh.run(flash("sim:1.5.0", "2.3.1"), none).code, 0);
}

}  // namespace
}  // namespace cli_test
