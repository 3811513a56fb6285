// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cloud/options.h"

#include "fleet.h"

namespace sim::cloud::test {
namespace {

TEST(FleetFile, HasDevicesProductsTokensAndFailures) {
  const auto options = parse_fleet(R"({
    "comment": "two of a product",
    "devices": [
      {"id": "2B0036000A47333534393338", "name": "roof", "release": "0.5.3", "needs": "0.6.4",
       "product": 1234, "owned": false, "failures": ["transfer 1: stall"]},
      {"release": "0.6.4", "parts": {"3": "0.7.0"}, "needs": "0.7.0", "link": "offline",
       "returns_after": 60, "attach_s": 5}],
    "products": [{"id": 1234, "slug": "p", "name": "P", "firmware": true}],
    "tokens": [{"token": "abc", "scopes": ["devices:get"], "answers": 3}],
    "healer": true, "offline_status": 500, "answers": "before-started", "page_size": 10,
    "failures": ["flash 2: bad-gateway"]})");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->devices.size(), 2U);
  EXPECT_EQ(options->devices[0].product, 1234U);
  EXPECT_EQ(options->devices[0].failures.size(), 1U);
  EXPECT_EQ(options->devices[1].id.size(), 24U);
  EXPECT_EQ(options->devices[1].returns_after, 60s);
  EXPECT_EQ(options->devices[1].electron.modules.size(), 2U);
  EXPECT_TRUE(options->products[0].firmware);
  EXPECT_EQ(options->tokens[0].answers, 3U);
  EXPECT_EQ(options->failures[0].mishap, Mishap::bad_gateway);
  Fleet fleet(*options);
  EXPECT_EQ(fleet.device(1).start().index3, 207);
  EXPECT_EQ(fleet.device(1).start().index2, 110);
  EXPECT_NE(fleet.cloud->find("2b0036000a47333534393338"), nullptr);
}

TEST(FleetFile, WhatIsWrongIsNamed) {
  for (const char* text :
       {"", "[]", R"({"device":[]})", R"({"devices":{}})", R"({"devices":[{"release":"9.9.9"}]})",
        R"({"devices":[{"id":"12"}]})", R"({"devices":[{"link":"sideways"}]})",
        R"({"devices":[{"parts":{"9":"0.6.4"}}]})", R"({"devices":[{"needs":"x"}]})",
        R"({"products":[{}]})", R"({"tokens":[{}]})", R"({"failures":["x"]})",
        R"({"offline_status":200})", R"({"answers":"never"})", R"({"page_size":0})",
        R"({"healer":1})"}) {
    const auto options = parse_fleet(text);
    ASSERT_FALSE(options) << text;
    EXPECT_EQ(options.error().id, "bad-fleet") << text;
    EXPECT_FALSE(options.error().message.empty()) << text;
  }
}

TEST(FleetFile, AStateIsTheVirtualElectronsOwn) {
  const auto options = parse_fleet(R"({"devices":[{"state":{"release":"0.6.4"}}]})");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->devices[0].electron.release, "0.6.4");
  EXPECT_FALSE(parse_fleet(R"({"devices":[{"state":{"relase":"0.6.4"}}]})"));
}

TEST(Fleet, IsMadeOfReleasesInTurn) {
  const auto options = make_fleet({"0.5.3", "0.6.2"}, 5, "0.6.4");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->devices[4].electron.release, "0.5.3");
  EXPECT_EQ(options->devices[3].name, "virtual-4");
  EXPECT_EQ(make_fleet({"9.9.9"}, 1, "0.6.4").error().id, "unknown-release");
  EXPECT_EQ(make_fleet({"0.5.3"}, 1, "9.9.9").error().id, "unknown-release");
}

TEST(Fleet, TwoDevicesOfOneIdAreRefused) {
  Options options = *make_fleet({"0.5.3"}, 2, "0.6.4");
  options.devices[1].id = options.devices[0].id;
  EXPECT_FALSE(Cloud::make(options, no_files(), shared_workshop()));
}

TEST(Fleet, AThousandDevicesOfAFewKindsAreAFewChips) {
  const auto workshop = std::make_shared<Workshop>();
  const auto cloud =
      Cloud::make(*make_fleet({"0.5.3", "0.6.2"}, 40, "0.6.4"), no_files(), workshop);
  ASSERT_TRUE(cloud);
  EXPECT_EQ((*cloud)->device(0).start().chip, (*cloud)->device(38).start().chip);
  EXPECT_NE((*cloud)->device(0).start().chip, (*cloud)->device(1).start().chip);
}

}  // namespace
}  // namespace sim::cloud::test
