// SPDX-License-Identifier: GPL-3.0-or-later
//
// Records on a real PostgreSQL server.
#include "records/exchange.h"
#include "records/forward.h"
#include "records/postgres_connection.h"
#include "records/row_json.h"
#include "records/row_sql.h"
#include "records/schema.h"
#include "records/servers.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <map>
#include <set>
#include <thread>

namespace records {
namespace {

using records_test::device;
using records_test::ending;
using records_test::Folder;
using records_test::id;
using records_test::kReport;
using records_test::number;
using records_test::opening;
using records_test::Postgres;
using records_test::rows;
using testing::ElementsAre;

class OnServer : public testing::Test {
 protected:
  static void TearDownTestSuite() { server().reset(); }
  static std::unique_ptr<Postgres>& server() {
    static std::unique_ptr<Postgres> one;
    return one;
  }
  void SetUp() override {
    if (const std::string why = Postgres::missing(); !why.empty()) GTEST_SKIP() << why;
    if (server() == nullptr) server() = std::make_unique<Postgres>();
    auto fresh = connect();
    ASSERT_TRUE(fresh->script("DROP SCHEMA public CASCADE; CREATE SCHEMA public"));
    ASSERT_TRUE(migrate(*fresh)) << "migrate";
  }
  static std::unique_ptr<Connection> connect() {
    auto opened = open_postgres(server()->url());
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  // A station's records with so many closed jobs, from `first` on.
  static std::unique_ptr<Store> station(const std::string& path, const std::string& name, int first,
                                        int jobs) {
    auto opened = open_store({path, name, {kServerTarget}});
    EXPECT_TRUE(opened);
    for (int n = first; n < first + jobs; ++n) {
      Opening open = opening(n, 1'700'000'000'000 + n * 1000LL);
      EXPECT_TRUE((*opened)->open_row(open));
      Ending end = n % 7 == 3 ? ending(Outcome::fail, "timeout") : ending(Outcome::pass);
      end.seconds = 9.1 + n * 0.001;
      EXPECT_TRUE((*opened)->close_row(id(n), end, kReport));
    }
    return opened ? std::move(*opened) : nullptr;
  }
  base::CancelToken cancel_;
};

TEST_F(OnServer, ARowComesBackAsItWasSentWithItsReportHooksAndRecipe) {
  const Folder folder;
  const auto records = station(folder / "a.db", "line1-a", 1, 1);
  Opening open = opening(2);
  open.recipe = "ab12";
  ASSERT_TRUE(records->put_recipe({"ab12", "2.3.1", "{}", 5, {{"system-part", 1, 1512, 9, "ff"}}}));
  ASSERT_TRUE(records->open_row(open));
  Ending end = ending(Outcome::fail, "protocol");
  end.message = "Ünïcode 'quotes' \"double\" \\ $1";
  end.continuous = true;
  end.seconds = 0.1 + 0.2;
  ASSERT_TRUE(
      records->close_row(id(2), end, R"({"z": 1.50, "a": [1e-7, 1e20, 100.0], "t": "é\\u0000"})"));
  ASSERT_TRUE(records->add_hook_run({id(2), "result", 1, 0, 0.1, "label", R"({"a":1})"}));
  auto local = open_sqlite(folder / "a.db", Access::write);
  auto there = connect();
  EXPECT_EQ(forward(**local, *there, 0, cancel_)->added, 2);
  const auto sent = read_entry(**local, id(2));
  const auto kept = read_entry(*there, id(2));
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(row_json(kept->row), row_json(sent->row));
  EXPECT_EQ(digest_of(kept->row, kept->report), kept->row.digest);
  ASSERT_EQ(kept->hooks.size(), 1U);
  EXPECT_EQ(kept->hooks[0].fields, R"({"a":1})");
  EXPECT_EQ(kept->recipe->files.size(), 1U);
  EXPECT_THAT(check(*there, cancel_)->problems, ElementsAre());
  // A hook that ran only afterwards follows.
  ASSERT_TRUE(records->add_hook_run({id(2), "result", 2, 1, 0.1, "again", ""}));
  EXPECT_EQ(forward(**local, *there, 0, cancel_)->known, 1);
  EXPECT_EQ(read_entry(*there, id(2))->hooks.size(), 2U);
}

TEST_F(OnServer, SummariesDuplicatesAndFiltersAreThoseOfTheFile) {
  const Folder folder;
  const auto records = station(folder / "a.db", "line1-a", 1, 40);
  const auto other = station(folder / "b.db", "line1-b", 41, 3);
  Opening again = opening(50);
  again.device = device(2);
  ASSERT_TRUE(other->open_row(again));
  ASSERT_TRUE(other->close_row(id(50), ending(Outcome::pass), kReport));
  auto a = open_sqlite(folder / "a.db", Access::write);
  auto b = open_sqlite(folder / "b.db", Access::write);
  auto there = connect();
  ASSERT_TRUE(forward(**a, *there, 0, cancel_));
  const auto of_file = summary(**a, {});
  const auto of_server = summary(*there, {});
  ASSERT_TRUE(of_server) << of_server.error().message;
  EXPECT_EQ(of_server->all.units, of_file->all.units);
  EXPECT_EQ(of_server->all.first_pass, of_file->all.first_pass);
  EXPECT_DOUBLE_EQ(of_server->all.seconds, of_file->all.seconds);
  EXPECT_EQ(of_server->fails, of_file->fails);
  ASSERT_TRUE(forward(**b, *there, 0, cancel_));
  const auto found = duplicates(*there, {});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->at(0).reason, "stations");
  EXPECT_EQ(found->at(0).device, device(2));
  EXPECT_EQ(found->at(0).detail, "line1-a,line1-b");
  Filter filter;
  filter.station = "line1-b";
  EXPECT_EQ(rows(*there, filter).size(), 4U);
  EXPECT_EQ(summary(*there, filter)->all.pass, 4);
  EXPECT_FALSE(*row_of_id(*there, "no id at all"));
  ASSERT_TRUE(count_again(*there));
  EXPECT_THAT(check(*there, cancel_)->problems, ElementsAre());
}

TEST_F(OnServer, ACloneIsRefusedLoudlyAndHoldsUpNobody) {
  const Folder folder;
  { const auto records = station(folder / "a.db", "line1-a", 1, 3); }
  std::filesystem::copy_file(folder / "a.db", folder / "clone.db");
  auto there = connect();
  {
    const auto records = station(folder / "a.db", "line1-a", 10, 2);
    auto local = open_sqlite(folder / "a.db", Access::write);
    EXPECT_EQ(forward(**local, *there, 0, cancel_)->added, 5);
  }
  // The clone has the same rows, and then goes on under the same name and the same numbers.
  const auto records = station(folder / "clone.db", "line1-a", 20, 3);
  auto local = open_sqlite(folder / "clone.db", Access::write);
  const auto done = forward(**local, *there, 5, cancel_);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->known, 3);
  EXPECT_EQ(done->added, 1);  // its third new number is nobody's yet
  EXPECT_EQ(done->refused.size(), 2U);
  EXPECT_EQ(done->waiting, 2);
  EXPECT_EQ((*records->last_act("alarm"))->who, "station");
  // They are not forgotten, and not tried again at once.
  EXPECT_TRUE(forward(**local, *there, 6, cancel_)->refused.empty());
  EXPECT_EQ(forward(**local, *there, 4'000'000, cancel_)->refused.size(), 2U);
}

TEST_F(OnServer, TwoStationsWithTheSameDeviceCountItOnce) {
  const Folder folder;
  auto there = connect();
  std::vector<std::thread> threads;
  for (int s = 0; s < 4; ++s) {
    const std::string path = folder / fmt::format("{}.db", s);
    const auto records = open_store({path, fmt::format("line{}", s), {kServerTarget}});
    for (int n = 0; n < 25; ++n) {
      Opening open = opening(100 * s + n);
      open.device = device(n);
      ASSERT_TRUE((*records)->open_row(open));
      ASSERT_TRUE((*records)->close_row(open.id, ending(Outcome::pass), kReport));
    }
  }
  std::atomic<int> failed{0};
  for (int s = 0; s < 4; ++s) {
    threads.emplace_back([&, s] {
      auto local = open_sqlite(folder / fmt::format("{}.db", s), Access::write);
      auto server = open_postgres(OnServer::server()->url());
      if (!local || !server || !forward(**local, **server, 0, cancel_)) ++failed;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(summary(*there, {})->all.pass, 100);
  EXPECT_EQ(summary(*there, {})->all.units, 25);
  EXPECT_EQ(summary(*there, {})->all.first_pass, 25);
}

TEST_F(OnServer, OrdersAndAssignmentsAreBroughtToTheStationsRecords) {
  const Folder folder;
  const auto other = station(folder / "b.db", "line1-b", 1, 0);
  // Three jobs at another station, two devices; and one of ours.
  const auto job = [](Store& at, int n, const std::string& of) {
    Opening open = opening(n);
    open.device = of;
    open.order_no = "WO-1";
    ASSERT_TRUE(at.open_row(open));
    ASSERT_TRUE(at.close_row(id(n), ending(Outcome::pass), kReport));
  };
  for (int n = 1; n <= 3; ++n) job(*other, n, device(n == 3 ? 2 : n));
  const auto records = station(folder / "a.db", "line1-a", 1, 0);
  job(*records, 4, device(4));
  auto there = connect();
  auto b = open_sqlite(folder / "b.db", Access::write);
  ASSERT_TRUE(forward(**b, *there, 0, cancel_));
  ASSERT_TRUE(
      there->script("INSERT INTO work_order VALUES('WO-1', 'ab12', 500), ('WO-2', NULL, NULL);"
                    "INSERT INTO assignment VALUES('" +
                    device(9) + "', 'ab12', 'recall 7')"));
  std::mutex mutex;
  std::condition_variable looked;
  int looks = 0;
  std::string problem;
  Forwarder forwarder({.file = folder / "a.db",
                       .server = server()->url(),
                       .station = "line1-a",
                       .now_ms = [] { return std::int64_t{0}; },
                       .told =
                           [&](const Forwarded&, const std::string& said) {
                             const std::lock_guard lock(mutex);
                             ++looks;
                             problem = said;
                             looked.notify_all();
                           }});
  forwarder.work_on("WO-1");
  const auto until = [&](const std::function<bool()>& there_now) {
    std::unique_lock lock(mutex);
    return looked.wait_for(lock, std::chrono::seconds(60), there_now);
  };
  ASSERT_TRUE(until([&] {
    const auto order = records->work_order("WO-1");
    return order && *order && (*order)->elsewhere == 2;
  })) << problem;
  EXPECT_EQ((*records->work_order("WO-1"))->quantity, 500);
  EXPECT_EQ((*records->work_order("WO-1"))->recipe, "ab12");
  EXPECT_EQ((*records->work_order("WO-2"))->quantity, 0);
  EXPECT_EQ(records->history(device(9))->assigned->reason, "recall 7");
  // A device that passed there and here is one, and counts here.
  job(*records, 5, device(1));
  forwarder.kick();
  EXPECT_TRUE(until([&] { return (*records->work_order("WO-1"))->elsewhere == 1; })) << problem;
  // It is taken back there, and here.
  ASSERT_TRUE(there->script("DELETE FROM assignment"));
  forwarder.kick();
  EXPECT_TRUE(until([&] { return !records->history(device(9))->assigned; })) << problem;
}

TEST_F(OnServer, WhatOtherStationsMadeOfADeviceIsKnownHere) {
  const Folder folder;
  auto there = connect();
  const auto other = open_store({folder / "b.db", "line1-b", {kServerTarget}});
  auto b = open_sqlite(folder / "b.db", Access::write);
  const auto job = [&](int n, const std::string& of, Outcome outcome, std::int64_t ended_ms) {
    Opening open = opening(n);
    open.device = of;
    Ending end = ending(outcome, outcome == Outcome::pass ? "" : "timeout");
    end.ended_ms = ended_ms;
    ASSERT_TRUE((*other)->open_row(open));
    ASSERT_TRUE((*other)->close_row(id(n), end, kReport));
    ASSERT_TRUE(forward(**b, *there, 0, cancel_));
  };
  job(1, device(1), Outcome::pass, 500);
  job(2, device(2), Outcome::pass, 500);
  job(3, device(2), Outcome::fail, 600);
  job(4, device(3), Outcome::aborted, 600);
  job(5, "", Outcome::pass, 600);
  const auto records = station(folder / "a.db", "line1-a", 10, 1);
  auto a = open_sqlite(folder / "a.db", Access::write);
  ASSERT_TRUE(forward(**a, *there, 0, cancel_));
  const std::int64_t now =
      number(*there, "SELECT CAST(extract(epoch FROM now()) * 1000 AS BIGINT)");
  ASSERT_TRUE(follow_others(**a, *there, "line1-a", now, cancel_));
  EXPECT_TRUE(records->history(device(1))->elsewhere->passed);
  EXPECT_EQ(records->history(device(1))->elsewhere->station, "line1-b");
  EXPECT_EQ(records->history(device(1))->elsewhere->slot, "A1");
  EXPECT_EQ(records->history(device(1))->elsewhere->recipe, "recipe");
  EXPECT_FALSE(records->history(device(2))->elsewhere->passed);
  EXPECT_FALSE(records->history(device(3))->elsewhere);
  EXPECT_FALSE(records->history(device(10))->elsewhere);  // that was here
  // What comes later is brought the next time, and an older verdict replaces no newer one.
  job(6, device(1), Outcome::fail, 700);
  job(7, device(2), Outcome::pass, 100);
  ASSERT_TRUE(follow_others(**a, *there, "line1-a", now, cancel_));
  EXPECT_FALSE(records->history(device(1))->elsewhere->passed);
  EXPECT_FALSE(records->history(device(2))->elsewhere->passed);
  // The first time only what is not too old.
  const auto late = station(folder / "c.db", "line1-c", 20, 0);
  auto c = open_sqlite(folder / "c.db", Access::write);
  ASSERT_TRUE(follow_others(**c, *there, "line1-c", now + 31LL * 24 * 3'600'000, cancel_));
  EXPECT_FALSE(late->history(device(1))->elsewhere);
}

TEST_F(OnServer, AServerThatIsNotThereIsSaidToBeWithoutAPassword) {
  const auto gone = open_postgres("postgresql://er:geheim@127.0.0.1:1/er?password=geheim");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().id, "records-unreachable");
  EXPECT_THAT(gone.error().message, testing::Not(testing::HasSubstr("geheim")));
  EXPECT_EQ(shown_server("postgresql://er:ge@heim@db.line:5432/er?password=x"),
            "postgresql://db.line:5432/er");
}

// Three stations make a thousand jobs while the server is killed and started again, and again.
TEST_F(OnServer, KilledInTheMiddleOfAThousandJobsItHasEachOnce) {
  const Folder folder;
  constexpr int kStations = 3;
  constexpr int kJobs = 334;
  std::vector<std::string> files;
  for (int s = 0; s < kStations; ++s) files.push_back(folder / fmt::format("{}.db", s));
  std::atomic<int> made{0};
  std::vector<std::thread> threads;
  for (int s = 0; s < kStations; ++s) {
    threads.emplace_back([&, s, file = files[static_cast<std::size_t>(s)]] {
      const auto records = open_store({file, fmt::format("line{}", s), {kServerTarget}});
      ASSERT_TRUE(records);
      std::mutex mutex;
      std::condition_variable sent;
      Forwarder forwarder({.file = file,
                           .server = server()->url(),
                           .station = fmt::format("line{}", s),
                           .now_ms = [] { return std::int64_t{0}; },
                           .told =
                               [&](const Forwarded&, const std::string&) {
                                 const std::lock_guard lock(mutex);
                                 sent.notify_all();
                               }});
      for (int n = 0; n < kJobs; ++n) {
        Opening open = opening(10'000 * s + n);
        ASSERT_TRUE((*records)->open_row(open));
        ASSERT_TRUE((*records)->close_row(open.id, ending(Outcome::pass), kReport));
        forwarder.kick();
        ++made;
      }
      // Until the server has all of it, which is when it is back.
      std::unique_lock lock(mutex);
      while ((*records)->waiting() > 0) {
        forwarder.kick();
        ASSERT_EQ(sent.wait_for(lock, std::chrono::seconds(120)), std::cv_status::no_timeout);
      }
    });
  }
  for (const int moment : {150, 400, 700}) {
    while (made < moment) std::this_thread::yield();
    server()->stop("immediate");
    server()->start();
  }
  for (auto& thread : threads) thread.join();
  auto there = connect();
  EXPECT_EQ(number(*there, "SELECT count(*) FROM job"), kStations * kJobs);
  EXPECT_EQ(number(*there, "SELECT count(*) FROM job_report"), kStations * kJobs);
  EXPECT_THAT(check(*there, cancel_)->problems, ElementsAre());
  EXPECT_EQ(summary(*there, {})->all.units, kStations * kJobs);
  std::map<std::string, std::string> digests;
  for (const Row& row : rows(*there)) digests[row.opening.id] = row.digest;
  for (const std::string& file : files) {
    auto local = open_sqlite(file, Access::read);
    for (const Row& row : rows(**local)) EXPECT_EQ(digests[row.opening.id], row.digest);
  }
}

}  // namespace
}  // namespace records
