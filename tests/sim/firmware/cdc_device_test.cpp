// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/cdc_device.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

const UniqueId kId{0x2b, 0x00, 0x36, 0x00, 0x0a, 0x47, 0x33, 0x35, 0x34, 0x39, 0x33, 0x38};

CdcDevice device(std::uint16_t version, CdcDevice::Shape shape = CdcDevice::Shape::whole) {
  return {platform::electron(), usb_profile(version), kId, shape};
}

std::string string_of(CdcDevice& cdc, std::uint8_t index) {
  const auto reply = cdc.control({.request_type = 0x80,
                                  .request = 0x06,
                                  .value = static_cast<std::uint16_t>(0x0300 + index),
                                  .index = 0x0409},
                                 {});
  if (!reply || reply->kind != ControlReply::Kind::done) return "<stall>";
  std::string text;
  for (std::size_t i = 2; i < reply->data.size(); i += 2) {
    text.push_back(static_cast<char>(reply->data[i]));
  }
  return text;
}

TEST(CdcDevice, HasTheDescriptorsOf055) {
  const CdcDevice cdc = device(23);
  EXPECT_EQ(base::to_hex(cdc.device_descriptor()),
            "120100020200004"
            "0042b0ac0000201020301");
  EXPECT_EQ(base::to_hex(cdc.configuration_descriptor()),
            "09024300020100c032"
            "090400000102020100"
            "0524001001"
            "0524010001"
            "04240202"
            "0524060001"
            "0705820308"
            "00ff"
            "09040100020a000000"
            "07050102400000"
            "07058102400000");
}

TEST(CdcDevice, HasTheDescriptorsOf060) {
  const CdcDevice cdc = device(102);
  EXPECT_EQ(base::to_hex(cdc.device_descriptor()), "12010002ef020140042b0ac0500201020301");
  const base::Bytes configuration = cdc.configuration_descriptor();
  EXPECT_EQ(configuration.size(), 84U);
  EXPECT_EQ(base::to_hex(configuration),
            "09025400030104"
            "8032"
            "080b000202020100"
            "090400000102020100"
            "0524001001"
            "0524010001"
            "04240202"
            "0524060001"
            "0705830308"
            "00ff"
            "09040100020a000000"
            "07050102400000"
            "07058102400000"
            "0904020000ffffff09");
}

TEST(CdcDevice, ShowsOnlyTheControlInterfaceBeforeTheResetOf060) {
  const CdcDevice cdc = device(102, CdcDevice::Shape::control_only);
  EXPECT_EQ(base::to_hex(cdc.configuration_descriptor()),
            "09021200010104"
            "8032"
            "0904000000ffffff09");
}

TEST(CdcDevice, ShowsTheSerialOfItsTime) {
  CdcDevice old = device(23);
  EXPECT_EQ(string_of(old, 1), "Particle");
  EXPECT_EQ(string_of(old, 2), "Electron");
  EXPECT_EQ(string_of(old, 3), "00000000050C");
  EXPECT_EQ(string_of(old, 9), "<stall>");
  CdcDevice upper = device(110);
  EXPECT_EQ(string_of(upper, 3), "2B0036000A47333534393338");
  EXPECT_EQ(string_of(upper, 4), "Composite");
  EXPECT_EQ(string_of(upper, 9), "Electron Control Interface");
  CdcDevice lower = device(207);
  EXPECT_EQ(string_of(lower, 3), "2b0036000a47333534393338");
}

TEST(CdcDevice, AnswersMicrosoftDescriptorsSince060) {
  CdcDevice cdc = device(110);
  const auto compatible =
      cdc.control({.request_type = 0xC0, .request = 0xEE, .value = 0, .index = 4}, {});
  ASSERT_TRUE(compatible);
  ASSERT_EQ(compatible->data.size(), 40U);
  EXPECT_EQ(compatible->data[16], 2);
  EXPECT_EQ(base::as_text(base::ByteView(compatible->data).subspan(18, 6)), "WINUSB");
  const auto properties =
      cdc.control({.request_type = 0xC1, .request = 0xEE, .value = 0, .index = 5}, {});
  ASSERT_TRUE(properties);
  EXPECT_EQ(properties->data.size(), 0x92U);
  EXPECT_EQ(string_of(cdc, 0xEE).substr(0, 7), "MSFT100");
  CdcDevice old = device(23);
  EXPECT_FALSE(old.control({.request_type = 0xC0, .request = 0xEE, .value = 0, .index = 4}, {}));
}

TEST(CdcDevice, KeepsTheLineCoding) {
  CdcDevice cdc = device(110);
  const usb::ControlSetup set{.request_type = 0x21, .request = 0x20, .value = 0, .index = 0};
  const usb::ControlSetup get{.request_type = 0xA1, .request = 0x21, .value = 0, .index = 0};
  const base::Bytes coding{0x00, 0xC2, 0x01, 0x00, 0, 0, 8};
  EXPECT_EQ(cdc.control(set, coding)->kind, ControlReply::Kind::stall) << "not configured";
  cdc.control({.request_type = 0, .request = 9, .value = 1, .index = 0}, {});
  EXPECT_EQ(cdc.line_coding_rate(set, coding), 115200U);
  EXPECT_EQ(cdc.control(set, coding)->kind, ControlReply::Kind::done);
  EXPECT_EQ(cdc.control(get, {})->data, coding);
}

TEST(CdcDevice, IsFullSpeedOnly) {
  CdcDevice cdc = device(110);
  const auto qualifier =
      cdc.control({.request_type = 0x80, .request = 6, .value = 0x0600, .index = 0}, {});
  EXPECT_EQ(qualifier->kind, ControlReply::Kind::stall);
}

}  // namespace
}  // namespace sim
