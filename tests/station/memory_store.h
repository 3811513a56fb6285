// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Records that outlive a station, but not the test. What the rules of the real ones refuse, these
// refuse, too; and they can be made to fail.

#include "records/store.h"

#include <algorithm>
#include <map>
#include <set>

namespace station::test {

class MemoryStore final : public records::Store {
 public:
  std::vector<records::Row> rows;
  std::vector<records::Act> acts;
  std::vector<records::HookRun> hook_runs;
  std::map<std::string, records::Recipe> recipes;
  std::map<std::string, std::string> reports;
  records::Wanted wanted;  // by the server of a hall
  int closed_twice = 0;
  bool fails = false;
  std::uint64_t free = 1'000'000'000'000;

  base::Result<> put_recipe(const records::Recipe& recipe) override {
    recipes.emplace(recipe.id, recipe);
    return {};
  }
  base::Result<> open_row(const records::Opening& opening) override {
    if (fails) return failure();
    if (find(opening.id) != nullptr) {
      return base::make_error(base::Errc::refused, "row-exists", "the id is not new", "");
    }
    records::Row row;
    row.seq = static_cast<std::int64_t>(rows.size()) + 1;
    row.opening = opening;
    rows.push_back(std::move(row));
    return {};
  }
  base::Result<> close_row(const std::string& id, const records::Ending& ending,
                           std::string_view report) override {
    if (fails) return failure();
    records::Row* row = find(id);
    if (row == nullptr || row->ending) {
      ++closed_twice;
      return base::make_error(base::Errc::refused, "row-closed", "no open row has this id", "");
    }
    row->ending = ending;
    if (!ending.device.empty()) row->opening.device = ending.device;
    reports[id] = std::string(report);
    return {};
  }
  base::Result<std::vector<std::string>> close_lost(std::int64_t now_ms) override {
    std::vector<std::string> ids;
    for (records::Row& row : rows) {
      if (row.ending) continue;
      row.ending = records::Ending{};
      row.ending->code = "station-died";
      row.ending->ended_ms = now_ms;
      ids.push_back(row.opening.id);
    }
    return ids;
  }
  base::Result<> add_hook_run(const records::HookRun& run) override {
    hook_runs.push_back(run);
    return {};
  }
  base::Result<> add_act(const records::Act& act) override {
    acts.push_back(act);
    return {};
  }
  base::Result<records::DeviceHistory> history(const std::string& device) override {
    records::DeviceHistory history;
    std::int64_t released_ms = -1;
    for (const records::Act& act : acts) {
      if (act.detail != device || (act.what != "release" && act.what != "hold")) continue;
      history.held = act.what == "hold";
      if (act.what == "release") released_ms = act.at_ms;
    }
    for (const records::Row& row : rows) {
      if (row.opening.device != device || !row.ending) continue;
      if (row.opening.kind != records::Kind::work) continue;
      history.last = row;
      if (row.ending->outcome == records::Outcome::pass) history.fails = 0;
      const bool counts = row.ending->ended_ms > released_ms;
      if (row.ending->outcome == records::Outcome::fail && counts) ++history.fails;
    }
    for (const records::Assignment& one : wanted.assignments) {
      if (one.device == device) history.assigned = one;
    }
    return history;
  }
  base::Result<std::optional<records::Row>> find_row(const std::string& id) override {
    const records::Row* row = find(id);
    return row == nullptr ? std::nullopt : std::optional(*row);
  }
  base::Result<std::string> report_of(const std::string& id) override { return reports[id]; }
  base::Result<std::vector<records::Row>> unannounced(std::int64_t since_ms) override {
    std::vector<records::Row> result;
    for (const records::Row& row : rows) {
      const bool told = std::ranges::any_of(hook_runs, [&](const records::HookRun& run) {
        return run.job == row.opening.id && run.event == "result";
      });
      if (row.ending && row.ending->ended_ms >= since_ms && !told) result.push_back(row);
    }
    return result;
  }
  base::Result<std::vector<records::Row>> recent(std::size_t most) override {
    std::vector<records::Row> result;
    for (auto row = rows.rbegin(); row != rows.rend() && result.size() < most; ++row) {
      if (row->ending) result.push_back(*row);
    }
    return result;
  }
  base::Result<std::vector<records::Row>> ended_since(std::int64_t since_ms) override {
    std::vector<records::Row> result;
    for (const records::Row& row : rows) {
      if (row.ending && row.ending->ended_ms >= since_ms) result.push_back(row);
    }
    return result;
  }
  base::Result<std::optional<records::Act>> last_act(const std::string& what) override {
    const auto found = std::find_if(acts.rbegin(), acts.rend(),
                                    [&](const records::Act& act) { return act.what == what; });
    return found == acts.rend() ? std::nullopt : std::optional(*found);
  }
  base::Result<std::int64_t> passed_of_order(const std::string& order_no) override {
    std::set<std::string> devices;
    for (const records::Row& row : rows) {
      if (row.opening.order_no != order_no || !row.ending) continue;
      if (row.ending->outcome != records::Outcome::pass) continue;
      if (row.opening.kind != records::Kind::work) continue;
      devices.insert(row.opening.device.empty() ? row.opening.id : row.opening.device);
    }
    return static_cast<std::int64_t>(devices.size());
  }
  base::Result<bool> passed_for_order(const std::string& order_no, const std::string& device,
                                      const std::string& job) override {
    return std::ranges::any_of(rows, [&](const records::Row& row) {
      return row.opening.device == device && row.opening.order_no == order_no &&
             row.opening.kind == records::Kind::work && row.opening.id != job && row.ending &&
             row.ending->outcome == records::Outcome::pass;
    });
  }
  base::Result<std::optional<records::WorkOrder>> work_order(const std::string& order_no) override {
    for (const records::WorkOrder& one : wanted.orders) {
      if (one.order_no == order_no) return std::optional(one);
    }
    return std::optional<records::WorkOrder>();
  }
  base::Result<std::optional<std::int64_t>> golden_pass_ms(const std::string& recipe) override {
    std::optional<std::int64_t> last;
    for (const records::Row& row : rows) {
      const bool passed = row.ending && row.ending->outcome == records::Outcome::pass;
      if (row.opening.kind == records::Kind::golden && row.opening.recipe == recipe && passed) {
        last = row.ending->ended_ms;
      }
    }
    return last;
  }
  std::int64_t waiting() override { return 0; }
  base::Result<std::uint64_t> free_space() override { return free; }

  records::Row* find(const std::string& id) {
    const auto found = std::find_if(rows.begin(), rows.end(),
                                    [&](const records::Row& row) { return row.opening.id == id; });
    return found == rows.end() ? nullptr : &*found;
  }

 private:
  static base::Error failure() {
    return base::make_error(base::Errc::bad_file, "records-full", "no space left for the records",
                            "make room");
  }
};

}  // namespace station::test
