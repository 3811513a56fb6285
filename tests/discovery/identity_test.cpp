// SPDX-License-Identifier: GPL-3.0-or-later
#include "discovery/identity.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace discovery {
namespace {

constexpr const char* kId = "2b0036000a47333534393338";

Device device_on(int port, std::string id, std::string tty = {}) {
  Device device;
  device.info.port = {1, {static_cast<std::uint8_t>(port)}};
  device.id = std::move(id);
  device.serial_path = std::move(tty);
  device.mode = device.serial_path.empty() ? Mode::dfu : Mode::serial;
  return device;
}

TEST(IdFromSerial, MakesUpperCaseDigitsLowerCase) {
  EXPECT_EQ(id_from_serial("2B0036000A47333534393338"), kId);
  EXPECT_EQ(id_from_serial(kId), kId);
}

TEST(IdFromSerial, TakesNoConstantForAnId) {
  EXPECT_EQ(id_from_serial("00000000010C"), "");
  EXPECT_EQ(id_from_serial("00000000050C"), "");
}

TEST(IdFromSerial, TakesNothingElseForAnId) {
  EXPECT_EQ(id_from_serial(""), "");
  EXPECT_EQ(id_from_serial("2B0036000A4733353439333"), "");
  EXPECT_EQ(id_from_serial("2B0036000A473335343933389"), "");
  EXPECT_EQ(id_from_serial("2B0036000A4733353439333G"), "");
  EXPECT_EQ(id_from_serial("2B0036000A47333534393\x1b[m"), "");
}

TEST(ParseSelector, ReadsAPort) {
  const auto selector = parse_selector("usb:1-2.4");
  ASSERT_TRUE(selector);
  ASSERT_TRUE(selector->port);
  EXPECT_EQ(usb::to_string(*selector->port), "usb:1-2.4");
}

TEST(ParseSelector, ReadsAnIdInAnyCase) {
  const auto selector = parse_selector("2B0036");
  ASSERT_TRUE(selector);
  EXPECT_EQ(selector->id_prefix, "2b0036");
}

TEST(ParseSelector, ReadsASerialPortOfEitherKind) {
  EXPECT_EQ(parse_selector("/dev/ttyACM0")->serial_path, "/dev/ttyACM0");
  EXPECT_EQ(parse_selector("COM12")->serial_path, "COM12");
}

TEST(ParseSelector, AnEmptyTextMatchesEverything) {
  const auto selector = parse_selector("");
  ASSERT_TRUE(selector);
  EXPECT_TRUE(matches(*selector, device_on(2, "")));
}

TEST(ParseSelector, RefusesWhatIsNoSelector) {
  for (const char* text : {"usb:", "usb:1", "usb:1-", "usb:x-2", "12345", "electron",
                           "2b0036000a473335343933380", "COM"}) {
    const auto selector = parse_selector(text);
    ASSERT_FALSE(selector) << text;
    EXPECT_EQ(selector.error().code, base::Errc::usage) << text;
    EXPECT_FALSE(selector.error().hint.empty()) << text;
  }
}

TEST(Matches, ComparesWhatTheSelectorNames) {
  const Device device = device_on(2, kId, "/dev/ttyACM0");
  EXPECT_TRUE(matches(*parse_selector("usb:1-2"), device));
  EXPECT_FALSE(matches(*parse_selector("usb:1-3"), device));
  EXPECT_TRUE(matches(*parse_selector("2B0036000A"), device));
  EXPECT_FALSE(matches(*parse_selector("3B0036000A"), device));
  EXPECT_TRUE(matches(*parse_selector("/dev/ttyACM0"), device));
  EXPECT_FALSE(matches(*parse_selector("/dev/ttyACM1"), device));
}

TEST(Matches, AnIdPrefixNeverMatchesADeviceWithoutId) {
  EXPECT_FALSE(matches(*parse_selector("000000"), device_on(2, "")));
}

TEST(DifferentDevice, NeedsTwoIds) {
  EXPECT_FALSE(different_device(device_on(2, ""), device_on(2, kId)));
  EXPECT_FALSE(different_device(device_on(2, kId), device_on(2, kId)));
  EXPECT_TRUE(different_device(device_on(2, kId), device_on(2, "aaaaaaaaaaaaaaaaaaaaaaaa")));
}

TEST(Matches, ALinkToTheSerialPort) {
#ifdef _WIN32
  GTEST_SKIP() << "COM ports have no links";
#else
  const std::string folder = testing::TempDir();
  const std::string port = folder + "ttyACM7";
  const std::string link = folder + "usb-Particle_Electron-if00";
  std::ofstream(port) << "x";
  std::filesystem::remove(link);
  std::filesystem::create_symlink(port, link);
  const Device device = device_on(2, kId, std::filesystem::canonical(port).string());
  EXPECT_TRUE(matches(*parse_selector(link), device));
  EXPECT_FALSE(matches(*parse_selector(link), device_on(2, kId, "/dev/ttyACM1")));
  EXPECT_FALSE(matches(*parse_selector("/no/such/link"), device_on(2, kId, "")));
#endif
}

}  // namespace
}  // namespace discovery
