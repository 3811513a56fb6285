// SPDX-License-Identifier: GPL-3.0-or-later
#include "cloud/events.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cloud {
namespace {

const std::string kModules =
    R"({"f":[],"v":{},"p":10,"imei":"353162070000019","iccid":"89314404000000000123","m":[)"
    R"({"s":16384,"l":"m","vc":30,"vv":30,"f":"b","n":"0","v":11,"d":[]},)"
    R"({"s":131072,"l":"m","vc":30,"vv":30,"f":"s","n":"1","v":110,"d":[{"f":"s","n":"3","v":110,"_":""}]},)"
    R"({"s":131072,"l":"m","vc":30,"vv":26,"f":"u","n":"1","v":3,"d":[{"f":"s","n":"2","v":207,"_":""}]},)"
    R"({"s":131072,"l":"f","vc":30,"vv":0,"d":[]}]})";

std::optional<Event> event(const std::string& name, const nlohmann::json& data) {
  const nlohmann::json object{{"data", data},
                              {"ttl", "60"},
                              {"published_at", "2026-11-27T10:00:00.000Z"},
                              {"coreid", "2B0036000A47333534393338"}};
  return parse_event({name, object.dump()});
}

template <class What>
bool is(const std::string& name, const nlohmann::json& data) {
  const auto parsed = event(name, data);
  return parsed && std::holds_alternative<What>(parsed->what);
}

TEST(Events, OfTheStatusAreToldApart) {
  EXPECT_TRUE(is<Online>("spark/status", "online"));
  EXPECT_TRUE(is<Offline>("spark/status", "offline"));
  EXPECT_TRUE(is<AutoUpdate>("spark/status", "auto-update"));
  EXPECT_TRUE(is<Other>("spark/status", "dreaming"));
}

TEST(Events, OfATransferAreToldApartWithTheirTrailingSpace) {
  EXPECT_TRUE(is<Started>("spark/flash/status", "started "));
  EXPECT_TRUE(is<Started>("spark/flash/status", "started"));
  EXPECT_TRUE(is<Success>("spark/flash/status", "success "));
  EXPECT_TRUE(is<Failed>("spark/flash/status", "failed"));
  EXPECT_TRUE(is<Other>("spark/flash/status", "failed too"));
}

TEST(Events, CarryWhoAndWhen) {
  const auto online = event("spark/status", "online");
  ASSERT_TRUE(online);
  EXPECT_EQ(online->device, "2b0036000a47333534393338");
  EXPECT_EQ(online->published_at, "2026-11-27T10:00:00.000Z");
}

TEST(Events, OfSafeModeCarryTheModules) {
  const auto parsed = event("spark/status/safe-mode", kModules);
  ASSERT_TRUE(parsed);
  const auto& modules = std::get<Modules>(parsed->what);
  ASSERT_TRUE(modules.described);
  EXPECT_EQ(modules.described->platform, 10);
  EXPECT_EQ(modules.described->modules.size(), 4U);
}

TEST(Events, OfSafeModeThatAreCutCarryNone) {
  for (std::size_t length = 0; length < kModules.size(); ++length) {
    const auto parsed = event("spark/status/safe-mode", kModules.substr(0, length));
    ASSERT_TRUE(parsed);
    EXPECT_FALSE(std::get<Modules>(parsed->what).described) << length;
  }
}

TEST(Events, OfTheHealerNameThePart) {
  const auto parsed = event("spark/safe-mode-updater/updating", "3");
  EXPECT_EQ(std::get<Healer>(parsed->what).part, "3");
}

TEST(Events, OfTheLastResetNameItsReason) {
  EXPECT_EQ(std::get<LastReset>(event("spark/device/last_reset", "update")->what).reason, "update");
  EXPECT_EQ(std::get<LastReset>(event("spark/device/last_reset", "panic, 1\n")->what).reason,
            "panic, 1");
}

TEST(Events, OfTheDevicesOwnVerdictCarryIt) {
  const auto parsed = event(
      "spark/device/ota_result",
      R"({"r":"ok","u":{"p":10,"s":131072,"l":"t","vc":30,"vv":30,"f":"s","n":"3","v":110,"d":[]}})");
  const auto& result = std::get<OtaResult>(parsed->what);
  EXPECT_TRUE(result.ok);
  ASSERT_TRUE(result.module);
  EXPECT_EQ(result.module->version, 110);
  EXPECT_FALSE(std::get<OtaResult>(event("spark/device/ota_result", R"({"r":"error"})")->what).ok);
  EXPECT_FALSE(std::get<OtaResult>(event("spark/device/ota_result", "ok")->what).ok);
}

TEST(Events, OfUpdatesSayWhetherTheyAreTaken) {
  EXPECT_FALSE(
      std::get<UpdatesEnabled>(event("particle/device/updates/enabled", "false")->what).enabled);
  EXPECT_TRUE(
      std::get<UpdatesEnabled>(event("particle/device/updates/enabled", "true")->what).enabled);
}

TEST(Events, OfTheDeviceItselfProveThatItIsThere) {
  EXPECT_TRUE(is<Presence>("spark/device/diagnostics/update", "{}"));
  EXPECT_TRUE(is<Presence>("spark/device/safemode", nullptr));
  EXPECT_TRUE(is<Presence>("temperature", "21"));
  EXPECT_TRUE(is<AppHash>("spark/device/app-hash", "00"));
  EXPECT_TRUE(is<Other>("spark/flash/progress", "1"));
  EXPECT_TRUE(is<Other>("particle/device/updates/pending", "true"));
}

TEST(Events, MayMissEverything) {
  EXPECT_FALSE(parse_event({"spark/status", "no json"}));
  EXPECT_FALSE(parse_event({"spark/status", "[]"}));
  EXPECT_FALSE(parse_event({"spark/status", ""}));
  const auto bare = parse_event({"spark/status", R"({"data":null,"ttl":60,"coreid":null})"});
  ASSERT_TRUE(bare);
  EXPECT_TRUE(std::holds_alternative<Other>(bare->what));
  EXPECT_EQ(bare->device, "");
}

TEST(Events, BringNoControlCharacterToATerminal) {
  const auto parsed = event("a\x1b[2J", "b\x1b]0;x\x07");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->name, "a?[2J");
  EXPECT_EQ(parsed->data, "b?]0;x?");
}

}  // namespace
}  // namespace cloud
