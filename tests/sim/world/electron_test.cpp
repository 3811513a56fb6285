// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/world/electron.h"

#include "base/files.h"
#include "release/release_set.h"
#include "sim/board/dct.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sim {
namespace {

constexpr std::uint16_t kVendor = 0x2B04;
constexpr std::uint16_t kDfu = 0xD00A;
constexpr std::uint16_t kSerial = 0xC00A;

std::unique_ptr<SimWorld> world_of(std::string_view state) {
  auto world = SimWorld::from_selector(state, release::Library{});
  EXPECT_TRUE(world.has_value()) << world.error().message;
  return world ? std::move(*world) : nullptr;
}

std::uint16_t product_on_the_bus(SimWorld& world) {
  const auto list = world.usb().list(kVendor);
  return list && list->size() == 1 ? list->front().product : 0;
}

std::string say(SimWorld& world, std::string_view text) {
  const auto ports = world.serial().list();
  if (!ports || ports->empty()) return "no port";
  auto port = world.serial().open(ports->front().path);
  if (!port || !(*port)->write(base::as_bytes(text), base::Millis(1000))) return "not taken";
  std::string answer;
  while (auto bytes = (*port)->read(4096, base::Millis(2000))) answer += base::as_text(*bytes);
  return answer;
}

TEST(SimWorld, RunsAReleaseFromItsCatalogueEntry) {
  for (const std::string_view state : {"sim:0.4.8-rc.6", "sim:0.5.5", "sim:0.6.4", "sim:2.3.1"}) {
    const auto world = world_of(state);
    ASSERT_NE(world, nullptr) << state;
    EXPECT_EQ(product_on_the_bus(*world), kSerial) << state;
    EXPECT_EQ(world->serial().list()->size(), 1U) << state;
  }
}

TEST(SimWorld, HandsABlankDeviceOverInDfuMode) {
  const auto world = world_of("sim:blank");
  ASSERT_NE(world, nullptr);
  EXPECT_EQ(product_on_the_bus(*world), kDfu);
  EXPECT_TRUE(base::is_blank(world->board(0).flash().view({0x08020000, 0x080A0000})));
}

TEST(SimWorld, BringsTheDeviceIntoTheModeAskedFor) {
  for (const std::string_view bootloader : {"6", "11", "201", "400", "1006"}) {
    ElectronSpec spec;
    spec.release = "0.6.4";
    spec.bootloader = bootloader;
    spec.mode = ElectronSpec::Mode::dfu;
    const auto world = SimWorld::make({spec}, release::Library{}, VirtualHost::Enumeration::here);
    ASSERT_TRUE(world.has_value());
    EXPECT_EQ(product_on_the_bus(**world), kDfu) << bootloader;
    EXPECT_EQ((*world)->board(0).led(), (Led{"yellow", "blinking"})) << bootloader;
  }
}

TEST(SimWorld, ListeningDeviceAnswersItsVersion) {
  for (const std::string_view release : {"0.4.8-rc.6", "0.5.3", "0.6.4", "2.3.1"}) {
    ElectronSpec spec;
    spec.release = release;
    spec.mode = ElectronSpec::Mode::listening;
    const auto world = SimWorld::make({spec}, release::Library{}, VirtualHost::Enumeration::here);
    ASSERT_TRUE(world.has_value());
    EXPECT_THAT(say(**world, "v"), ::testing::HasSubstr(std::string(release))) << release;
  }
}

TEST(SimWorld, KeepsTwoDevicesApartByPortAndId) {
  ElectronSpec first;
  first.release = "0.6.4";
  ElectronSpec second = first;
  second.seed = 2;
  const auto world =
      SimWorld::make({first, second}, release::Library{}, VirtualHost::Enumeration::here);
  ASSERT_TRUE(world.has_value());
  EXPECT_EQ((*world)->usb().list(kVendor)->size(), 2U);
  EXPECT_EQ((*world)->serial().list()->size(), 2U);
  EXPECT_NE((*world)->board(0).device_id(), (*world)->board(1).device_id());
}

TEST(SimWorld, GivesEveryDeviceKeysOfItsOwn) {
  ElectronSpec first;
  ElectronSpec second;
  second.seed = 2;
  const auto one = make_board(first, release::Library{}, {});
  const auto two = make_board(second, release::Library{}, {});
  ASSERT_TRUE(one && two);
  const base::Bytes key = Dct((*one)->flash(), DctFormat::sealed).read(3106, 192);
  EXPECT_FALSE(base::is_blank(key));
  EXPECT_NE(key, Dct((*two)->flash(), DctFormat::sealed).read(3106, 192));
}

TEST(SimWorld, RefusesAReleaseThatNeverWas) {
  const auto world = SimWorld::from_selector("sim:7.7.7", release::Library{});
  ASSERT_FALSE(world.has_value());
  EXPECT_EQ(world.error().code, base::Errc::usage);
}

TEST(ParseSpec, ReadsEveryKey) {
  const auto spec = parse_spec(R"({
    "release": "0.6.4", "bootloader": "1006", "id": "2b0036000a47333534393338", "mode": "safe",
    "user_app": false, "factory": true, "factory_registered": true, "seed": 7,
    "faults": ["at dnload 3: stall", "at 2s: unplug 1s"], "imei": "1", "iccid": "2",
    "sim_card": false, "network": true, "claimed": true,
    "dfu_touch": false})");
  ASSERT_TRUE(spec.has_value()) << spec.error().message;
  EXPECT_EQ(spec->release, "0.6.4");
  EXPECT_EQ(spec->bootloader, "1006");
  EXPECT_EQ(spec->mode, ElectronSpec::Mode::safe);
  EXPECT_EQ(spec->unique_id->at(0), 0x2B);
  EXPECT_FALSE(spec->user_app);
  EXPECT_TRUE(spec->factory_image && spec->factory_registered);
  EXPECT_EQ(spec->seed, 7U);
  EXPECT_EQ(to_string(spec->faults), "at dnload 3: stall\nat 2s: unplug 1s\n");
  EXPECT_EQ(spec->firmware.imei, "1");
  EXPECT_FALSE(spec->firmware.sim_card);
  EXPECT_FALSE(spec->firmware.dfu_touch);
}

TEST(ParseSpec, MakesUpModulesFromWhatInfoPrints) {
  const auto spec = parse_spec(R"({"schema": 1, "ok": true,
    "device": {"id": "2b0036000a47333534393338", "mode": "dfu", "bootloader_version": 11},
    "modules": [
      {"file": null, "function": "system-part", "index": 2, "version": 110, "address": "0x08040000",
       "size": 114848, "dependencies": [{"function": "system-part", "index": 1, "version": 110}]},
      {"function": "bootloader", "index": 0, "version": 101}],
    "verdict": {"state": "does-not-boot", "reasons": []}})");
  ASSERT_TRUE(spec.has_value()) << spec.error().message;
  ASSERT_EQ(spec->modules.size(), 2U);
  EXPECT_EQ(spec->modules[0].size(), 114848U);
  EXPECT_EQ(spec->bootloader, "11");
  EXPECT_EQ(spec->mode, ElectronSpec::Mode::dfu);
  EXPECT_FALSE(spec->user_app);
}

TEST(ParseSpec, TakesOrPassesOverAllThatInfoTells) {
  const auto spec = parse_spec(R"({"schema": 1, "ok": true, "something_newer": [],
    "device": {"id": "2b0036000a47333534393338", "mode": "serial", "port": "usb:1-1",
      "bootloader_version": 101, "generation": "system 0.6.0 or newer", "serial_port": "/dev/x",
      "imei": "1", "iccid": "2", "claimed": true, "system_version": "0.7.0",
      "factory_image": true, "led": "green"},
    "modules": [
      {"function": "system-part", "index": 1, "version": null, "dependencies": [], "crc_ok": false,
       "may_be": [], "valid": false, "health": "blank"},
      {"function": "system-part", "index": 2, "version": 207, "size": null, "crc_ok": false,
       "valid": false, "health": "corrupt", "color": 7}]})");
  ASSERT_TRUE(spec.has_value()) << spec.error().message;
  EXPECT_TRUE(spec->firmware.claimed);
  EXPECT_TRUE(spec->factory_image);
  EXPECT_EQ(spec->mode, ElectronSpec::Mode::normal);
  ASSERT_EQ(spec->modules.size(), 1U) << "a blank place holds no module";
}

TEST(ParseSpec, RefusesASchemaThatItDoesNotKnow) {
  const auto spec = parse_spec(R"({"schema": 99, "release": "0.6.4"})");
  ASSERT_FALSE(spec.has_value());
  EXPECT_EQ(spec.error().id, "state-version");
  EXPECT_FALSE(spec.error().hint.empty());
}

TEST(ParseSpec, RefusesWhatItDoesNotKnow) {
  for (const std::string_view text :
       {"[]", "{", R"({"relaese": "0.6.4"})", R"({"mode": "asleep"})", R"({"seed": -1})",
        R"({"id": "2b00"})", R"({"faults": ["at dnload: stall"]})", R"({"release": 6})",
        R"({"modules": [{"function": "system-part", "index": 9, "version": 1}]})",
        R"({"modules": [{"function": "system-part", "index": 1, "size": 999999}]})",
        R"({"release": "7.7.7"})", R"({"bootloader": "9999x"})", R"({"modules": [{"indx": 1}]})"}) {
    const auto spec = parse_spec(text);
    ASSERT_FALSE(spec.has_value()) << text;
    EXPECT_EQ(spec.error().code, base::Errc::bad_file) << text;
    EXPECT_FALSE(spec.error().hint.empty()) << text;
  }
}

}  // namespace
}  // namespace sim
