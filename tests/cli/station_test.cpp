// SPDX-License-Identifier: GPL-3.0-or-later
//
// The station as whole commands: on virtual Electrons, with real records.

#include "base/files.h"
#include "cli/harness.h"
#include "os/advice.h"
#include "os/child.h"
#include "sim/world/synthetic_files.h"
#include "support/beside_the_program.h"
#include "support/own_folder.h"
#include "usb/sysfs_devices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

namespace cli_test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Station : public testing::Test {
 protected:
  void SetUp() override {
    // Short: the station's door, a local socket, lies below it.
    folder_ = testing::TempDir() + "station";
    std::filesystem::remove_all(folder_);
    ASSERT_TRUE(base::make_directories(folder_));
    test_support::set_environment(test_support::kStateVariable, folder_ + "/state");
    ASSERT_TRUE(sim::write_synthetic_release("0.6.4", folder_ + "/firmware"));
    write(
        "[station]\nname = \"line1-a\"\ntarget = \"0.6.4\"\nfirmware = [\"firmware\"]\n"
        "allow_unknown = true\naccept_safe_mode = true\n[board]\nlisten = \"off\"\n");
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
  const Outcome outcome = run({"run"}, {"--drain", "--json", "--sim", "blank"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr(R"("event":"snapshot")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("event":"result","slot":"A1")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("outcome":"pass")"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("recorded":true)"));
}

TEST_F(Station, aBoardThatCannotBeMendedFailsAndTheStationDoesNot) {
  if (!os::runs_children()) GTEST_SKIP() << "a station's hooks run on Linux and macOS only";
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
  if (os::this_system() == os::System::windows) {
    GTEST_SKIP() << "a station's local line is on Linux and macOS only (station_windows_test.cpp)";
  }
  const Outcome outcome = run({"unlock"}, {"--json"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.out, HasSubstr("no-station"));
}

// A station on a thread of its own, and its lead at another terminal.
TEST_F(Station, theLeadsCommandsReachARunningStationAndHoldInTheNextRun) {
  if (os::this_system() == os::System::windows) {
    GTEST_SKIP() << "a station's local line is on Linux and macOS only (station_windows_test.cpp)";
  }
  const std::string device = "3a0041000a47353235303037";
  const std::string board = folder_ + "/board.json";
  ASSERT_TRUE(base::write_file(board,
                               base::as_bytes(R"({"release": "0.6.4", "id": ")" + device + R"("})"),
                               base::Privacy::normal));
  Outcome ran;
  std::thread station([&] { ran = run({"run"}, {"--listen", "off", "--sim", "blank"}); });
  Bench lead;
  const auto tell = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "station");
    words.insert(words.end(), {"--config", config(), "--json"});
    return lead.run(words);
  };
  // Until it is there.
  Outcome held = tell({"hold", device});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (held.code == 3 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
    held = tell({"hold", device});
  }
  EXPECT_EQ(held.code, 0) << held.out;
  EXPECT_EQ(tell({"unlock"}).code, 0);
  EXPECT_EQ(tell({"reload"}).code, 0);
  const Outcome refused = tell({"again", "Z9"});
  EXPECT_EQ(refused.code, 5);
  EXPECT_THAT(refused.out, HasSubstr("there is no slot Z9"));
  EXPECT_EQ(tell({"release", "0123"}).code, 5);
  const Outcome drained = tell({"drain"});
  station.join();
  EXPECT_EQ(drained.code, 0) << drained.out;
  EXPECT_EQ(ran.code, 0) << ran.err;
  // The bare command is `run`.
  const Outcome next = run({}, {"--listen", "off", "--drain", "--sim", board});
  EXPECT_EQ(next.code, 0) << next.err;
  EXPECT_THAT(next.out, HasSubstr("HOLD"));
  EXPECT_THAT(next.out, HasSubstr("this device is held: the lead has to release it"));
  EXPECT_THAT(next.err, Not(HasSubstr("the board is at")));
}

TEST_F(Station, everyJobLeavesALogOfItsOwnAndPruningRemovesIt) {
  const Outcome outcome = run({"run"}, {"--listen", "off", "--drain", "--json", "--sim", "blank"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto jobs = bench_.run({"station", "report", "--json"}).json()["jobs"];
  ASSERT_EQ(jobs.size(), 1U);
  const std::string log =
      folder_ + "/state/electron-rescue/logs/line1-a/" + jobs[0]["id"].get<std::string>() + ".log";
  const auto bytes = base::read_file(log, 1'000'000);
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_THAT(base::as_text(*bytes), HasSubstr("slot     A1 work"));
  EXPECT_EQ(bench_.run({"station", "db", "prune", "--before", "1d", "--yes"}).code, 0);
  EXPECT_TRUE(base::exists(log));
  EXPECT_EQ(bench_.run({"station", "db", "prune", "--before", "2999-01-01", "--yes"}).code, 0);
  EXPECT_FALSE(base::exists(log));
}

TEST_F(Station, aPassThatItsHookDidNotAgreeToIsListedAsSuch) {
  if (!os::runs_children()) GTEST_SKIP() << "a station's hooks run on Linux and macOS only";
  write(
      "[station]\nname = \"line1-a\"\ntarget = \"0.6.4\"\nfirmware = [\"firmware\"]\n"
      "allow_unknown = true\naccept_safe_mode = true\n[[hook]]\non = \"result\"\n"
      "run = [\"/bin/sh\", \"-c\", \"echo '{\\\"message\\\": \\\"no paper\\\"}'; exit 3\"]\n");
  const Outcome outcome = run({"run"}, {"--listen", "off", "--drain", "--sim", "blank"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("HOLD"));
  const Outcome report = bench_.run({"station", "report"});
  EXPECT_THAT(report.out, HasSubstr("passed and is held: no paper"));
  const auto json = bench_.run({"station", "report", "--json"}).json();
  EXPECT_EQ(json["jobs"][0]["outcome"], "pass");
  ASSERT_EQ(json["held"].size(), 1U);
  EXPECT_EQ(json["held"][0]["message"], "no paper");
  EXPECT_EQ(json["held"][0]["job"], json["jobs"][0]["id"]);
}

TEST_F(Station, noSecretIsInWhatItSaysOrKeeps) {
  ER_NEEDS_LIBRARY("libmicrohttpd");
  ER_NEEDS_LIBRARY("libmosquitto");
  const std::vector<std::string> secrets{"token-0123456789abcdef", "geheim-broker",
                                         "geheim-server"};
  const auto keep = [&](const std::string& name, const std::string& text) {
    ASSERT_TRUE(base::write_file(folder_ + name, base::as_bytes(text), base::Privacy::owner_only));
  };
  keep("/board.token", secrets[0] + "\n");
  keep("/mqtt.password", secrets[1] + "\n");
  write(
      "[station]\nname = \"line1-a\"\ntarget = \"0.6.4\"\nfirmware = [\"firmware\"]\n"
      "allow_unknown = true\naccept_safe_mode = true\n[board]\nlisten = \"127.0.0.1:0\"\n"
      "token_file = \"board.token\"\n[mqtt]\nurl = \"mqtt://127.0.0.1:1\"\nsite = \"a\"\n"
      "user = \"er\"\npassword_file = \"mqtt.password\"\n[records]\nforward = "
      "\"postgresql://er:geheim-server@127.0.0.1:1/er\"\n");
  const Outcome outcome = run({"run"}, {"--drain", "--json", "-v", "--sim", "blank"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  std::size_t files = 0;
  for (const std::string& secret : secrets) {
    EXPECT_THAT(outcome.out, Not(HasSubstr(secret)));
    EXPECT_THAT(outcome.err, Not(HasSubstr(secret)));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ + "/state")) {
      if (!entry.is_regular_file()) continue;
      const auto bytes = base::read_file(entry.path().string(), 100'000'000);
      ASSERT_TRUE(bytes) << entry.path();
      EXPECT_EQ(base::as_text(*bytes).find(secret), std::string::npos) << entry.path();
      ++files;
    }
  }
  EXPECT_GE(files, 3 * secrets.size());  // records, the job's log, that of the run
}

TEST_F(Station, slotsAreNamedByRangesToo) {
  const auto learn = [&](std::vector<std::string> names) {
    names.insert(names.begin(), {"slots", "learn"});
    bench_.cancel.request();
    return run(names, {"--json"});
  };
  const Outcome none = learn({});
  EXPECT_EQ(none.code, 2);
  EXPECT_THAT(none.out, HasSubstr("no-slots"));
  for (const char* word : {"A1..", "A5..A1", "A1..B3", "..", "A1..A999"}) {
    EXPECT_EQ(learn({word}).code, 2) << word;
  }
}

TEST_F(Station, withoutSlotsItSaysHowTheyAreTaught) {
  const Outcome outcome = run({"run"}, {"--json"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.out, HasSubstr("station slots learn"));
}

TEST_F(Station, slotsAreCheckedAgainstThisComputersPorts) {
  write("[station]\nname = \"a\"\n[[slot]]\nname = \"A1\"\nport = \"pci-ffff:00:14.0/1.4\"\n");
  const Outcome outcome = run({"slots", "check"}, {"--json"});
  if (!usb::sysfs_devices_folder()) GTEST_SKIP() << "no /sys here";
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

TEST_F(Station, theDoctorAsksWhetherPortServerAndBrokerAreThere) {
  ER_NEEDS_LIBRARY("libmicrohttpd");
  ER_NEEDS_LIBRARY("libmosquitto");
  ER_NEEDS_LIBRARY("libpq");
  const std::string begin =
      "[station]\nname = \"line1-a\"\ntarget = \"0.6.4\"\nfirmware = [\"firmware\"]\n"
      "allow_unknown = true\n";
  const auto asked = [&](const std::string& more) {
    write(begin + more);
    return bench_.run(
        {"doctor", "--station", "--config", config(), "--json", "--device", "sim:0.6.4"});
  };
  const Outcome good = asked("[board]\nlisten = \"127.0.0.1:0\"\n");
  EXPECT_THAT(good.out, HasSubstr("127.0.0.1:0 is free"));
  EXPECT_THAT(good.out, Not(HasSubstr("station-server")));
  EXPECT_THAT(good.out, Not(HasSubstr("station-broker")));
  const Outcome bad = asked(
      "[board]\nlisten = \"0.0.0.0:8080\"\n[records]\nforward = "
      "\"postgresql://er:geheim@127.0.0.1:1/er\"\n[mqtt]\nurl = \"mqtt://127.0.0.1:1\"\nsite = "
      "\"plant2\"\n");
  EXPECT_THAT(bad.out, HasSubstr("others could come in, and there is no token"));
  EXPECT_THAT(bad.out, HasSubstr("station-server"));
  EXPECT_THAT(bad.out, HasSubstr("mqtt://127.0.0.1:1 does not answer"));
  EXPECT_THAT(bad.out, Not(HasSubstr("geheim")));
}

}  // namespace
}  // namespace cli_test
