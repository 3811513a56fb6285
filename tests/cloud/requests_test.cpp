// SPDX-License-Identifier: GPL-3.0-or-later
#include "cloud/requests.h"

#include <gtest/gtest.h>

namespace cloud {
namespace {

const Account kAccount = *Account::make("https://a.example", "t0ken");
const Place kOwn;
const Place kProduct{"1234"};

TEST(Requests, GoWhereTheOfficialClientGoes) {
  EXPECT_EQ(ask_token(kAccount).url, "https://a.example/v1/access_tokens/current");
  EXPECT_EQ(ask_product(kAccount, "my-product").url, "https://a.example/v1/products/my-product");
  EXPECT_EQ(ask_device(kAccount, kOwn, "1d").url, "https://a.example/v1/devices/1d");
  EXPECT_EQ(ask_device(kAccount, kProduct, "1d").url,
            "https://a.example/v1/products/1234/devices/1d");
  EXPECT_EQ(ask_devices(kAccount, kOwn, 1).url, "https://a.example/v1/devices");
  EXPECT_EQ(listen_to(kAccount, kOwn).url, "https://a.example/v1/devices/events");
  EXPECT_EQ(listen_to(kAccount, kProduct).url, "https://a.example/v1/products/1234/events");
}

TEST(Requests, PageAProductsDevicesByTheirIds) {
  const std::string url = ask_devices(kAccount, kProduct, 3).url;
  for (const char* part : {"?sortAttr=deviceId", "&sortDir=asc", "&page=3", "&per_page=25"}) {
    EXPECT_NE(url.find(part), std::string::npos) << part;
  }
}

TEST(Requests, PingWithAnEmptyObject) {
  const net::Ask ask = ask_ping(kAccount, kProduct, "1d");
  EXPECT_EQ(ask.method, "PUT");
  EXPECT_EQ(ask.url, "https://a.example/v1/products/1234/devices/1d/ping");
  EXPECT_EQ(ask.json, "{}");
}

TEST(Requests, SetTheDevelopmentFlag) {
  EXPECT_EQ(ask_development(kAccount, kProduct, "1d", true).json, "{\"development\":true}");
  EXPECT_EQ(ask_development(kAccount, kProduct, "1d", false).json, "{\"development\":false}");
}

TEST(Requests, SendOneFileNamedBinAndItsType) {
  const auto bytes = std::make_shared<const base::Bytes>(base::Bytes{1, 2, 3});
  const net::Ask ask = ask_flash(kAccount, kOwn, "1d", bytes, "system-part1.bin");
  EXPECT_EQ(ask.method, "PUT");
  EXPECT_EQ(ask.url, "https://a.example/v1/devices/1d");
  ASSERT_EQ(ask.parts.size(), 2U);
  EXPECT_EQ(ask.parts[0].name, "file");
  EXPECT_EQ(ask.parts[0].file_name, "system-part1.bin");
  EXPECT_EQ(ask.parts[0].file, bytes);
  EXPECT_EQ(ask.parts[1].name, "file_type");
  EXPECT_EQ(ask.parts[1].value, "binary");
}

TEST(Requests, CarryTheTokenInItsFieldOnly) {
  for (const net::Ask& ask :
       {ask_token(kAccount), ask_device(kAccount, kOwn, "1d"), ask_ping(kAccount, kOwn, "1d")}) {
    EXPECT_EQ(ask.token, "t0ken");
    EXPECT_EQ((ask.url + ask.json).find("t0ken"), std::string::npos);
  }
}

TEST(Requests, LetNoNameOutOfItsPlaceInThePath) {
  EXPECT_EQ(ask_device(kAccount, Place{"../x?a#b"}, "a/b").url,
            "https://a.example/v1/products/..%2Fx%3Fa%23b/devices/a%2Fb");
}

}  // namespace
}  // namespace cloud
