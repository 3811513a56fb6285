// SPDX-License-Identifier: GPL-3.0-or-later
//
// Every answer that the vendor's documents, recordings of its servers and the servers of others
// show.

#include "cloud/answers.h"

#include "support/scripted_wire.h"

#include <gtest/gtest.h>

namespace cloud {
namespace {

using test_support::reply;

const std::string kId = "2b0036000a47333534393338";

base::Error error(const char* id) {
  return base::make_error(base::Errc::device_gone, id, "host: it broke", "");
}

struct FlashCase {
  const char* name;
  long status;
  const char* body;
  Flash how;
  const char* text;
};

class FlashAnswers : public testing::TestWithParam<FlashCase> {};

TEST_P(FlashAnswers, AreTakenForWhatTheySay) {
  const auto answer = parse_flash(reply(GetParam().status, GetParam().body));
  ASSERT_TRUE(answer) << answer.failure().text;
  EXPECT_EQ(answer->how, GetParam().how);
  EXPECT_EQ(answer->text, GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    All, FlashAnswers,
    testing::Values(
        FlashCase{"Started", 200, R"({"id":"1d","status":"Update started"})", Flash::started,
                  "Update started"},
        FlashCase{"StartedOfASourceBuild", 200, R"({"ok":true,"message":"Update started"})",
                  Flash::started, "Update started"},
        FlashCase{"ModulesNotPresent", 200,
                  R"({"id":"1d","status":"Flash requires modules not present on device"})",
                  Flash::refused, "Flash requires modules not present on device"},
        FlashCase{"NotOk", 200, R"({"ok":false,"errors":[["no",1]]})", Flash::refused, "no"},
        FlashCase{"TooBig", 200, R"({"id":"1d","status":"Update failed - File was too big!"})",
                  Flash::refused, "Update failed - File was too big!"},
        FlashCase{
            "Locked", 200,
            R"({"status":"Update failed - This core is locked during the flashing process."})",
            Flash::busy, "Update failed - This core is locked during the flashing process."},
        FlashCase{"NothingFlashed", 200, R"({"id":"INTERNAL","updated_at":"x"})", Flash::nothing,
                  "the answer says nothing of an update"},
        FlashCase{"AnotherServersFinished", 200, R"({"id":"1d","status":"Update finished"})",
                  Flash::unknown, "Update finished"},
        FlashCase{"StartedInAnErrorIsNone", 500, R"({"status":"Update started"})", Flash::unknown,
                  "Update started"},
        FlashCase{"OkWithoutJson", 200, "<html>", Flash::unknown, "the answer is no JSON object"},
        FlashCase{"Empty", 200, "", Flash::unknown, "the answer is no JSON object"},
        FlashCase{"NothingToDo", 400, R"({"ok":false,"error":"Nothing to do?"})", Flash::refused,
                  "Nothing to do?"},
        FlashCase{"NoDevice", 400, R"({"status":400,"error":"No device found","ok":false})",
                  Flash::refused, "No device found"},
        FlashCase{"NotConnected", 404, R"({"ok":false,"errors":[["Core isn't online",404]]})",
                  Flash::not_connected, "Core isn't online"},
        FlashCase{"TimedOut", 408, R"({"error":"Timed out."})", Flash::unknown, "Timed out."},
        FlashCase{"Offline2015", 500, R"({"ok":false,"code":500,"errors":["Request Timed Out"]})",
                  Flash::unknown, "Request Timed Out"},
        FlashCase{"DeviceService", 500,
                  R"({"ok":false,"code":500,"errors":[{"error":"Timed out, no answer"}]})",
                  Flash::unknown, "Timed out, no answer"},
        FlashCase{"Gateway", 502, "<html>Bad gateway</html>", Flash::unknown,
                  "the answer is no JSON: something between here and the cloud answered"},
        FlashCase{"Unavailable", 503, "", Flash::unknown, ""},
        FlashCase{"Redirect", 302, "", Flash::refused,
                  "it sends to another address, where the token does not go"}),
    [](const auto& told) { return told.param.name; });

TEST(FlashAnswer, IsUnknownWhenTheConnectionWasCut) {
  EXPECT_EQ(parse_flash(error("connection-lost"))->how, Flash::unknown);
  EXPECT_EQ(parse_flash(error("timeout"))->how, Flash::unknown);
  EXPECT_EQ(parse_flash(error("answer-too-long"))->how, Flash::unknown);
}

TEST(FlashAnswer, IsAFailureWhereNothingWasSentOrTheTokenIsOfNoUse) {
  EXPECT_EQ(parse_flash(error("no-network")).failure().kind, Trouble::unreachable);
  EXPECT_EQ(parse_flash(error("certificate")).failure().kind, Trouble::unreachable);
  EXPECT_EQ(parse_flash(reply(401, "{}")).failure().kind, Trouble::token);
  EXPECT_EQ(parse_flash(reply(403, "{}")).failure().kind, Trouble::right);
  net::Reply limit = reply(429, "");
  limit.retry_after = std::chrono::seconds(7);
  const auto limited = parse_flash(limit);
  EXPECT_EQ(limited.failure().kind, Trouble::limit);
  EXPECT_EQ(limited.failure().retry_after, base::Micros(std::chrono::seconds(7)));
  EXPECT_EQ(parse_flash(reply(529, "")).failure().kind, Trouble::limit);
}

TEST(Failures, AreToldApart) {
  const auto kind = [](long status, const char* body) {
    return parse_ping(reply(status, body)).failure().kind;
  };
  EXPECT_EQ(
      kind(400,
           R"({"error":"invalid_request","error_description":"The access token was not found"})"),
      Trouble::token);
  EXPECT_EQ(
      kind(
          400,
          R"({"error":"unauthorized","error_description":"API users are not allowed to call this endpoint"})"),
      Trouble::right);
  EXPECT_EQ(
      kind(
          401,
          R"({"error":"invalid_token","error_description":"The access token provided has expired."})"),
      Trouble::token);
  EXPECT_EQ(kind(401, ""), Trouble::token);
  EXPECT_EQ(
      kind(403,
           R"({"error":"Permission Denied","info":"I didn't recognize that device name or ID"})"),
      Trouble::right);
  EXPECT_EQ(kind(404, ""), Trouble::not_there);
  EXPECT_EQ(kind(422, ""), Trouble::refused);
  EXPECT_EQ(kind(503, R"({"error":"server_error","error_description":"Wrong password"})"),
            Trouble::unknown);
  EXPECT_EQ(kind(200, "<html>"), Trouble::unknown);
  EXPECT_EQ(kind(204, ""), Trouble::unknown);
  EXPECT_EQ(kind(200, R"({"ok":false})"), Trouble::refused);
}

TEST(Failures, TellTheFirstTextFoundAnywhere) {
  const auto text = [](const char* body) { return parse_ping(reply(400, body)).failure().text; };
  EXPECT_EQ(text(R"({"errors":[{"message":"deep"}]})"), "deep");
  EXPECT_EQ(text(R"({"code":400,"info":"here"})"), "here");
  EXPECT_EQ(text(R"(["first"])"), "first");
  EXPECT_EQ(text("{\"error\":\"a\\u001b[31mb\\nc\"}"), "a?[31mb?c");
  EXPECT_LT(text(("{\"error\":\"" + std::string(9000, 'x') + "\"}").c_str()).size(), 400U);
  EXPECT_EQ(text(R"([[[[[[[[[["too deep"]]]]]]]]]])"), "");
}

TEST(Failures, BecomeErrorsThatSayWhatToDo) {
  const auto id = [](Trouble kind) { return error_of({kind, 0, "why", {}}, "asking").id; };
  EXPECT_EQ(id(Trouble::token), "cloud-token");
  EXPECT_EQ(id(Trouble::right), "cloud-right");
  EXPECT_EQ(id(Trouble::not_there), "cloud-not-there");
  EXPECT_EQ(id(Trouble::limit), "cloud-limit");
  EXPECT_EQ(id(Trouble::refused), "cloud-refused");
  EXPECT_EQ(id(Trouble::unreachable), "no-cloud");
  EXPECT_EQ(id(Trouble::unknown), "cloud-unknown");
  EXPECT_NE(error_of({Trouble::refused, 400, "why", {}}, "asking").hint, "");
  EXPECT_EQ(error_of({Trouble::limit, 429, "why", {}}, "asking").message,
            "asking: too many requests from this address (why)");
}

TEST(TokenAnswer, TellsWhenItExpiresAndWhatItMayDo) {
  const auto token = parse_token(reply(
      200, R"({"expires_at":"2026-12-01T00:00:00.000Z","client":"x","scopes":["devices:get"]})"));
  ASSERT_TRUE(token);
  EXPECT_EQ(token->expires_at, "2026-12-01T00:00:00.000Z");
  EXPECT_EQ(token->scopes, std::vector<std::string>{"devices:get"});
  EXPECT_EQ(parse_token(reply(200, R"({"expires_at":null})"))->expires_at, "");
}

// npm @brewskey/spark-server 1.0.17 has -1 for a device that was never connected.
TEST(DeviceAnswer, HasNoPlatformWhereTheServerDoesNotKnowItYet) {
  const auto device = parse_device(
      reply(
          200,
          R"({"id":"2b0036000a47333534393338","connected":false,"platform_id":-1,"product_id":-1})"),
      kId);
  ASSERT_TRUE(device);
  EXPECT_FALSE(device->platform);
  EXPECT_FALSE(device->product);
}

TEST(DeviceAnswer, IsReadInBothOfItsForms) {
  const auto own = parse_device(
      reply(200,
            R"({"id":"2b0036000a47333534393338","name":"pump","connected":true,"platform_id":10,
        "product_id":10,"status":"safe-mode","system_firmware_version":"0.6.4","functions":null,
        "last_heard":"a","last_handshake_at":"b"})"),
      kId);
  ASSERT_TRUE(own);
  EXPECT_EQ(own->online, true);
  EXPECT_EQ(own->platform, 10);
  EXPECT_FALSE(own->in_product());
  EXPECT_EQ(own->status, "safe-mode");
  EXPECT_EQ(own->system_version, "0.6.4");
  EXPECT_EQ(own->last_handshake, "b");
  EXPECT_FALSE(own->development);

  const auto product = parse_device(
      reply(200,
            R"({"id":"2B0036000A47333534393338","online":false,"platform_id":10,"product_id":1234,
        "development":false,"quarantined":true,"denied":false,"firmware_updates_enabled":false,
        "firmware_updates_forced":true,"system_firmware_version":null})"),
      kId);
  ASSERT_TRUE(product);
  EXPECT_EQ(product->online, false);
  EXPECT_TRUE(product->in_product());
  EXPECT_EQ(product->development, false);
  EXPECT_TRUE(product->quarantined);
  EXPECT_EQ(product->updates_enabled, false);
  EXPECT_EQ(product->updates_forced, true);
  EXPECT_EQ(product->system_version, "");
}

TEST(DeviceAnswer, OfAnotherDeviceIsNone) {
  // The fork's product path answers with an internal id.
  const auto other = parse_device(reply(200, R"({"id":"INTERNAL","deviceID":"x"})"), kId);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.failure().kind, Trouble::unknown);
}

TEST(DevicesAnswer, IsAnArrayOrAPage) {
  const auto own =
      parse_devices(reply(200, R"([{"id":"2b0036000a47333534393338"},{"id":"junk"},7])"));
  ASSERT_TRUE(own);
  EXPECT_EQ(own->devices.size(), 1U);
  EXPECT_EQ(own->pages, 1);
  const auto page = parse_devices(reply(
      200,
      R"({"devices":[{"id":"2b0036000a47333534393338"}],"customers":[],"meta":{"total_pages":2}})"));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->devices.size(), 1U);
  EXPECT_EQ(page->pages, 2);
  EXPECT_EQ(
      parse_devices(reply(200, R"({"devices":[],"meta":{"total_pages":99999999999}})"))->pages,
      4000);
  EXPECT_FALSE(parse_devices(reply(200, R"({"devices":7})")));
}

TEST(ProductAnswer, IsAnObjectOrAnArrayOfOne) {
  EXPECT_EQ(parse_product(reply(200, R"({"product":{"id":1234,"platform_id":10}})"))->id, "1234");
  EXPECT_EQ(parse_product(reply(200, R"({"product":[{"id":1234,"platform_id":6}]})"))->platform, 6);
  EXPECT_FALSE(parse_product(reply(200, R"({"product":[]})")));
  EXPECT_FALSE(parse_product(reply(200, "[]")));
}

TEST(PingAnswer, TellsWhetherTheDeviceAnswered) {
  EXPECT_TRUE(parse_ping(reply(200, R"({"online":true,"ok":true})"))->online);
  EXPECT_FALSE(parse_ping(reply(200, R"({"online":false,"ok":true})"))->online);
  // One text of the vendor can be read so that "ok" is false as well.
  const auto both = parse_ping(reply(200, R"({"online":false,"ok":false})"));
  ASSERT_TRUE(both);
  EXPECT_FALSE(both->online);
  // The fork's answer tells it by another name: nothing is guessed.
  EXPECT_FALSE(parse_ping(reply(200, R"({"connected":true})")));
}

TEST(DevelopmentAnswer, MustTellTheFlag) {
  EXPECT_TRUE(parse_development(reply(200, R"({"id":"x","development":true})"))->development);
  EXPECT_FALSE(parse_development(reply(200, R"({"id":"x"})")));
}

}  // namespace
}  // namespace cloud
