// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands/station.h"
#include "cli/harness.h"
#include "records/fixture.h"
#include "support/beside_the_program.h"

#include <gmock/gmock.h>

namespace cli_test {
namespace {

using records_test::device;
using records_test::ending;
using records_test::Folder;
using records_test::id;
using records_test::kReport;
using records_test::opening;
using testing::HasSubstr;
using testing::StartsWith;

class StationRecords : public testing::Test {
 protected:
  void SetUp() override {
    records_ = records_test::store(db_, {"postgresql"});
    job(1, "A1", records::Outcome::pass);
    job(2, "A2", records::Outcome::fail, "verify-mismatch");
    job(3, "A1", records::Outcome::aborted, "pulled");
    ASSERT_TRUE(records_->open_row(opening(4, kTen)));
  }
  static constexpr std::int64_t kTen = 1'795'773'600'000;  // 2026-11-27 10:00 UTC
  void job(int n, const std::string& slot, records::Outcome outcome, const std::string& code = {}) {
    records::Opening open = opening(n, kTen - 86'400'000 + n * 60'000);
    open.slot = slot;
    open.order_no = "=WO \"7\"";
    ASSERT_TRUE(records_->open_row(open));
    ASSERT_TRUE(records_->close_row(id(n), ending(outcome, code), kReport));
  }
  cli_test::Outcome run(std::vector<std::string> words) {
    words.insert(words.begin(), "station");
    words.insert(words.end(), {"--db", db_});
    return bench_.run(words, nothing_);
  }

  Folder folder_;
  std::string db_ = folder_ / "station.db";
  std::unique_ptr<records::Store> records_;
  Bench bench_;
  GivenWorld nothing_;
};

TEST_F(StationRecords, ReportListsTheNewestJobsFirst) {
  const auto outcome = run({"report"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("2026-11-26 10:02:00"));
  EXPECT_THAT(outcome.out, HasSubstr("verify-mismatch"));
  EXPECT_LT(outcome.out.find("open"), outcome.out.find("aborted"));
  EXPECT_LT(outcome.out.find("aborted"), outcome.out.find("pass"));
  const auto json = run({"report", "--json", "--most", "2"}).json();
  ASSERT_EQ(json["jobs"].size(), 2U);
  EXPECT_EQ(json["jobs"][0]["outcome"], nullptr);
  EXPECT_EQ(json["jobs"][1]["code"], "pulled");
}

TEST_F(StationRecords, ReportFiltersByTimeSlotOutcomeOrderAndDevice) {
  const auto count = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"report", "--json"});
    return run(words).json()["jobs"].size();
  };
  EXPECT_EQ(count({}), 4U);
  EXPECT_EQ(count({"--since", "2026-11-27"}), 1U);
  EXPECT_EQ(count({"--until", "2026-11-26T10:02"}), 1U);
  EXPECT_EQ(count({"--slot", "A2"}), 1U);
  EXPECT_EQ(count({"--outcome", "pass"}), 1U);
  EXPECT_EQ(count({"--outcome", "open"}), 1U);
  EXPECT_EQ(count({"--order", "=WO \"7\""}), 3U);
  EXPECT_EQ(count({"--device", device(2)}), 1U);
  EXPECT_EQ(count({"--device", "3A0041"}), 4U);
  EXPECT_EQ(count({"--device", "3b0041"}), 0U);
  EXPECT_EQ(run({"report", "--since", "yesterdy"}).code, 2);
  EXPECT_EQ(run({"report", "--since", "2026-02-30"}).code, 2);
}

TEST_F(StationRecords, CsvIsWhatASpreadsheetReadsAndNoFormula) {
  const auto outcome = run({"report", "--csv"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, StartsWith("id,station,station_seq,slot,recipe,kind,"));
  EXPECT_THAT(outcome.out, HasSubstr("\"'=WO \"\"7\"\"\""));
  EXPECT_EQ(std::ranges::count(outcome.out, '\n'), 5);
  EXPECT_EQ(run({"report", "--csv", "--json"}).code, 2);
}

TEST_F(StationRecords, SummaryTellsYieldsAndFails) {
  const auto outcome = run({"report", "--summary"});
  EXPECT_THAT(outcome.out, HasSubstr("50.0 %"));
  EXPECT_THAT(outcome.out, HasSubstr("verify-mismatch"));
  const auto json = run({"report", "--summary", "--json"}).json()["summary"];
  EXPECT_EQ(json["jobs"], 3);
  EXPECT_EQ(json["open"], 1);
  EXPECT_EQ(json["units"], 2);
  EXPECT_EQ(json["yield"], 0.5);
  EXPECT_EQ(json["fails"][0]["slot"], "A2");
  EXPECT_EQ(run({"report", "--duplicates", "--json"}).json()["duplicates"].size(), 3U);
}

TEST_F(StationRecords, CheckSaysThatAllIsWellOrWhatIsNot) {
  EXPECT_THAT(run({"db", "check"}).out, HasSubstr("4 jobs, 1 open, 3 waiting"));
  {
    auto writer = records::open_sqlite(db_, records::Access::write);
    ASSERT_TRUE((*writer)->run("UPDATE job SET outcome = 'pass' WHERE id = $1", {id(2)}));
  }
  const auto outcome = run({"db", "check", "--json"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_EQ(outcome.json()["error"]["code"], "records-damaged");
  EXPECT_EQ(outcome.json()["problems"].size(), 2U);
}

TEST_F(StationRecords, ExportAndImportMakeTheSameRecordsElsewhere) {
  const std::string file = folder_ / "jobs.ndjson";
  EXPECT_THAT(run({"db", "export", file}).out, HasSubstr("3 jobs are in"));
  EXPECT_EQ(run({"db", "export", file}).code, 2);  // it exists
  const auto elsewhere = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "station");
    words.insert(words.end(), {"--json", "--db", folder_ / "new/other.db"});
    return bench_.run(words, nothing_);
  };
  EXPECT_EQ(elsewhere({"report"}).json()["error"]["code"], "no-records");
  EXPECT_EQ(elsewhere({"db", "init"}).json()["schema_before"], 0);
  EXPECT_EQ(elsewhere({"db", "import", file}).json()["added"], 3);
  EXPECT_EQ(elsewhere({"db", "import", file}).json()["known"], 3);
  EXPECT_EQ(elsewhere({"db", "migrate"}).code, 0);
  EXPECT_EQ(elsewhere({"db", "check"}).code, 0);
  EXPECT_EQ(elsewhere({"report", "--summary"}).json()["summary"]["units"], 2);
  ASSERT_TRUE(base::write_file(file, base::as_bytes("{}\n"), base::Privacy::normal));
  const auto bad = elsewhere({"db", "import", file});
  EXPECT_EQ(bad.code, 4);
  EXPECT_THAT(bad.json()["error"]["message"].get<std::string>(), StartsWith("line 1: "));
}

TEST_F(StationRecords, PruningAsksAndRemovesBackupsOfOldJobs) {
  const std::string backup = folder_ / "old.backup";
  ASSERT_TRUE(base::write_file(backup, base::as_bytes("x"), base::Privacy::normal));
  {
    auto writer = records::open_sqlite(db_, records::Access::write);
    ASSERT_TRUE((*writer)->run("UPDATE job SET backup = $1 WHERE id = $2", {backup, id(1)}));
    ASSERT_TRUE((*writer)->run("DELETE FROM outbox"));
  }
  EXPECT_EQ(run({"db", "prune", "--before", "1d"}).code, 2);
  EXPECT_TRUE(base::exists(backup));
  const auto outcome = run({"db", "prune", "--before", "1d", "--yes", "--json"});
  EXPECT_EQ(outcome.json()["reports"], 3);
  EXPECT_EQ(outcome.json()["backups"], 1);
  EXPECT_FALSE(base::exists(backup));
  EXPECT_EQ(run({"report", "--json"}).json()["jobs"].size(), 4U);
}

TEST_F(StationRecords, ForwardingNeedsAServerThatIsThere) {
  ER_NEEDS_LIBRARY("libpq");
  EXPECT_EQ(run({"db", "forward", "--to", "other.db"}).code, 2);
  const auto gone =
      run({"db", "forward", "--to", "postgresql://er:geheim@127.0.0.1:1/er", "--json"});
  EXPECT_EQ(gone.code, 6);
  EXPECT_EQ(gone.json()["error"]["code"], "records-unreachable");
  EXPECT_THAT(gone.out, testing::Not(HasSubstr("geheim")));
}

TEST_F(StationRecords, HelpAndSlipsKnowTheCommandsBelow) {
  EXPECT_THAT(run({"report", "--help"}).out, HasSubstr("--duplicates"));
  const auto slip = bench_.run({"station", "report", "--sumary"}, nothing_);
  EXPECT_EQ(slip.code, 2);
  EXPECT_THAT(slip.err, HasSubstr("did you mean --summary?"));
  EXPECT_THAT(slip.err, HasSubstr("electron-rescue station report --help"));
  EXPECT_EQ(bench_.run({"station"}, nothing_).code, 2);
  EXPECT_THAT(bench_.run({"station", "db", "chek"}, nothing_).err,
              HasSubstr("did you mean check?"));
}

TEST_F(StationRecords, ABoardOfAHallIsThereUntilSomebodyEndsIt) {
  ER_NEEDS_LIBRARY("libmicrohttpd");
  bench_.cancel.request();
  const auto run_board = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"station", "board", "--json", "--listen", "127.0.0.1:0"});
    return bench_.run(words, nothing_);
  };
  const auto shown = run_board({"--db", db_, "--mqtt", "mqtt://127.0.0.1:1", "--site", "plant2"});
  EXPECT_EQ(shown.code, 0) << shown.out;
  EXPECT_THAT(shown.json()["address"].get<std::string>(), StartsWith("http://127.0.0.1:"));
  EXPECT_THAT(shown.err, HasSubstr("the board is at http://127.0.0.1:"));
  EXPECT_EQ(run_board({}).json()["error"]["code"], "nothing-to-show");
  EXPECT_EQ(run_board({"--mqtt", "mqtt://host"}).json()["error"]["code"], "no-site");
  EXPECT_EQ(run_board({"--mqtt", "host", "--site", "a"}).json()["error"]["code"],
            "bad-broker-address");
  const auto open =
      bench_.run({"station", "board", "--json", "--db", db_, "--listen", "0.0.0.0:0"}, nothing_);
  EXPECT_EQ(open.json()["error"]["code"], "token-needed");
  const std::string token = folder_ / "token";
  ASSERT_TRUE(base::write_file(token, base::as_bytes("short\n"), base::Privacy::normal));
  const auto shorter = run_board({"--db", db_, "--token-file", token});
  EXPECT_EQ(shorter.json()["error"]["code"], "short-token");
}

TEST(MomentOf, UnderstandsDatesTimesAndSpans) {
  constexpr std::int64_t kNow = 1'795'773'600'000;  // 2026-11-27 10:00 UTC
  EXPECT_EQ(cli::moment_of("2026-11-27T10:00", 0), kNow);
  EXPECT_EQ(cli::moment_of("2026-11-27 10:00:00Z", 0), kNow);
  EXPECT_EQ(cli::moment_of("2026-11-27", 0), kNow - 36'000'000);
  EXPECT_EQ(cli::moment_of("1970-01-01", 0), 0);
  EXPECT_EQ(cli::moment_of("90m", kNow), kNow - 5'400'000);
  EXPECT_EQ(cli::moment_of("7d", kNow), kNow - 7 * 86'400'000LL);
  for (const char* text : {"", "7", "d", "-7d", "7w", "2026", "2026-13-01", "2026-11-31",
                           "2026-11-27T", "2026-11-27T24:00", "2026-11-27X10:00", "99999999999d"}) {
    EXPECT_EQ(cli::moment_of(text, kNow), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace cli_test
