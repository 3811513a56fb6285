// SPDX-License-Identifier: GPL-3.0-or-later
//
// The station as whole commands: on virtual Electrons, with real records.

#include "base/files.h"
#include "cli/harness.h"
#include "sim/world/synthetic_files.h"
#include "support/beside_the_program.h"
#include "support/own_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace cli_test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Station : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "station-" + test->name();
    std::filesystem::remove_all(folder_);
    ASSERT_TRUE(base::make_directories(folder_));
    test_support::set_environment(test_support::kStateVariable, folder_ + "/state");
    ASSERT_TRUE(sim::write_synthetic_release("0.6.4", folder_ + "/firmware"));
    write(
        "[station]\nname = \"line1-a\"\ntarget = \"0.6.4\"\nfirmware = [\"firmware\"]\n"
        "allow_unknown = true\naccept_safe_mode = true\n");
  }
  void TearDown() override {
    test_support::unset_environment(test_support::kStateVariable);
    std::filesystem::remove_all(folder_);
  }
  void write(const std::string& text) {
    ASSERT_TRUE(base::write_file(config(), base::as_bytes(text), base::Privacy::normal));
  }
  std::string config() const { return folder_ + "/station.toml"; }
  Outcome run(std::vector<std::string> words, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"station"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    arguments.insert(arguments.end(), {"--config", config()});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return bench_.run(arguments);
  }

  std::string folder_;
  Bench bench_;
};

TEST_F(Station, servesVirtualBoardsUntilEachHasItsResultAndIsDoneAlreadyTheNextTime) {
  ER_NEEDS_LIBRARY("libmicrohttpd");
  const Outcome first = run({"run"}, {"--drain", "--sim", "0.6.4", "--sim", "blank"});
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr("A1     PASS · TAKE OUT"));
  EXPECT_THAT(first.out, HasSubstr("A2     PASS · TAKE OUT"));
  const Outcome again = run({"run"}, {"--drain", "--json", "--sim", "0.6.4"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr(R"("word":"DONE ALREADY")"));
  EXPECT_THAT(again.out, Not(HasSubstr(R"("event":"result")")));
  const Outcome report = bench_.run({"station", "report", "--json"});
  EXPECT_EQ(report.code, 0) << report.err;
}

TEST_F(Station, saysWhereItsBoardIsAndSendsItsRecordsOutOfItsOutbox) {
  ER_NEEDS_LIBRARY("libmicrohttpd");
  write(
      "[station]\nname = \"line1-a\"\ntarget = \"0.6.4\"\nfirmware = [\"firmware\"]\n"
      "allow_unknown = true\naccept_safe_mode = true\n[board]\nlisten = \"127.0.0.1:0\"\n"
      "[records]\nforward = \"postgresql://er@127.0.0.1:1/er\"\n");
  const Outcome outcome = run({"run"}, {"--drain", "--sim", "blank"});
  // That the server is not there holds nobody up, and nothing is forgotten.
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("PASS"));
  EXPECT_THAT(outcome.err, HasSubstr("the board is at http://127.0.0.1:"));
  const Outcome checked = bench_.run({"station", "db", "check", "--json"});
  EXPECT_EQ(checked.code, 0) << checked.out;
  EXPECT_EQ(checked.json()["waiting"], 1);
}

TEST_F(Station, saysEveryResultAsALineOfJson) {
  ER_NEEDS_LIBRARY("libmicrohttpd");
  const Outcome outcome = run({"run"}, {"--drain", "--json", "--sim", "blank"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr(R"("event":"snapshot")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("event":"result","slot":"A1")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("outcome":"pass")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("recorded":true)"));
}

TEST_F(Station, aBoardThatCannotBeMendedFailsAndTheStationDoesNot) {
  ER_NEEDS_LIBRARY("libmicrohttpd");
  write(
      "[station]\nname = \"line1-a\"\ntarget = \"0.6.4\"\nfirmware = [\"firmware\"]\n"
      "allow_unknown = true\n[[hook]]\non = \"before\"\nrun = [\"/bin/sh\", \"-c\", \"exit "
      "10\"]\n");
  const Outcome outcome = run({"run"}, {"--drain", "--sim", "blank"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("HOLD"));
  EXPECT_THAT(outcome.out, HasSubstr("not this device"));
}

TEST_F(Station, doesNotStartWithoutItsFilesOrWithAConfigurationThatIsWrong) {
  write("[station]\nname = \"line1-a\"\ntarget = \"2.3.1\"\nfirmware = [\"firmware\"]\n");
  EXPECT_EQ(run({"run"}, {"--sim", "blank"}).code, 4);
  write("[station]\nname = \"line1-a\"\ntarget = \"0.6.4\"\nspeed = 3\n");
  const Outcome wrong = run({"run"}, {"--json", "--sim", "blank"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.out, HasSubstr("station-config"));
  EXPECT_THAT(wrong.out, HasSubstr("station.toml:4:1"));
}

TEST_F(Station, whatTheLeadSaysNeedsAStationThatRuns) {
  const Outcome outcome = run({"unlock"}, {"--json"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.out, HasSubstr("no-station"));
}

TEST_F(Station, withoutSlotsItSaysHowTheyAreTaught) {
  const Outcome outcome = run({"run"}, {"--json"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.out, HasSubstr("station slots learn"));
}

TEST_F(Station, slotsAreCheckedAgainstThisComputersPorts) {
  write("[station]\nname = \"a\"\n[[slot]]\nname = \"A1\"\nport = \"pci-ffff:00:14.0/1.4\"\n");
  const Outcome outcome = run({"slots", "check"}, {"--json"});
  if (outcome.out.find("unsupported") != std::string::npos) GTEST_SKIP() << "no /sys here";
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.out, HasSubstr("controller-gone"));
}

TEST_F(Station, theDoctorLooksAtItToo) {
  const Outcome outcome =
      bench_.run({"doctor", "--station", "--config", config(), "--json", "--device", "sim:0.6.4"});
  EXPECT_THAT(outcome.out, HasSubstr("station-config"));
  EXPECT_THAT(outcome.out, HasSubstr("station-files"));
  EXPECT_THAT(outcome.out, HasSubstr("no slots are taught"));
}

}  // namespace
}  // namespace cli_test
