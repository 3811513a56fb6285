// SPDX-License-Identifier: GPL-3.0-or-later
#include "board/router.h"

#include "board_page/fixture.h"
#include "records/fixture.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace board {
namespace {

using records_test::ending;
using records_test::Folder;
using records_test::id;
using records_test::opening;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

class Desk : public testing::Test {
 protected:
  Desk() {
    feed_.on_status(board_test::shared(board_test::status(2)));
    records_ = records_test::store(db_);
    EXPECT_TRUE(records_->open_row(opening(1)));
    auto end = ending(records::Outcome::fail, "timeout");
    end.message = board_test::kMarkup;
    EXPECT_TRUE(records_->close_row(id(1), end, records_test::kReport));
  }
  Response ask(const std::string& path, const std::string& method = "GET") {
    Request request = good(path, method);
    return router_.answer(request);
  }
  static Request good(const std::string& path, const std::string& method = "GET") {
    Request request;
    request.method = method;
    request.path = path;
    request.host = "127.0.0.1:8080";
    if (method == "POST") {
      request.guard = "1";
      request.authorization = "Bearer open sesame";
    }
    return request;
  }
  static nlohmann::json json(const Response& response) {
    return nlohmann::json::parse(response.body);
  }
  static std::string error(const Response& response) { return json(response)["error"]["code"]; }

  Folder folder_;
  std::string db_ = folder_ / "station.db";
  std::unique_ptr<records::Store> records_;
  base::RealClock clock_;
  Feed feed_{clock_, 4};
  Router router_{{hosts_of("127.0.0.1", false, 8080, {"bench.line"}), "open sesame"},
                 feed_,
                 [this] { return records::open_sqlite(db_, records::Access::read); }};
};

TEST_F(Desk, ServesThePagesAndWhatTheyNeed) {
  for (const char* path : {"/", "/lead", "/job/abc"}) {
    EXPECT_THAT(ask(path).body, HasSubstr("<!doctype html>")) << path;
    EXPECT_THAT(ask(path).type, HasSubstr("text/html"));
  }
  for (const char* path :
       {"/board.css", "/board.js", "/lead.js", "/job.js", "/sound.js", "/state.js", "/worker.js"}) {
    EXPECT_EQ(ask(path).status, 200) << path;
    EXPECT_THAT(ask("/").body + ask("/board.js").body, HasSubstr(path));
  }
  EXPECT_THAT(ask("/").headers,
              Contains(Pair("Content-Security-Policy", HasSubstr("default-src 'self'"))));
  // A policy like that would forbid them.
  EXPECT_THAT(ask("/").body, Not(HasSubstr("onclick")));
  EXPECT_THAT(ask("/").body, Not(HasSubstr("style=")));
}

TEST_F(Desk, NothingLiesBesideThePages) {
  for (const char* path :
       {"/../station.toml", "/..%2f", "/etc/passwd", "//", "/board.css/", "/job/", "/job/a/b",
        "/api", "/api/jobs/", "/api/jobs/a/b", "", "board.css"}) {
    EXPECT_EQ(ask(path).status, 404) << path;
  }
}

TEST_F(Desk, ShowsStateJobsSumsAndCsv) {
  EXPECT_EQ(json(ask("/api/state"))["rows"], 4);
  EXPECT_EQ(json(ask("/api/state"))["stations"][0]["slots"].size(), 2U);
  EXPECT_EQ(json(ask("/api/jobs"))["jobs"][0]["code"], "timeout");
  const auto job = json(ask("/api/jobs/" + id(1)));
  EXPECT_EQ(job["job"]["message"], board_test::kMarkup);
  EXPECT_EQ(job["report"]["seconds"], 9.25);
  EXPECT_EQ(ask("/api/jobs/" + id(2)).status, 404);
  EXPECT_EQ(json(ask("/api/summary"))["summary"]["fail"], 1);
  EXPECT_THAT(ask("/api/export.csv").body, HasSubstr("timeout"));
  Request later = good("/api/jobs");
  later.query["since"] = "1800000000000";
  EXPECT_EQ(json(router_.answer(later))["jobs"].size(), 0U);
  EXPECT_TRUE(ask("/events").is_stream);
}

TEST_F(Desk, AnswersOnlyToItsOwnNames) {
  Request request = good("/");
  for (const char* host :
       {"127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "bench.line", "bench.line:8080"}) {
    request.host = host;
    EXPECT_EQ(router_.answer(request).status, 200) << host;
  }
  for (const char* host : {"evil.example", "evil.example:8080", "127.0.0.1", "127.0.0.1:80",
                           "127.0.0.1:8080.evil.example", "", "bench.line.evil.example"}) {
    request.host = host;
    EXPECT_EQ(router_.answer(request).status, 421) << host;
  }
  request.host.reset();
  EXPECT_EQ(router_.answer(request).status, 421);
}

TEST_F(Desk, NothingIsChangedWithoutHeaderAndToken) {
  Request request = good("/api/unlock", "POST");
  ASSERT_TRUE(router_.answer(request).command);
  request.guard.clear();
  EXPECT_EQ(error(router_.answer(request)), "no-guard");
  EXPECT_FALSE(router_.answer(request).command);
  request = good("/api/unlock", "POST");
  for (const char* wrong : {"", "Bearer ", "Bearer open", "Bearer open sesame ",
                            "Bearer Open sesame", "Basic open sesame", "open sesame"}) {
    request.authorization = wrong;
    EXPECT_EQ(router_.answer(request).status, 401) << wrong;
    EXPECT_FALSE(router_.answer(request).command);
  }
  const Router tokenless({hosts_of("127.0.0.1", false, 8080, {}), ""}, feed_, {});
  request.authorization = "Bearer ";
  EXPECT_EQ(error(tokenless.answer(request)), "no-token-file");
  request = good("/api/unlock", "POST");
  request.host = "evil.example";
  EXPECT_EQ(router_.answer(request).status, 421);
  request = good("/api/unlock", "POST");
  request.body = std::string(kMostBody + 1, 'x');
  EXPECT_EQ(router_.answer(request).status, 413);
  EXPECT_EQ(ask("/api/unlock").status, 404);
  for (const char* method : {"PUT", "DELETE", "OPTIONS", "TRACE", "BREW"}) {
    EXPECT_EQ(ask("/api/unlock", method).status, 405) << method;
  }
}

TEST_F(Desk, KnowsTheActsOfALead) {
  using What = station::Command::What;
  const auto command = [&](const std::string& path) {
    const auto found = ask(path, "POST").command;
    return found ? std::pair(found->what, found->subject) : std::pair(What::unlock, "none");
  };
  EXPECT_EQ(command("/api/slots/A1/again"), std::pair(What::again, std::string("A1")));
  EXPECT_EQ(command("/api/slots/A1/off"), std::pair(What::slot_off, std::string("A1")));
  EXPECT_EQ(command("/api/slots/A1/on"), std::pair(What::slot_on, std::string("A1")));
  EXPECT_EQ(command("/api/release/3a00"), std::pair(What::release, std::string("3a00")));
  EXPECT_EQ(command("/api/unlock"), std::pair(What::unlock, std::string()));
  EXPECT_EQ(command("/api/drain"), std::pair(What::drain, std::string()));
  for (const char* path :
       {"/api/slots/A1/explode", "/api/slots//on", "/api/slots/on", "/api/slots/",
        "/api/slots/A/1/on", "/api/", "/", "/events", "/api/jobs"}) {
    EXPECT_EQ(ask(path, "POST").status, 404) << path;
  }
}

TEST_F(Desk, RecordsThatCannotBeReadAreSaidToBe) {
  const Router without({hosts_of("127.0.0.1", false, 8080, {}), ""}, feed_, {});
  const Response response = without.answer(good("/api/jobs"));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(error(response), "no-records");
}

TEST(IsSameSecret, ComparesAllOfIt) {
  EXPECT_TRUE(is_same_secret("abc", "abc"));
  EXPECT_FALSE(is_same_secret("abc", "abd"));
  EXPECT_FALSE(is_same_secret("ab", "abab"));
  EXPECT_FALSE(is_same_secret("abab", "ab"));
  EXPECT_FALSE(is_same_secret("", "ab"));
  EXPECT_FALSE(is_same_secret("ab", ""));
}

}  // namespace
}  // namespace board
