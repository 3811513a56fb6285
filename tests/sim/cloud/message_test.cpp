// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cloud/message.h"

#include <gtest/gtest.h>

namespace sim::cloud {
namespace {

TEST(CloudTarget, IsPathAndQueryDecoded) {
  const auto target = parse_target("/v1/devices/events/spark%2Fflash?nonce=0.5&deviceName=x%20y");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, (std::vector<std::string>{"v1", "devices", "events", "spark/flash"}));
  EXPECT_EQ(target->query.at("deviceName"), "x y");
}

TEST(CloudTarget, WhatCannotBeDecodedIsNone) {
  for (const char* text : {"", "v1", "/v1/%", "/v1/%2", "/v1/%zz", "/v1?a=%g1"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
  EXPECT_FALSE(parse_target("/" + std::string(5000, 'x')));
}

TEST(CloudForm, HasFieldsWithPlusAsSpace) {
  const auto form = parse_form("username=a%40b&password=x+y&empty=&flag");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->at("username"), "a@b");
  EXPECT_EQ(form->at("password"), "x y");
  EXPECT_EQ(form->at("empty"), "");
  EXPECT_EQ(form->at("flag"), "");
}

constexpr const char* kType = "multipart/form-data;boundary=--------------------------12";

// The golden bytes of the official client 12.0.3.
TEST(CloudMultipart, ReadsTheOfficialClientsForm) {
  const auto parts =
      parse_multipart(kType,
                      "----------------------------12\r\n"
                      "Content-Disposition: form-data; name=\"file\"; filename=\"KEY\"\r\n"
                      "Content-Type: application/octet-stream\r\n\r\n"
                      "a\r\n-b\n\r\n"
                      "----------------------------12\r\n"
                      "Content-Disposition: form-data; name=\"latest\"\r\n\r\ntrue\r\n"
                      "----------------------------12--\r\n");
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 2U);
  EXPECT_EQ(parts->at(0).name, "file");
  EXPECT_EQ(parts->at(0).file_name, "KEY");
  EXPECT_EQ(parts->at(0).content_type, "application/octet-stream");
  EXPECT_EQ(parts->at(0).body, "a\r\n-b\n");
  EXPECT_EQ(parts->at(1).name, "latest");
  EXPECT_FALSE(parts->at(1).file_name);
  EXPECT_EQ(parts->at(1).body, "true");
}

TEST(CloudMultipart, AnEmptyPartIsEmpty) {
  const auto parts =
      parse_multipart("multipart/form-data; boundary=\"b\"",
                      "--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n--b--");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->at(0).name, "x");
  EXPECT_EQ(parts->at(0).body, "");
}

TEST(CloudMultipart, WhatIsCutOrOtherwiseWrongIsNone) {
  const std::string whole =
      "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nbody\r\n--b--\r\n";
  const char* type = "multipart/form-data; boundary=b";
  ASSERT_TRUE(parse_multipart(type, whole));
  for (std::size_t length = 0; length < whole.size() - 2; ++length) {
    EXPECT_FALSE(parse_multipart(type, whole.substr(0, length))) << length;
  }
  EXPECT_FALSE(parse_multipart("application/json", whole));
  EXPECT_FALSE(parse_multipart("multipart/form-data", whole));
  std::string many;
  for (std::size_t i = 0; i <= kMostParts; ++i) {
    many += "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n";
  }
  EXPECT_FALSE(parse_multipart(type, many + "--b--"));
}

}  // namespace
}  // namespace sim::cloud
