// SPDX-License-Identifier: GPL-3.0-or-later
//
// Every answer of the vendor's interface, in the shape in which it was recorded.
#include "fleet.h"

#include <array>

namespace sim::cloud::test {
namespace {

constexpr std::uint32_t kProduct = 1234;
const std::string kList = "/v1/products/1234/devices";

Options product_fleet(std::size_t count) {
  Options options = *make_fleet({"0.5.3"}, count, "0.6.4");
  options.products.push_back({kProduct, "my-product", "My product", 10, false});
  for (DeviceOptions& device : options.devices) {
    device.product = kProduct;
    device.owned = false;
  }
  return options;
}

// --- tokens ---

TEST(CloudApi, AsksForATokenAndKnowsAWrongOne) {
  Fleet fleet(one("0.5.3"));
  const Answer none = fleet.cloud->handle({"GET", "/v1/devices", {}, {}});
  EXPECT_EQ(none.status, 400);
  EXPECT_EQ(none.body,
            R"({"error":"invalid_request","error_description":"The access token was not found"})");
  const Answer wrong = fleet.cloud->handle({"GET", "/v1/devices?access_token=00", {}, {}});
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(
      wrong.body,
      R"({"error":"invalid_token","error_description":"The access token provided is invalid."})");
}

TEST(CloudApi, TakesATokenInTheHeaderAndInTheQuery) {
  Fleet fleet(one("0.5.3"));
  EXPECT_EQ(fleet.get("/v1/devices").status, 200);
  const std::string query = "/v1/devices?access_token=" + std::string(kUsualToken);
  EXPECT_EQ(fleet.cloud->handle({"GET", query, {}, {}}).status, 200);
}

TEST(CloudApi, ATokenExpiresAfterSoManyAnswers) {
  Options options = one("0.5.3");
  options.tokens[0].answers = 2;
  Fleet fleet(options);
  EXPECT_EQ(fleet.get("/v1/devices").status, 200);
  EXPECT_EQ(fleet.flash(110, 3).status, 200);
  const Answer over = fleet.flash(110, 1);
  EXPECT_EQ(over.status, 401);
  EXPECT_NE(over.body.find("has expired"), std::string::npos);
}

TEST(CloudApi, AMissingScopeIsTheTextForApiUsers) {
  Options options = one("0.5.3");
  options.tokens[0].scopes = {"devices:get", "devices:update"};
  Fleet fleet(options);
  EXPECT_EQ(fleet.get("/v1/devices/" + kDevice).status, 200);
  const Answer ping = fleet.put("/v1/devices/" + kDevice + "/ping", "{}");
  EXPECT_EQ(ping.status, 400);
  EXPECT_EQ(ping.body, R"({"error":"unauthorized","error_description":"API users are not )"
                       R"(allowed to call this endpoint"})");
  EXPECT_EQ(fleet.get("/v1/devices").status, 400);
  EXPECT_EQ(fleet.get("/v1/devices/events").status, 400);
}

TEST(CloudApi, TellsOfTheTokenAndRevokesIt) {
  Fleet fleet(one("0.5.3"));
  const Answer about = fleet.get("/v1/access_tokens/current");
  EXPECT_EQ(about.body, R"({"expires_at":null,"client":"particle","scopes":[],"orgs":[]})");
  EXPECT_EQ(fleet.cloud->handle(Fleet::request("DELETE", "/v1/access_tokens/current")).body,
            R"({"ok":true})");
  EXPECT_EQ(fleet.get("/v1/devices").status, 401);
}

TEST(CloudApi, LogsInWhoIsKnownAndNobodyElse) {
  Options options = one("0.5.3");
  options.username = "user@example.com";
  options.password = "secret";
  Fleet fleet(options);
  Request request{"POST", "/oauth/token", {}, {}};
  request.body =
      "username=user%40example.com&password=secret&grant_type=password&client_id=particle-api&"
      "client_secret=particle-api&expires_in=3600";
  const Json token = Json::parse(fleet.cloud->handle(request).body);
  EXPECT_EQ(token["token_type"], "bearer");
  EXPECT_EQ(token["access_token"], kUsualToken);
  EXPECT_EQ(token["expires_in"], 7776000);
  request.body = "username=user%40example.com&password=wrong&grant_type=password";
  const Answer wrong = fleet.cloud->handle(request);
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.body,
            R"({"error":"invalid_grant","error_description":"User credentials are invalid"})");
}

// --- reading ---

TEST(CloudApi, ADeviceHasTheMembersThatMatter) {
  Fleet fleet(one("0.5.3"));
  const Json device = Json::parse(fleet.get("/v1/devices/" + kDevice).body);
  EXPECT_EQ(device["id"], kDevice);
  EXPECT_EQ(device["online"], true);
  EXPECT_EQ(device["connected"], true);
  EXPECT_EQ(device["platform_id"], 10);
  EXPECT_EQ(device["product_id"], 10);
  EXPECT_EQ(device["status"], "safe-mode");
  EXPECT_EQ(device["system_firmware_version"], "0.5.3");
  EXPECT_EQ(device["last_handshake_at"], "2026-01-05T07:00:00.000Z");
  EXPECT_TRUE(device["functions"].is_array());
  EXPECT_FALSE(device.contains("development"));
  EXPECT_FALSE(device.contains("firmware_updates_enabled"));
}

TEST(CloudApi, AForeignAndAnUnknownDeviceHaveOneAnswer) {
  Options options = one("0.5.3");
  options.devices[0].owned = false;
  Fleet fleet(options);
  const Answer foreign = fleet.get("/v1/devices/" + kDevice);
  EXPECT_EQ(foreign.status, 403);
  EXPECT_TRUE(foreign.body.starts_with(
      R"({"error":"Permission Denied","info":"I didn't recognize that device name or ID, try)"));
  EXPECT_EQ(fleet.get("/v1/devices/000000000000000000000000").body, foreign.body);
}

TEST(CloudApi, TheOwnListIsAnArrayOfAll) {
  Fleet fleet(*make_fleet({"0.5.3", "0.6.2"}, 30, "0.6.4"));
  const Json list = Json::parse(fleet.get("/v1/devices").body);
  ASSERT_EQ(list.size(), 30U);
  EXPECT_EQ(list[1]["system_firmware_version"], "0.6.2");
}

TEST(CloudApi, AProductsListHasPages) {
  Fleet fleet(product_fleet(30));
  const Json first = Json::parse(fleet.get(kList + "?sortAttr=deviceId&sortDir=asc").body);
  EXPECT_EQ(first["devices"].size(), 25U);
  EXPECT_EQ(first["meta"]["total_pages"], 2);
  EXPECT_TRUE(first["customers"].is_array());
  EXPECT_EQ(first["devices"][0]["id"], kDevice);
  EXPECT_FALSE(first["devices"][0].contains("connected"));
  EXPECT_EQ(first["devices"][0]["development"], false);
  const Json second = Json::parse(fleet.get(kList + "?sortAttr=deviceId&page=2").body);
  EXPECT_EQ(second["devices"].size(), 5U);
  EXPECT_EQ(Json::parse(fleet.get(kList + "?page=3").body)["devices"].size(), 0U);
  EXPECT_EQ(Json::parse(fleet.get(kList + "?per_page=100").body)["devices"].size(), 30U);
  EXPECT_EQ(Json::parse(fleet.get(kList + "?perPage=10").body)["meta"]["total_pages"], 3);
  const Json named = Json::parse(fleet.get(kList + "?deviceName=virtual-30").body);
  EXPECT_EQ(named["devices"].size(), 1U);
}

TEST(CloudApi, AProductIsFoundByNumberAndBySlug) {
  Fleet fleet(product_fleet(1));
  for (const char* name : {"1234", "my-product"}) {
    const Json about = Json::parse(fleet.get(std::string("/v1/products/") + name).body);
    EXPECT_EQ(about["product"]["platform_id"], 10) << name;
    EXPECT_EQ(about["product"]["id"], kProduct) << name;
  }
  EXPECT_EQ(fleet.get("/v1/products/99").status, 403);
  EXPECT_EQ(fleet.get(kList + "/000000000000000000000000").status, 404);
}

TEST(CloudApi, PlacesThatAreNoneAreNotFound) {
  Fleet fleet(one("0.5.3"));
  EXPECT_EQ(fleet.get("/").status, 404);
  EXPECT_EQ(fleet.get("/v1/nowhere").status, 404);
  EXPECT_EQ(fleet.get("/v1/devices/" + kDevice + "/nothing").status, 404);
  EXPECT_EQ(fleet.cloud->handle(Fleet::request("DELETE", "/v1/devices/" + kDevice)).status, 404);
  EXPECT_EQ(fleet.get("nowhere").status, 400);
}

// --- writing ---

TEST(CloudApi, APingAsksTheDeviceItself) {
  Options options = one("0.5.3");
  options.devices[0].link = DeviceOptions::Link::silent;
  Fleet silent(options);
  const Answer no = silent.put("/v1/devices/" + kDevice + "/ping", "{}");
  EXPECT_EQ(no.body, R"({"online":false,"ok":false})");
  EXPECT_GT(no.after, 5s);
  EXPECT_EQ(Json::parse(silent.get("/v1/devices/" + kDevice).body)["online"], true);
  Fleet up(one("0.5.3"));
  EXPECT_EQ(up.put("/v1/devices/" + kDevice + "/ping", "{}").body, R"({"online":true,"ok":true})");
}

TEST(CloudApi, TheDevelopmentFlagIsSetAndTold) {
  Fleet fleet(product_fleet(1));
  const std::string path = kList + "/" + kDevice;
  EXPECT_EQ(
      fleet.put(path, R"({"development":true})").body,
      R"({"id":")" + kDevice + R"(","development":true,"updated_at":"2026-01-05T08:00:00.000Z"})");
  EXPECT_EQ(Json::parse(fleet.get(path).body)["development"], true);
  fleet.put(path, R"({"development":false})");
  EXPECT_FALSE(fleet.device().development());
}

TEST(CloudApi, NothingToDoIsSaid) {
  Fleet fleet(one("0.5.3"));
  const Answer answer = fleet.put("/v1/devices/" + kDevice, "{}");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, R"({"ok":false,"error":"Nothing to do?"})");
  EXPECT_EQ(fleet.put("/v1/devices/" + kDevice, "no JSON").status, 400);
}

TEST(CloudApi, AFlashOfAnOfflineDeviceIsRefusedInThreeWays) {
  for (const auto& [status, body] :
       {std::pair{404, R"({"ok":false,"errors":[["Core isn't online",404]]})"},
        std::pair{408, R"({"error":"Timed out."})"},
        std::pair{500, R"({"ok":false,"code":500,"errors":["Request Timed Out"]})"}}) {
    Options options = one("0.5.3");
    options.devices[0].link = DeviceOptions::Link::offline;
    options.offline_status = status;
    Fleet fleet(options);
    const Answer answer = fleet.flash(110, 3);
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.body, body);
  }
}

TEST(CloudApi, ADeviceThatIsOnlyBelievedOnlineTimesOut) {
  Options options = one("0.5.3");
  options.devices[0].link = DeviceOptions::Link::silent;
  Fleet fleet(options);
  const Answer answer = fleet.flash(110, 3);
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.after, 30s);
  fleet.wait(60min);
  EXPECT_EQ(fleet.events(), (Told{"spark/status offline"}));
}

TEST(CloudApi, AFileIsLookedAtByNameAndSizeOnly) {
  Fleet fleet(one("0.5.3"));
  const std::string path = "/v1/devices/" + kDevice;
  const Answer text =
      fleet.cloud->handle(Fleet::flash_request(path, *fleet.cloud->part(110, 3), "part.txt"));
  EXPECT_NE(text.body.find("Compile failed"), std::string::npos);
  const base::Bytes big(200'000, 1);
  EXPECT_EQ(fleet.cloud->handle(Fleet::flash_request(path, big)).body,
            R"({"id":")" + kDevice + R"(","status":"Update failed - File was too big!"})");
  EXPECT_NE(
      fleet.cloud->handle(Fleet::flash_request(path, base::Bytes(3, 1))).body.find("too small"),
      std::string::npos);
  const base::Bytes rubbish(20'000, 1);
  EXPECT_NE(fleet.cloud->handle(Fleet::flash_request(path, rubbish)).body.find("Update started"),
            std::string::npos);
  fleet.wait(10min);
  EXPECT_EQ(fleet.device().parts_refused(), 1);
  Request cut = Fleet::flash_request(path, rubbish);
  cut.body.resize(cut.body.size() / 2);
  EXPECT_EQ(fleet.cloud->handle(cut).status, 400);
  Request long_one = Fleet::flash_request(path, base::Bytes(kMostBody, 1));
  EXPECT_EQ(fleet.cloud->handle(long_one).status, 413);
}

TEST(CloudApi, ACloudThatChecksModulesRefusesWithTwoHundred) {
  Options options = one("0.5.3");
  options.checks_modules = true;
  Fleet fleet(options);
  const Answer answer = fleet.flash(207, 3);
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("Flash requires modules not present on device"), std::string::npos);
  EXPECT_EQ(fleet.device().transfers(), 0);
}

TEST(CloudApi, AQuarantinedDeviceGetsNothingUntilItIsApproved) {
  Options options = product_fleet(1);
  options.devices[0].quarantined = true;
  Fleet fleet(options);
  const Request flash = Fleet::flash_request(kList + "/" + kDevice, *fleet.cloud->part(110, 3));
  EXPECT_EQ(fleet.cloud->handle(flash).status, 403);
  Request approve = Fleet::request("POST", kList);
  approve.headers["content-type"] = "application/json";
  approve.body = R"({"id":")" + kDevice + R"("})";
  EXPECT_EQ(fleet.cloud->handle(approve).status, 200);
  EXPECT_EQ(fleet.cloud->handle(flash).status, 200);
}

// --- failures of answers ---

TEST(CloudFailure, EachAnswerInAFlashsPlaceSaysAndDoesWhatItShould) {
  struct Case {
    const char* failure;
    int status;
    const char* body;
    bool done;
  };
  constexpr std::array kCases{
      Case{"no-status", 200, "updated_at", false},
      Case{"needs-modules", 200, "Flash requires modules not present", false},
      Case{"not-ok", 200, R"("ok":false,"errors":["App code was invalid"])", false},
      Case{"errors-object", 200, R"([{"error":)", false},
      Case{"too-big", 200, "Update failed - File was too big!", false},
      Case{"finished", 200, "Update finished", true},
      Case{"timeout", 408, R"({"error":"Timed out."})", false},
      Case{"timeout-done", 408, R"({"error":"Timed out."})", true},
      Case{"offline-500", 500, R"("errors":["Request Timed Out"])", false},
      Case{"silent-500", 500, "didn't hear back from device service", false},
      Case{"not-found", 404, "Core isn't online", false},
      Case{"rate-limit", 429, "Too many requests", false},
      Case{"bad-gateway", 502, "<html>", false},
      Case{"bad-gateway-done", 502, "<html>", true},
      Case{"unavailable", 503, "", false},
      Case{"garbage", 200, R"("sta)", false},
      Case{"empty", 200, "", false},
      Case{"unauthorized", 401, "has expired", false},
      Case{"forbidden", 403, "Permission Denied", false},
      Case{"redirect", 302, "", false},
      Case{"endless", 200, "[", false},
      Case{"slow", 200, "Update started", true},
  };
  for (const Case& about : kCases) {
    Options options = one("0.5.3");
    options.failures = {*parse_failure(std::string("flash 1: ") + about.failure)};
    Fleet fleet(options);
    const Answer answer = fleet.flash(110, 3);
    EXPECT_EQ(answer.status, about.status) << about.failure;
    EXPECT_NE(answer.body.find(about.body), std::string::npos) << about.failure << answer.body;
    EXPECT_FALSE(answer.cut) << about.failure;
    fleet.wait(10min);
    EXPECT_EQ(fleet.device().parts_taken(), about.done ? 1 : 0) << about.failure;
    EXPECT_NE(fleet.flash(110, 3).body.find("Update started"), std::string::npos) << about.failure;
  }
}

TEST(CloudFailure, AConnectionIsCutBeforeOrAfterTheRequestIsDone) {
  for (const bool done : {false, true}) {
    Options options = one("0.5.3");
    options.failures = {*parse_failure(done ? "flash 1: cut-done" : "flash 1: cut")};
    Fleet fleet(options);
    EXPECT_TRUE(fleet.flash(110, 3).cut);
    fleet.wait(10min);
    EXPECT_EQ(fleet.device().parts_taken(), done ? 1 : 0);
  }
}

TEST(CloudFailure, SlowAndEndlessAndLongAreBoundedNumbers) {
  Options options = one("0.5.3");
  options.failures = {*parse_failure("answer 1: slow 70"), *parse_failure("answer 2: endless 3"),
                      *parse_failure("answer 3: long-header 2")};
  Fleet fleet(options);
  EXPECT_GE(fleet.get("/v1/devices").after, 70s);
  EXPECT_EQ(fleet.get("/v1/devices").filler, 3U << 20U);
  EXPECT_EQ(fleet.get("/v1/devices").headers.at(0).second.size(), 2U << 20U);
}

TEST(CloudFailure, ATokenDiesForGood) {
  for (const char* failure : {"answer 2: token-dies", "event 1: token-dies"}) {
    Options options = one("0.5.3");
    options.failures = {*parse_failure(failure)};
    Fleet fleet(options);
    EXPECT_EQ(fleet.flash(110, 3).status, 200);
    fleet.wait(2s);
    EXPECT_EQ(fleet.get("/v1/devices").status, 401);
    EXPECT_EQ(fleet.get("/v1/devices/events").status, 401);
  }
}

// --- limits ---

TEST(CloudApi, RatesAreLimitedAsTheVendorDoes) {
  Fleet fleet(one("0.5.3"));
  for (int i = 0; i < 100; ++i) {
    const Answer answer = fleet.get("/v1/devices/events");
    ASSERT_TRUE(answer.stream) << i;
    fleet.cloud->hang_up(*answer.stream);
  }
  EXPECT_EQ(fleet.get("/v1/devices/events").status, 429);
  EXPECT_EQ(fleet.get("/v1/devices").status, 200);
  fleet.wait(5min);
  EXPECT_TRUE(fleet.get("/v1/devices/events").stream);
  EXPECT_EQ(fleet.cloud->ledger().refused_by_rate, 1U);
  EXPECT_EQ(fleet.cloud->ledger().openings, 101U);
}

TEST(CloudApi, TheLedgerKnowsWhatClientsDid) {
  Fleet fleet(one("0.5.3"));
  fleet.get("/v1/devices");
  fleet.get("/v1/devices/" + kDevice);
  fleet.put("/v1/devices/" + kDevice + "/ping", "{}");
  fleet.flash(110, 3);
  const Ledger& ledger = fleet.cloud->ledger();
  EXPECT_EQ(ledger.requests, 4U);
  EXPECT_EQ(ledger.flashes, 1U);
  EXPECT_EQ(ledger.by_kind.at("GET devices"), 1U);
  EXPECT_EQ(ledger.by_kind.at("GET device"), 1U);
  EXPECT_EQ(ledger.by_kind.at("PUT ping"), 1U);
  EXPECT_EQ(ledger.by_kind.at("PUT flash"), 1U);
}

// --- others who write ---

TEST(CloudOthers, TheHealerSendsTheNextPartAndSaysSo) {
  Options options = one("0.5.3");
  options.healer = true;
  Fleet fleet(options);
  fleet.flash(110, 3);
  fleet.wait(30min);
  const Told told = fleet.events();
  EXPECT_EQ(told.at(4), "spark/status/safe-mode /21/21/110");
  EXPECT_EQ(told.at(5), "spark/safe-mode-updater/updating 1");
  EXPECT_EQ(fleet.cloud->history().at(5).coreid, "particle-internal");
  EXPECT_EQ(told.at(6), "spark/flash/status started ");
  EXPECT_EQ(fleet.device().told_version(), "0.6.4");
  EXPECT_EQ(fleet.device().transfers(), 3);
}

TEST(CloudOthers, TheHealerNeverKillsAnOldDevice) {
  Options options = one("0.5.2");
  options.healer = true;
  Fleet fleet(options);
  fleet.flash(110, 3);
  fleet.wait(30min);
  EXPECT_EQ(fleet.device().transfers(), 1);
}

TEST(CloudOthers, ProductFirmwareFollowsAFlashUnlessTheDeviceIsInDevelopment) {
  for (const bool development : {false, true}) {
    Options options = product_fleet(1);
    options.products[0].firmware = true;
    options.devices[0].development = development;
    Fleet fleet(options);
    fleet.cloud->handle(Fleet::flash_request(kList + "/" + kDevice, *fleet.cloud->part(110, 3)));
    fleet.wait(10min);
    const Told told = fleet.events();
    const bool pushed =
        std::find(told.begin(), told.end(), "spark/status auto-update") != told.end();
    EXPECT_EQ(pushed, !development);
    EXPECT_EQ(fleet.device().transfers(), development ? 1 : 2);
  }
}

TEST(CloudOthers, SomebodyElseFlashesAnApplicationThatIsSatisfied) {
  Options options = one("0.5.3");
  options.failures = {*parse_failure("event 4: somebody 10")};
  Fleet fleet(options);
  fleet.flash(110, 3);
  fleet.wait(10min);
  EXPECT_EQ(fleet.device().transfers(), 2);
  EXPECT_FALSE(fleet.device().start().safe_mode);
}

TEST(CloudOthers, ADeviceIsMovedAndItsFlagIsTurned) {
  Options options = product_fleet(1);
  options.failures = {*parse_failure("event 1: moved"), *parse_failure("event 1: undeveloped")};
  Fleet fleet(options);
  fleet.cloud->handle(Fleet::flash_request(kList + "/" + kDevice, *fleet.cloud->part(110, 3)));
  fleet.wait(2s);
  EXPECT_EQ(fleet.get(kList + "/" + kDevice).status, 404);
  EXPECT_TRUE(fleet.device().development());
}

}  // namespace
}  // namespace sim::cloud::test
