// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/orders.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace records {
namespace {

constexpr std::size_t kVerdictsAtOnce = 5000;
constexpr std::int64_t kFirstTimeMs = 30LL * 24 * 3'600'000;
// A row gets its time when its transaction begins, and is seen when that ends.
constexpr std::int64_t kLateMs = 60'000;
constexpr const char* kFollowed = "others_received_ms";

struct Verdict {
  std::string device;
  JudgedElsewhere judged;
};

base::Result<std::vector<Verdict>> verdicts_since(Connection& server, const std::string& station,
                                                  std::int64_t since_ms, std::int64_t& newest_ms) {
  std::vector<Verdict> found;
  TRY(server.run(
      fmt::format("SELECT device, station, slot, recipe, outcome, ended_ms, "
                  "CAST(floor(extract(epoch FROM received_at) * 1000) AS BIGINT) FROM job "
                  "WHERE received_at > to_timestamp(CAST($1 AS DOUBLE PRECISION) / 1000) "
                  "AND station <> $2 AND kind = 'work' AND outcome IN ('pass', 'fail') "
                  "AND device IS NOT NULL ORDER BY received_at LIMIT {}",
                  kVerdictsAtOnce),
      {since_ms, station}, [&](const Answer& answer) {
        found.push_back({answer.text(0),
                         {answer.text(1), answer.text(2), answer.text(3), answer.text(4) == "pass",
                          answer.integer(5)}});
        newest_ms = answer.integer(6);
        return true;
      }));
  return found;
}

base::Result<> keep_verdicts(Connection& local, const std::vector<Verdict>& verdicts,
                             std::int64_t followed_ms) {
  TRY_ASSIGN(Transaction change, Transaction::begin(local));
  for (const Verdict& one : verdicts) {
    TRY(
        local.run("INSERT INTO judged_elsewhere(device, station, slot, recipe, passed, ended_ms) "
                  "VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT(device) DO UPDATE SET "
                  "station = excluded.station, slot = excluded.slot, recipe = excluded.recipe, "
                  "passed = excluded.passed, ended_ms = excluded.ended_ms "
                  "WHERE excluded.ended_ms >= judged_elsewhere.ended_ms",
                  {one.device, one.judged.station, one.judged.slot, one.judged.recipe,
                   std::int64_t{one.judged.passed}, one.judged.ended_ms}));
  }
  TRY(
      local.run("INSERT INTO meta(key, value) VALUES($1, $2) "
                "ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                {std::string(kFollowed), fmt::format("{}", followed_ms)}));
  return change.commit();
}

}  // namespace

base::Result<Wanted> wanted(Connection& server, const std::string& station,
                            const std::string& order) {
  Wanted found;
  TRY(server.run("SELECT device, recipe, reason FROM assignment ORDER BY device", {},
                 [&](const Answer& answer) {
                   found.assignments.push_back({answer.text(0), answer.text(1), answer.text(2)});
                   return true;
                 }));
  TRY(server.run("SELECT order_no, recipe, quantity FROM work_order ORDER BY order_no", {},
                 [&](const Answer& answer) {
                   found.orders.push_back({answer.text(0), answer.text(1), answer.integer(2), 0});
                   return true;
                 }));
  for (WorkOrder& one : found.orders) {
    if (order.empty() || one.order_no != order) continue;
    TRY(server.run(
        "WITH passed AS (SELECT station, coalesce(device, CAST(id AS TEXT)) AS one FROM job "
        "WHERE order_no = $1 AND kind = 'work' AND outcome = 'pass') "
        "SELECT count(DISTINCT one) FROM passed WHERE station <> $2 AND one NOT IN "
        "(SELECT one FROM passed WHERE station = $2)",
        {order, station}, [&](const Answer& answer) {
          one.elsewhere = answer.integer(0);
          return true;
        }));
  }
  return found;
}

base::Result<> keep_wanted(Connection& local, const Wanted& wanted) {
  TRY_ASSIGN(Transaction change, Transaction::begin(local));
  TRY(local.run("DELETE FROM assignment"));
  TRY(local.run("DELETE FROM work_order"));
  for (const Assignment& one : wanted.assignments) {
    TRY(local.run("INSERT INTO assignment(device, recipe, reason) VALUES($1, $2, $3)",
                  {one.device, one.recipe, text_or_null(one.reason)}));
  }
  for (const WorkOrder& one : wanted.orders) {
    TRY(local.run(
        "INSERT INTO work_order(order_no, recipe, quantity, elsewhere) VALUES($1, $2, $3, $4)",
        {one.order_no, text_or_null(one.recipe), one.quantity, one.elsewhere}));
  }
  return change.commit();
}

base::Result<std::optional<Assignment>> assignment_of(Connection& local,
                                                      const std::string& device) {
  std::optional<Assignment> found;
  TRY(local.run("SELECT device, recipe, reason FROM assignment WHERE device = $1", {device},
                [&](const Answer& answer) {
                  found = Assignment{answer.text(0), answer.text(1), answer.text(2)};
                  return true;
                }));
  return found;
}

base::Result<std::optional<WorkOrder>> work_order_of(Connection& local,
                                                     const std::string& order_no) {
  std::optional<WorkOrder> found;
  TRY(local.run(
      "SELECT order_no, recipe, quantity, elsewhere FROM work_order WHERE order_no = $1",
      {order_no}, [&](const Answer& answer) {
        found = WorkOrder{answer.text(0), answer.text(1), answer.integer(2), answer.integer(3)};
        return true;
      }));
  return found;
}

base::Result<> follow_others(Connection& local, Connection& server, const std::string& station,
                             std::int64_t now_ms, const base::CancelToken& cancel) {
  std::int64_t since_ms = now_ms - kFirstTimeMs;
  TRY(local.run("SELECT value FROM meta WHERE key = $1", {std::string(kFollowed)},
                [&](const Answer& answer) {
                  since_ms = answer.integer(0);
                  return true;
                }));
  while (!cancel.requested()) {
    std::int64_t newest_ms = since_ms;
    TRY_ASSIGN(const std::vector<Verdict> verdicts,
               verdicts_since(server, station, since_ms, newest_ms));
    const bool more = verdicts.size() == kVerdictsAtOnce;
    // Those that may still come late are asked for again.
    const std::int64_t next_ms = more ? newest_ms : std::max(since_ms, newest_ms - kLateMs);
    if (!verdicts.empty()) TRY(keep_verdicts(local, verdicts, next_ms));
    since_ms = next_ms;
    if (!more) break;
  }
  return {};
}

base::Result<std::optional<JudgedElsewhere>> judged_elsewhere(Connection& local,
                                                              const std::string& device) {
  std::optional<JudgedElsewhere> found;
  TRY(local.run(
      "SELECT station, slot, recipe, passed, ended_ms FROM judged_elsewhere WHERE device = $1",
      {device}, [&](const Answer& answer) {
        found = JudgedElsewhere{answer.text(0), answer.text(1), answer.text(2),
                                answer.integer(3) != 0, answer.integer(4)};
        return true;
      }));
  return found;
}

}  // namespace records
