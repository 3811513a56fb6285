// SPDX-License-Identifier: GPL-3.0-or-later
#include "cloud/account.h"

#include <gtest/gtest.h>

namespace cloud {
namespace {

std::string id_of(const std::string& api, const std::string& token) {
  const auto account = Account::make(api, token);
  if (account) return "";
  EXPECT_EQ((account.error().message + account.error().hint).find("s3cret"), std::string::npos);
  return account.error().id;
}

TEST(Account, TakesHttpsAnywhereAndHttpOnThisComputer) {
  EXPECT_EQ(id_of("https://api.particle.io", "t"), "");
  EXPECT_EQ(id_of("http://127.0.0.1:8080", "t"), "");
  EXPECT_EQ(id_of("http://localhost/base", "t"), "");
  EXPECT_EQ(id_of("http://[::1]:80", "t"), "");
  EXPECT_EQ(Account::make("https://a.example//", "t")->api(), "https://a.example");
}

TEST(Account, SendsNoTokenInTheClearToAnotherComputer) {
  EXPECT_EQ(id_of("http://api.particle.io", "s3cret"), "bad-address");
  EXPECT_EQ(id_of("http://127.0.0.1.example.com", "s3cret"), "bad-address");
  EXPECT_EQ(id_of("http://localhost@example.com", "s3cret"), "bad-address");
}

TEST(Account, RefusesWhatIsNoAddress) {
  for (const char* api : {"", "api.particle.io", "ftp://a", "https://", "file:///etc/passwd"}) {
    EXPECT_EQ(id_of(api, "t"), "bad-address") << api;
  }
}

TEST(Account, RefusesWhatCannotBeAToken) {
  for (const char* token : {"", "s3cret\r\nHost: x", "s3cret x", "s3cret\xC3\xA9"}) {
    EXPECT_EQ(id_of("https://a", token), "bad-token") << token;
  }
  EXPECT_EQ(id_of("https://a", std::string(5000, 'a')), "bad-token");
}

TEST(DeviceId, Has24HexadecimalDigits) {
  EXPECT_TRUE(is_device_id("2b0036000A47333534393338"));
  EXPECT_FALSE(is_device_id("2b0036000A4733353439333"));
  EXPECT_FALSE(is_device_id("../../devices/0123456789"));
}

}  // namespace
}  // namespace cloud
