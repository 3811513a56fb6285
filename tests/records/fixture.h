// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/files.h"
#include "records/query.h"
#include "records/sqlite_connection.h"
#include "records/sqlite_store.h"
#include "support/own_folder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace records_test {

// A folder of the test's own, removed at its end.
class Folder {
 public:
  Folder() : path_(test_support::own_folder("er-records-")) {}
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The id of the n-th job of a test.
inline std::string id(int n) { return fmt::format("00000000-0000-4000-8000-{:012x}", n); }
inline std::string device(int n) { return fmt::format("3a0041000a{:014x}", n); }

inline records::Opening opening(int n, std::int64_t started_ms = 1'700'000'000'000) {
  records::Opening opening;
  opening.id = id(n);
  opening.slot = "A1";
  opening.recipe = "recipe";
  opening.device = device(n);
  opening.identity_by = records::IdentityBy::descriptor;
  opening.started_ms = started_ms;
  opening.boot = "boot";
  opening.clock_is_sure = true;
  opening.tool = "0.1.0";
  return opening;
}

inline records::Ending ending(records::Outcome outcome, const std::string& code = {}) {
  records::Ending ending;
  ending.outcome = outcome;
  ending.code = code;
  ending.message = code.empty() ? std::string() : "because of " + code;
  ending.ended_ms = 1'700'000'009'000;
  ending.seconds = 9.5;
  ending.imei = "357520070000000";
  ending.bytes_written = 324'532;
  ending.bytes_verified = 324'532;
  return ending;
}

inline const char* kReport = R"({"schema": 1, "ok": true, "seconds": 9.25, "device": {"id": "x"}})";

inline std::unique_ptr<records::Store> store(const std::string& path,
                                             std::vector<std::string> targets = {}) {
  auto opened = records::open_store({path, "line1-a", std::move(targets)});
  EXPECT_TRUE(opened) << opened.error().message;
  return opened ? std::move(*opened) : nullptr;
}

inline std::unique_ptr<records::Connection> reader(const std::string& path) {
  auto opened = records::open_sqlite(path, records::Access::read);
  EXPECT_TRUE(opened) << opened.error().message;
  return opened ? std::move(*opened) : nullptr;
}

// Every row, oldest first.
inline std::vector<records::Row> rows(records::Connection& connection,
                                      const records::Filter& filter = {}) {
  std::vector<records::Row> found;
  const auto done = records::each_row(connection, filter, 0, [&](const records::Row& row) {
    found.insert(found.begin(), row);
    return true;
  });
  EXPECT_TRUE(done) << done.error().message;
  return found;
}

inline std::int64_t number(records::Connection& connection, const std::string& sql) {
  std::int64_t found = -1;
  const auto done = connection.run(sql, {}, [&](const records::Answer& answer) {
    found = answer.integer(0);
    return true;
  });
  EXPECT_TRUE(done) << done.error().message;
  return found;
}

}  // namespace records_test
