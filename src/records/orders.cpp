// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/orders.h"

namespace records {

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
        "SELECT count(DISTINCT coalesce(device, CAST(id AS TEXT))) FROM job WHERE order_no = $1 "
        "AND station <> $2 AND kind = 'work' AND outcome = 'pass'",
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

}  // namespace records
