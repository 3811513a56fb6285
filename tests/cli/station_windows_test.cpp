// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a station has not on Windows, in words of somebody who sits at one.

#include "base/files.h"
#include "cli/harness.h"
#include "sim/world/synthetic_files.h"
#include "support/own_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace cli_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class StationOnWindows : public testing::Test {
 protected:
  void SetUp() override {
    test_support::set_environment(test_support::kStateVariable, folder_ + "/state");
    ASSERT_TRUE(sim::write_synthetic_release("0.6.4", folder_ + "/firmware"));
    write("[board]\nlisten = \"off\"\n");
  }
  void TearDown() override {
    test_support::unset_environment(test_support::kStateVariable);
    std::filesystem::remove_all(folder_);
  }
  void write(const std::string& more) {
    const std::string text =
        "[station]\nname = \"line1-a\"\ntarget = \"0.6.4\"\nfirmware = [\"firmware\"]\n"
        "allow_unknown = true\n[[slot]]\nname = \"A1\"\nport = \"bus-1/4\"\n" +
        more;
    ASSERT_TRUE(base::write_file(config_, base::as_bytes(text), base::Privacy::normal));
  }
  // The error of these words; whatever it says, nothing of another system is in it.
  nlohmann::json error(std::vector<std::string> words, const std::string& id) {
    words.insert(words.begin(), "station");
    words.insert(words.end(), {"--json"});
    const Outcome outcome = bench_.run(words);
    EXPECT_NE(outcome.code, 0);
    for (const char* word : {"Debian", "sudo", "apt", "/etc/", "XDG_"}) {
      EXPECT_THAT(outcome.out + outcome.err, Not(HasSubstr(word)));
    }
    const auto error = outcome.json()["error"];
    EXPECT_EQ(error["code"], id) << outcome.out;
    EXPECT_FALSE(error["hint"].get<std::string>().empty());
    return error;
  }

  std::string folder_ = test_support::own_folder("station-windows-");
  std::string config_ = folder_ + "/station.toml";
  Bench bench_;
};

TEST_F(StationOnWindows, ThatItRunsNoHooksIsSaidBeforeTheFirstBoard) {
  write("[[hook]]\non = \"before\"\nrun = [\"check.exe\"]\n");
  const auto told = error({"run", "--drain", "--sim", "0.6.4", "--config", config_}, "no-hooks");
  EXPECT_THAT(told["message"].get<std::string>(), HasSubstr("on Windows runs no hooks"));
  const auto doctor =
      bench_.run({"doctor", "--station", "--config", config_, "--device", "sim:0.6.4"});
  EXPECT_THAT(doctor.out, HasSubstr("a station on Windows runs no hooks"));
}

TEST_F(StationOnWindows, ThatItsBoardNeedsALibraryBesideTheProgramIsSaid) {
  write("");
  const auto told =
      error({"run", "--drain", "--sim", "0.6.4", "--config", config_}, "no-microhttpd");
  EXPECT_THAT(told["hint"].get<std::string>(),
              AllOf(HasSubstr("libmicrohttpd-12.dll"), HasSubstr("listen = \"off\"")));
}

TEST_F(StationOnWindows, ThatAServerNeedsALibraryBesideTheProgramIsSaid) {
  const std::string db = folder_ + "/station.db";
  ASSERT_EQ(bench_.run({"station", "db", "init", "--db", db}).code, 0);
  const auto told = error({"db", "check", "--db", "postgresql://er@127.0.0.1:1/er"}, "no-libpq");
  EXPECT_THAT(told["hint"].get<std::string>(), HasSubstr("libpq.dll"));
}

TEST_F(StationOnWindows, ThatAnotherWindowCannotTellItAnythingIsSaid) {
  const auto told = error({"unlock", "--config", config_}, "no-door");
  EXPECT_THAT(told["message"].get<std::string>(), HasSubstr("on Windows"));
  EXPECT_THAT(told["hint"].get<std::string>(), HasSubstr("Ctrl-C"));
}

TEST_F(StationOnWindows, WhatIsNotLookedAtIsNeitherBadNorGood) {
  const auto told = error({"slots", "check", "--config", config_}, "unsupported");
  EXPECT_THAT(told["message"].get<std::string>(), HasSubstr("not checked on Windows"));
  const auto doctor =
      bench_.run({"doctor", "--station", "--config", config_, "--device", "sim:0.6.4"});
  EXPECT_EQ(doctor.code, 0) << doctor.out;
  EXPECT_THAT(doctor.out, HasSubstr("whether the clock follows anybody is not looked at"));
  EXPECT_THAT(doctor.out, HasSubstr("what the slots' ports are like is not looked at"));
  EXPECT_THAT(doctor.out, Not(HasSubstr("timedatectl")));
}

TEST_F(StationOnWindows, ItsConfigurationIsNamedOrLiesHere) {
  const auto told = error({"run"}, "no-station-config");
  EXPECT_THAT(told["message"].get<std::string>(), HasSubstr("there is no station.toml here"));
}

}  // namespace
}  // namespace cli_test
