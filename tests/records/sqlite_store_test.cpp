// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/exchange.h"
#include "records/fixture.h"
#include "records/row_json.h"
#include "records/schema.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace records {
namespace {

using records_test::device;
using records_test::ending;
using records_test::Folder;
using records_test::id;
using records_test::kReport;
using records_test::number;
using records_test::opening;
using records_test::reader;
using records_test::rows;
using records_test::store;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(SqliteStore, ARowIsOpenUntilItIsClosedAndThenHoldsWhatBothSaid) {
  const Folder folder;
  const auto records = store(folder / "station.db");
  ASSERT_TRUE(records->open_row(opening(1)));
  auto beside = reader(folder / "station.db");
  ASSERT_EQ(rows(*beside).size(), 1U);
  EXPECT_FALSE(rows(*beside).front().ending);
  Ending end = ending(Outcome::fail, "verify-mismatch");
  end.device = device(7);  // told in listening mode: better than the serial string
  end.identity_by = IdentityBy::listening;
  end.continuous = false;
  end.order_no = "WO-1182";
  ASSERT_TRUE(records->close_row(id(1), end, kReport));
  const Row row = rows(*beside).front();
  ASSERT_TRUE(row.ending);
  EXPECT_EQ(row.seq, 1);
  EXPECT_EQ(row.opening.station, "line1-a");
  EXPECT_EQ(row.opening.device, device(7));
  EXPECT_EQ(row.opening.identity_by, IdentityBy::listening);
  EXPECT_EQ(row.opening.order_no, "WO-1182");
  EXPECT_EQ(row.ending->outcome, Outcome::fail);
  EXPECT_EQ(row.ending->code, "verify-mismatch");
  EXPECT_EQ(row.ending->continuous, false);
  EXPECT_EQ(row.ending->seconds, 9.5);
  EXPECT_EQ(row.ending->bytes_written, 324'532);
  EXPECT_TRUE(row.opening.clock_is_sure);
  const auto report = report_of(*beside, id(1));
  ASSERT_TRUE(report);
  EXPECT_EQ(*report, R"({"schema":1,"ok":true,"seconds":9.25,"device":{"id":"x"}})");
  EXPECT_EQ(row.digest, digest_of(row, *report));
}

TEST(SqliteStore, NothingIsClosedTwiceOrWithoutHavingBeenOpened) {
  const Folder folder;
  const auto records = store(folder / "station.db");
  ASSERT_TRUE(records->open_row(opening(1)));
  ASSERT_TRUE(records->close_row(id(1), ending(Outcome::fail, "timeout"), kReport));
  const auto again = records->close_row(id(1), ending(Outcome::pass), kReport);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().id, "row-closed");
  EXPECT_FALSE(records->close_row(id(2), ending(Outcome::pass), kReport));
  auto beside = reader(folder / "station.db");
  ASSERT_EQ(rows(*beside).size(), 1U);
  EXPECT_EQ(rows(*beside).front().ending->outcome, Outcome::fail);
  // Nor is anything opened twice under one id.
  EXPECT_FALSE(records->open_row(opening(1)));
  EXPECT_EQ(rows(*beside).size(), 1U);
}

TEST(SqliteStore, WhatWasOpenWhenTheProgramDiedIsLost) {
  const Folder folder;
  {
    const auto died = store(folder / "station.db", {"postgresql"});
    ASSERT_TRUE(died->open_row(opening(1)));
    ASSERT_TRUE(died->open_row(opening(2)));
    ASSERT_TRUE(died->close_row(id(1), ending(Outcome::pass), kReport));
  }
  const auto records = store(folder / "station.db", {"postgresql"});
  const auto lost = records->close_lost(1'700'000'100'000);
  ASSERT_TRUE(lost);
  EXPECT_THAT(*lost, ElementsAre(id(2)));
  auto beside = reader(folder / "station.db");
  const auto found = rows(*beside);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].ending->outcome, Outcome::pass);
  EXPECT_EQ(found[1].ending->outcome, Outcome::lost);
  EXPECT_EQ(found[1].ending->code, "station-died");
  EXPECT_EQ(found[1].ending->ended_ms, 1'700'000'100'000);
  EXPECT_EQ(found[1].digest, digest_of(found[1], ""));
  EXPECT_EQ(records->waiting(), 2);
  const auto act = records->last_act("lost");
  ASSERT_TRUE(act && *act);
  EXPECT_THAT((*act)->detail, HasSubstr("1 jobs were open"));
  EXPECT_TRUE(records->close_lost(1'700'000'200'000)->empty());
}

TEST(SqliteStore, OneStationAtATimeHasTheFile) {
  const Folder folder;
  const auto records = store(folder / "station.db");
  const auto second = open_store({folder / "station.db", "line1-b"});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().id, "records-in-use");
  EXPECT_EQ(second.error().code, base::Errc::busy);
}

TEST(SqliteStore, ThreeFailsSinceTheLastPassOrReleaseAreCounted) {
  const Folder folder;
  const auto records = store(folder / "station.db");
  int n = 0;
  const auto job = [&](Outcome outcome, const char* code = "") {
    Opening open = opening(++n);
    open.device = device(1);
    ASSERT_TRUE(records->open_row(open));
    ASSERT_TRUE(records->close_row(id(n), ending(outcome, code), kReport));
  };
  job(Outcome::fail, "timeout");
  job(Outcome::pass);
  job(Outcome::fail, "timeout");
  job(Outcome::aborted, "pulled");
  job(Outcome::lost, "hub");
  job(Outcome::fail, "timeout");
  EXPECT_EQ(records->history(device(1))->fails, 2);
  EXPECT_EQ(records->history(device(1))->last->opening.id, id(6));
  EXPECT_EQ(records->history(device(2))->fails, 0);
  EXPECT_FALSE(records->history(device(2))->last);
  // The clock has been set back: it is the order that counts.
  ASSERT_TRUE(records->add_act({5, "ana", "release", device(1)}));
  EXPECT_EQ(records->history(device(1))->fails, 0);
  job(Outcome::fail, "timeout");
  EXPECT_EQ(records->history(device(1))->fails, 1);
}

TEST(SqliteStore, ADeviceIsHeldFromAHoldToTheNextRelease) {
  const Folder folder;
  {
    const auto records = store(folder / "station.db");
    EXPECT_FALSE(records->history(device(1))->held);
    ASSERT_TRUE(records->add_act({9, "ana", "hold", device(1)}));
    EXPECT_TRUE(records->history(device(1))->held);
    EXPECT_FALSE(records->history(device(2))->held);
  }
  // The next run of the station knows it, too; and the order counts, not the clock.
  const auto records = store(folder / "station.db");
  EXPECT_TRUE(records->history(device(1))->held);
  ASSERT_TRUE(records->add_act({5, "ana", "release", device(1)}));
  EXPECT_FALSE(records->history(device(1))->held);
  ASSERT_TRUE(records->add_act({5, "ana", "hold", device(1)}));
  EXPECT_TRUE(records->history(device(1))->held);
}

TEST(SqliteStore, WhatTheServerWantsIsKeptAndReplacedWhole) {
  const Folder folder;
  const auto records = store(folder / "station.db");
  EXPECT_FALSE(records->history(device(1))->assigned);
  EXPECT_FALSE(*records->work_order("WO-1"));
  auto beside = open_sqlite(folder / "station.db", Access::write);
  ASSERT_TRUE(beside);
  const Wanted first{{{device(1), "ab12", "recall 7"}}, {{"WO-1", "ab12", 500, 20}}};
  ASSERT_TRUE(keep_wanted(**beside, first));
  EXPECT_EQ(records->history(device(1))->assigned, first.assignments.front());
  EXPECT_EQ(*records->work_order("WO-1"), first.orders.front());
  ASSERT_TRUE(keep_wanted(**beside, {{}, {{"WO-2", "", 5, 0}}}));
  EXPECT_FALSE(records->history(device(1))->assigned);
  EXPECT_FALSE(*records->work_order("WO-1"));
  EXPECT_EQ((*records->work_order("WO-2"))->quantity, 5);
}

TEST(SqliteStore, AClockThatWasSetBackChangesNoOrderAndLosesNothing) {
  const Folder folder;
  const auto records = store(folder / "station.db");
  for (int n = 1; n <= 20; ++n) {
    Opening open = opening(n, 1'700'000'000'000 - n * 3'600'000LL);
    open.device = device(1);
    ASSERT_TRUE(records->open_row(open));
    Ending end = ending(n == 20 ? Outcome::pass : Outcome::fail, n == 20 ? "" : "timeout");
    end.ended_ms = open.started_ms - 1;  // it was set back in the middle of each job
    ASSERT_TRUE(records->close_row(id(n), end, kReport));
  }
  const auto newest = records->recent(2);
  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->at(0).opening.id, id(20));
  EXPECT_EQ(newest->at(1).opening.id, id(19));
  EXPECT_EQ(records->history(device(1))->last->opening.id, id(20));
  auto beside = reader(folder / "station.db");
  EXPECT_EQ(rows(*beside).size(), 20U);
  const base::CancelToken cancel;
  EXPECT_THAT(check(*beside, cancel)->problems, ElementsAre());
  const auto sums = summary(*beside, {});
  ASSERT_TRUE(sums);
  EXPECT_EQ(sums->all.fail, 19);
  EXPECT_EQ(sums->all.pass, 1);
  EXPECT_EQ(sums->all.units, 1);
  EXPECT_EQ(sums->all.first_pass, 0);
}

TEST(SqliteStore, AnOrderIsCompleteByDevicesNotByJobs) {
  const Folder folder;
  const auto records = store(folder / "station.db");
  const auto job = [&](int n, const std::string& of, Kind kind) {
    Opening open = opening(n);
    open.device = of;
    open.order_no = "WO-1";
    open.kind = kind;
    ASSERT_TRUE(records->open_row(open));
    ASSERT_TRUE(records->close_row(id(n), ending(Outcome::pass), kReport));
  };
  job(1, device(1), Kind::work);
  job(2, device(1), Kind::work);
  job(3, device(2), Kind::work);
  job(4, "", Kind::work);
  job(5, "", Kind::work);
  job(6, device(3), Kind::golden);
  EXPECT_EQ(records->passed_of_order("WO-1"), 4);
  EXPECT_EQ(records->passed_of_order("WO-2"), 0);
  EXPECT_EQ(records->passed_for_order("WO-1", device(1), id(2)), true);
  EXPECT_EQ(records->passed_for_order("WO-1", device(2), id(3)), false);
  EXPECT_EQ(records->passed_for_order("WO-1", device(3), id(9)), false);  // a golden unit's
  EXPECT_EQ(records->passed_for_order("WO-2", device(1), id(9)), false);
  EXPECT_EQ(records->golden_pass_ms("recipe"), std::optional<std::int64_t>(1'700'000'009'000));
  EXPECT_EQ(records->golden_pass_ms("another"), std::nullopt);
}

TEST(SqliteStore, HooksRecipesAndActsAreKept) {
  const Folder folder;
  const auto records = store(folder / "station.db");
  Recipe recipe{"ab12", "2.3.1", R"({"target":"2.3.1"})", 5, {{"system-part", 1, 1512, 9, "ff"}}};
  ASSERT_TRUE(records->put_recipe(recipe));
  recipe.target = "0.5.5";  // what is there already stays
  ASSERT_TRUE(records->put_recipe(recipe));
  Opening open = opening(1);
  open.recipe = "ab12";
  ASSERT_TRUE(records->open_row(open));
  ASSERT_TRUE(records->add_hook_run({id(1), "before", 1, 0, 0.25, "go on", R"({"shift": "b"})"}));
  ASSERT_TRUE(records->add_hook_run({id(1), "result", 1, std::nullopt, 10.0, "no answer", ""}));
  EXPECT_FALSE(records->add_hook_run({id(1), "result", 1, 0, 10.0, "", ""}));
  ASSERT_TRUE(records->close_row(id(1), ending(Outcome::pass), kReport));
  auto beside = reader(folder / "station.db");
  const auto entry = read_entry(*beside, id(1));
  ASSERT_TRUE(entry);
  ASSERT_EQ(entry->hooks.size(), 2U);
  EXPECT_EQ(entry->hooks[0].fields, R"({"shift":"b"})");
  EXPECT_EQ(entry->hooks[1].exit_code, std::nullopt);
  ASSERT_TRUE(entry->recipe);
  EXPECT_EQ(entry->recipe->target, "2.3.1");
  EXPECT_EQ(entry->recipe->files.size(), 1U);
}

TEST(SqliteStore, TextsOfADeviceAreStoredAsWhatTheyAre) {
  const Folder folder;
  const auto records = store(folder / "station.db");
  Opening open = opening(1);
  open.operator_name = "Robert'); DROP TABLE job;--";
  ASSERT_TRUE(records->open_row(open));
  Ending end = ending(Outcome::fail, "protocol");
  end.message = std::string("<b>\xFF\x01 $1 \0 end", 14);
  ASSERT_TRUE(records->close_row(id(1), end, R"({"text": "a\u0000b<script>"})"));
  auto beside = reader(folder / "station.db");
  const Row row = rows(*beside).front();
  EXPECT_EQ(row.opening.operator_name, "Robert'); DROP TABLE job;--");
  EXPECT_EQ(row.ending->message, "<b>?? $1 ? end");
  EXPECT_EQ(*report_of(*beside, id(1)), R"({"text":"ab<script>"})");
  EXPECT_EQ(row.digest, digest_of(row, *report_of(*beside, id(1))));
}

TEST(Schema, NewerTablesAreRefusedAndOlderOnesBroughtUpToDate) {
  const Folder folder;
  {
    auto fresh = open_sqlite(folder / "station.db", Access::create);
    ASSERT_TRUE(fresh);
    EXPECT_EQ(check_schema(**fresh).error().id, "schema-older");
    EXPECT_EQ(*migrate(**fresh), 0);
    EXPECT_EQ(*migrate(**fresh), newest_schema());
    EXPECT_TRUE(check_schema(**fresh));
    ASSERT_TRUE((*fresh)->run("UPDATE meta SET value = '99' WHERE key = 'schema'"));
  }
  const auto refused = open_store({folder / "station.db", "line1-a"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().id, "schema-newer");
  EXPECT_EQ(refused.error().code, base::Errc::refused);
}

TEST(Schema, TheFirstFormIsBroughtUpToDateWithAllItsRows) {
  const Folder folder;
  { ASSERT_TRUE(store(folder / "station.db")->open_row(opening(1))); }
  {
    auto old = open_sqlite(folder / "station.db", Access::write);
    ASSERT_TRUE((*old)->script(
        "DROP TABLE work_order; DROP TABLE assignment; DROP TABLE judged_elsewhere"));
    ASSERT_TRUE((*old)->run("UPDATE meta SET value = '1' WHERE key = 'schema'"));
    EXPECT_EQ(check_schema(**old).error().id, "schema-older");
  }
  const auto records = store(folder / "station.db");
  ASSERT_NE(records, nullptr);
  EXPECT_FALSE(*records->work_order("WO-1"));
  auto beside = reader(folder / "station.db");
  EXPECT_EQ(*schema_of(*beside), newest_schema());
  EXPECT_EQ(rows(*beside).size(), 1U);
}

TEST(SqliteConnection, SaysWhatIsWrongWithAFile) {
  const Folder folder;
  EXPECT_EQ(open_sqlite(folder / "none.db", Access::read).error().id, "no-records");
  ASSERT_TRUE(base::write_file(folder / "text.db", base::as_bytes(std::string(5000, 'x')),
                               base::Privacy::normal));
  const auto damaged = open_store({folder / "text.db", "line1-a"});
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().id, "records-damaged");
}

TEST(SqliteConnection, WhoReadsWritesNothing) {
  const Folder folder;
  const auto records = store(folder / "station.db");
  auto beside = reader(folder / "station.db");
  EXPECT_FALSE(beside->run("DELETE FROM meta"));
}

}  // namespace
}  // namespace records
