// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a run leaves behind: --log-file, one log a run, and `report`.

#include "base/files.h"
#include "cli/harness.h"
#include "cli/run_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>

namespace cli_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Logs : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "logs_test_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    bench.log_directory = base::join(folder_, "logs");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return base::join(folder_, name); }
  std::string read(const std::string& file) const {
    const auto content = base::read_file(file, 1 << 20);
    EXPECT_TRUE(content) << file;
    return content ? base::as_text(*content) : std::string();
  }
  std::vector<std::string> logs() const {
    const auto files = base::list_files(bench.log_directory);
    return files ? *files : std::vector<std::string>();
  }

  Bench bench;

 private:
  std::string folder_;
};

TEST_F(Logs, LogFileTellsVersionCommandEventsAndExit) {
  const std::string file = path("run.txt");
  EXPECT_EQ(bench.run({"info", "--device", "sim:2.3.1", "--log-file", file}).code, 0);
  const std::string log = read(file);
  for (const char* part : {"version  electron-rescue ", "libusb ",
                           "command  electron-rescue info --device sim:2.3.1 --log-file ",
                           "start    usb:1-1 reading what is installed",
                           "end      usb:1-1 reading what is installed: good", "exit     0"}) {
    EXPECT_THAT(log, HasSubstr(part));
  }
  // GoogleTest's own expressions know no brackets on Windows.
  const std::regex time("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z ");
  EXPECT_TRUE(std::regex_search(log, time, std::regex_constants::match_continuous)) << log;
}

TEST_F(Logs, LogFileTellsErrorsOfCommandsWithoutADeviceToo) {
  const std::string file = path("run.txt");
  EXPECT_EQ(bench.run({"inspect", "/nonexistent/a file.bin", "--log-file", file}).code, 4);
  EXPECT_THAT(read(file), HasSubstr("exit     4"));
  EXPECT_THAT(read(file), HasSubstr("'/nonexistent/a file.bin'"));
}

TEST_F(Logs, LogFileThatCannotBeWrittenIsAnError) {
  const Outcome outcome =
      bench.run({"udev", "print", "--log-file", "/nonexistent/folder/log", "--json"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_EQ(outcome.json()["error"]["code"], "bad-file");
}

TEST_F(Logs, LogFileThatIsThereGetsItsLinesAtTheEnd) {
  const std::string file = path("run.txt");
  ASSERT_TRUE(base::write_file(file, base::as_bytes("mine\n"), base::Privacy::normal));
  const auto before = std::filesystem::status(file).permissions();
  EXPECT_EQ(bench.run({"udev", "print", "--log-file", file}).code, 0);
  EXPECT_THAT(read(file), testing::StartsWith("mine\n"));
  EXPECT_THAT(read(file), HasSubstr("exit     0"));
  EXPECT_EQ(std::filesystem::status(file).permissions(), before);
}

TEST_F(Logs, LogFileMayBeADevice) {
  if (!base::exists("/dev/null")) GTEST_SKIP() << "this system has none";
  const auto before = std::filesystem::status("/dev/null").permissions();
  EXPECT_EQ(bench.run({"udev", "print", "--log-file", "/dev/null"}).code, 0);
  EXPECT_EQ(std::filesystem::status("/dev/null").permissions(), before);
}

TEST_F(Logs, EveryJobOnADeviceLeavesOne) {
  EXPECT_EQ(bench.run({"info", "--device", "sim:2.3.1"}).code, 0);
  EXPECT_EQ(bench.run({"info", "--device", "sim:1.5.0"}).code, 0);
  ASSERT_EQ(logs().size(), 2U);
  EXPECT_THAT(read(logs()[1]), HasSubstr("sim:1.5.0"));
  EXPECT_THAT(read(logs()[1]), HasSubstr("exit     0"));
}

TEST_F(Logs, CommandsWithoutAJobLeaveNone) {
  bench.run({"udev", "print"});
  bench.run({"list", "--device", "sim:2.3.1"});
  bench.run({"inspect", "/nonexistent"});
  EXPECT_THAT(logs(), IsEmpty());
}

TEST_F(Logs, AreForTheirOwnerOnly) {
  bench.run({"info", "--device", "sim:2.3.1"});
  ASSERT_EQ(logs().size(), 1U);
#ifndef _WIN32
  using std::filesystem::perms;
  EXPECT_EQ(
      std::filesystem::status(logs()[0]).permissions() & (perms::group_all | perms::others_all),
      perms::none);
#endif
}

TEST_F(Logs, OnlyTheLastOnesAreKept) {
  for (int run = 0; run < cli::kRunLogsKept + 5; ++run) {
    const std::string when = "20260101T0000" + std::to_string(10 + run) + "Z";
    auto log = cli::create_run_log(bench.log_directory, when);
    ASSERT_TRUE(log);
    log->line(when);
  }
  ASSERT_EQ(logs().size(), static_cast<std::size_t>(cli::kRunLogsKept));
  EXPECT_EQ(read(logs().front()), "20260101T000015Z\n");
  EXPECT_EQ(cli::newest_run_log(bench.log_directory), logs().back());
}

TEST_F(Logs, TwoRunsWithinASecondLeaveTwo) {
  ASSERT_TRUE(cli::create_run_log(bench.log_directory, "20260101T000000Z"));
  ASSERT_TRUE(cli::create_run_log(bench.log_directory, "20260101T000000Z"));
  EXPECT_EQ(logs().size(), 2U);
}

TEST_F(Logs, AreAsOldAsTheirTimeAndTheirNumberSay) {
  ASSERT_TRUE(base::make_directories(bench.log_directory));
  const auto put = [&](const std::string& name) {
    const std::string file = base::join(bench.log_directory, name);
    EXPECT_TRUE(base::write_file(file, base::as_bytes(name), base::Privacy::normal));
  };
  for (const char* name : {"20260101T000000Z-100.log", "20260101T000000Z-99.log",
                           "20260101T000000Z-101.log", "20251231T235959Z-200.log", "old.log"}) {
    put(name);
  }
  std::vector<std::string> names;
  for (const std::string& path : cli::run_logs(bench.log_directory)) {
    names.push_back(base::file_name(path));
  }
  EXPECT_THAT(names,
              testing::ElementsAre("old.log", "20251231T235959Z-200.log", "20260101T000000Z-99.log",
                                   "20260101T000000Z-100.log", "20260101T000000Z-101.log"));
}

TEST_F(Logs, OfOthersAreLeftAlone) {
  ASSERT_TRUE(base::make_directories(bench.log_directory));
  const std::string other = base::join(bench.log_directory, "0-notes.txt");
  ASSERT_TRUE(base::write_file(other, base::as_bytes("mine"), base::Privacy::normal));
  for (int run = 0; run < cli::kRunLogsKept + 2; ++run) {
    ASSERT_TRUE(cli::create_run_log(bench.log_directory, "20260101T000000Z"));
  }
  EXPECT_TRUE(base::exists(other));
}

TEST_F(Logs, FolderThatCannotBeWrittenIsOnlyANote) {
  bench.log_directory = path("a file") + "/logs";
  ASSERT_TRUE(base::write_file(path("a file"), base::as_bytes("x"), base::Privacy::normal));
  const Outcome quiet = bench.run({"info", "--device", "sim:2.3.1", "--progress", "none"});
  EXPECT_EQ(quiet.code, 0);
  EXPECT_THAT(quiet.err, Not(HasSubstr("leaves no log")));
  const Outcome loud = bench.run({"info", "--device", "sim:2.3.1", "--progress", "none", "-v"});
  EXPECT_EQ(loud.code, 0);
  EXPECT_THAT(loud.err, HasSubstr("leaves no log"));
}

TEST_F(Logs, AreLeftByAJobThatEndsBeforeItsDeviceIsFound) {
  EXPECT_EQ(bench.run({"flash", "--target", "2.3.1", "--firmware", "/nope"}).code, 4);
  ASSERT_EQ(logs().size(), 1U);
  EXPECT_THAT(read(logs()[0]), HasSubstr("there is no file or folder /nope"));
}

TEST_F(Logs, TellOfTheErrorThatEndedAJob) {
  EXPECT_NE(bench.run({"info", "--device", "sim:nonsense", "--json"}).code, 0);
  ASSERT_EQ(logs().size(), 1U);
  EXPECT_THAT(read(logs()[0]), HasSubstr(" error    "));
}

TEST_F(Logs, ReportPacksTheLastRunAndVersions) {
  bench.run({"info", "--device", "sim:1.5.0"});
  bench.run({"info", "--device", "sim:2.3.1"});
  const std::string file = path("report.txt");
  EXPECT_EQ(bench.run({"report", file}).code, 0);
  const std::string text = read(file);
  EXPECT_THAT(text, HasSubstr("info --device sim:2.3.1"));
  EXPECT_THAT(text, Not(HasSubstr("sim:1.5.0")));
  EXPECT_THAT(text, HasSubstr("libusb "));
  EXPECT_THAT(text, HasSubstr("udev rule: not installed"));
}

TEST_F(Logs, ReportPacksTheLastFailedRunToo) {
  bench.run({"info", "--device", "sim:1.5.0"});
  EXPECT_NE(bench.run({"info", "--device", "sim:nonsense"}).code, 0);
  bench.run({"info", "--device", "sim:0.6.4"});
  bench.run({"info", "--device", "sim:2.3.1"});
  const std::string file = path("report.txt");
  const Outcome outcome = bench.run({"report", file, "--json"});
  EXPECT_EQ(outcome.code, 0);
  const auto packed = outcome.json()["logs"];
  ASSERT_EQ(packed.size(), 2U);
  EXPECT_EQ(packed[0]["exit"], 0);
  EXPECT_NE(packed[1]["exit"], 0);
  EXPECT_THAT(read(file), HasSubstr("sim:nonsense"));
  EXPECT_THAT(read(file), HasSubstr("sim:2.3.1"));
  EXPECT_THAT(read(file), Not(HasSubstr("sim:1.5.0")));
  EXPECT_THAT(read(file), Not(HasSubstr("sim:0.6.4")));
}

TEST_F(Logs, ReportReplacesAFileOnlyWithConsent) {
  bench.run({"info", "--device", "sim:2.3.1"});
  const std::string file = path("report.txt");
  ASSERT_TRUE(base::write_file(file, base::as_bytes("mine"), base::Privacy::normal));
  EXPECT_EQ(bench.run({"report", file}).code, 2);
  EXPECT_EQ(read(file), "mine");
  EXPECT_EQ(bench.run({"report", file, "--yes"}).code, 0);
  EXPECT_NE(read(file), "mine");
}

TEST_F(Logs, ReportInterruptedAtItsQuestionSaysSoInADocument) {
  bench.run({"info", "--device", "sim:2.3.1"});
  const std::string file = path("report.txt");
  ASSERT_TRUE(base::write_file(file, base::as_bytes("mine"), base::Privacy::normal));
  bench.output.on_ask = [this] { bench.cancel.request(); };
  const Outcome outcome = bench.run({"report", file, "--json"});
  EXPECT_EQ(outcome.code, 130);
  EXPECT_EQ(outcome.json()["error"]["code"], "cancelled");
  EXPECT_EQ(read(file), "mine");
}

TEST_F(Logs, ReportWithoutAnyRunSaysSo) {
  const Outcome outcome = bench.run({"report", path("report.txt"), "--json"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_EQ(outcome.json()["error"]["code"], "no-log");
  EXPECT_FALSE(base::exists(path("report.txt")));
}

#ifndef _WIN32
TEST_F(Logs, ReportLeavesTheUsersHomeOut) {
  const std::string home = base::environment("HOME");
  if (home.size() < 2) GTEST_SKIP() << "no home";
  bench.run({"info", "--device", "sim:2.3.1", "--firmware", home});
  const std::string file = path("report.txt");
  ASSERT_EQ(bench.run({"report", file}).code, 0);
  EXPECT_THAT(read(file), Not(HasSubstr(home)));
  EXPECT_THAT(read(file), HasSubstr("--firmware ~"));
}
#endif

}  // namespace
}  // namespace cli_test
