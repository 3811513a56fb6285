// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/no_ports.h"
#include "job/virtual_bench.h"
#include "serial/transcripts.h"
#include "way/confirm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace job::test {
namespace {

using plan::Health;

constexpr std::uint32_t kSmall = 2000;

struct Running {
  const char* release;
  const char* bootloader;
};

std::ostream& operator<<(std::ostream& out, const Running& running) {
  return out << running.release;
}

std::string test_name(const testing::TestParamInfo<Running>& instance) {
  std::string name = instance.param.release;
  std::ranges::replace_if(
      name, [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}

class ProbeSerial : public testing::TestWithParam<Running> {
 protected:
  ProbeSerial() : bench_(GetParam().bootloader) {
    bench_.modem.device_secret = "ABCDEFGHJKLMNOP";
    // Module version 10 names several releases.
    bench_.modem.version = GetParam().release;
    bench_.install(GetParam().release, kSmall);
  }
  base::Result<discovery::Device> listening() {
    return reach::to_listening(bench_.context(), voice_, *bench_.find(), reach::attended());
  }
  base::Result<way::Answer> ask() {
    TRY_ASSIGN(const auto there, listening());
    return way::ask(bench_.context(), there);
  }
  VirtualBench bench_;
  work::Voice voice_{bench_, "usb:1-1"};
};

TEST_P(ProbeSerial, TellsWhoItIs) {
  bench_.power_on();
  const auto state = ask();
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->identity.release, GetParam().release);
  EXPECT_EQ(state->identity.id, "2b0036000a47333534393338");
  EXPECT_EQ(state->identity.imei, "353162070000019");
  EXPECT_EQ(state->identity.iccid, "89314404000000000123");
}

// Put in its place after it was chosen by its id.
TEST_P(ProbeSerial, AnotherDeviceThanTheChosenOneIsAnError) {
  bench_.power_on();
  auto there = listening();
  ASSERT_TRUE(there) << there.error().message;
  there->id = "000000000000000000000001";
  const auto state = way::ask(bench_.context(), *there);
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, base::Errc::no_device);
  EXPECT_EQ(state.error().id, "another-device");
}

TEST_P(ProbeSerial, TellsTheSameModulesAsDfuDoes) {
  bench_.power_on();
  const auto told = ask();
  ASSERT_TRUE(told) << told.error().message;
  Request look;
  look.goal = Look();
  look.via = Via::dfu;
  const events::DeviceReport read = bench_.run(look);
  ASSERT_TRUE(read.ok()) << read.error->message;
  for (const platform::ModuleId id : {platform::kSystemPart1, platform::kSystemPart2,
                                      platform::kSystemPart3, platform::kUserPart}) {
    const plan::InstalledModule* a = told->state.find(id);
    const plan::InstalledModule* b = read.before->find(id);
    ASSERT_TRUE(a != nullptr && b != nullptr);
    EXPECT_EQ(a->health(), b->health()) << platform::describe(id);
    if (!a->valid()) continue;
    EXPECT_EQ(a->version(), b->version()) << platform::describe(id);
    EXPECT_EQ(a->dependencies()[0], b->dependencies()[0]) << platform::describe(id);
  }
  EXPECT_EQ(told->state.bootloader_version, read.before->bootloader_version);
  EXPECT_EQ(plan::judge(told->state, catalogue()).verdict,
            plan::judge(*read.before, catalogue()).verdict);
}

INSTANTIATE_TEST_SUITE_P(Releases, ProbeSerial,
                         testing::Values(Running{"0.4.8-rc.6", "6"}, Running{"0.5.3", "6"},
                                         Running{"0.6.4", "11"}, Running{"1.0.1", "201"},
                                         Running{"1.5.2", "400"}, Running{"2.3.1", "1004"}),
                         test_name);

serial::Described described(const std::string& text) { return *serial::parse_modules(text); }

TEST(StateFrom, TakesEveryMainStore) {
  const auto state = way::state_from(described(serial_test::kModules064), electron());
  ASSERT_EQ(state.modules.size(), electron().slots.size());
  const plan::InstalledModule* index2 = state.valid(platform::kSystemPart2);
  ASSERT_NE(index2, nullptr);
  EXPECT_EQ(index2->version(), 110);
  EXPECT_EQ(index2->dependencies()[0], (firmware::Dependency{platform::kSystemPart1, 110}));
  EXPECT_EQ(state.bootloader_version, 11);
  EXPECT_EQ(index2->read(), nullptr) << "the description has no bytes";
  EXPECT_EQ(plan::judge(state, catalogue()).verdict, plan::Verdict::runs);
}

TEST(StateFrom, AnApplicationThatWantsMoreIsValidAndMeansSafeMode) {
  const auto state = way::state_from(described(serial_test::kModules048), electron());
  EXPECT_NE(state.valid(platform::kUserPart), nullptr);
  EXPECT_EQ(plan::judge(state, catalogue()).verdict, plan::Verdict::safe_mode);
}

TEST(StateFrom, AStoreThatIsNotListedIsBlank) {
  const auto state = way::state_from(described(serial_test::kModules048), electron());
  ASSERT_NE(state.find(platform::kSystemPart3), nullptr);
  EXPECT_EQ(state.find(platform::kSystemPart3)->health(), Health::blank);
  EXPECT_EQ(state.factory_image, std::nullopt);
}

TEST(StateFrom, AWrongChecksumIsCorrupt) {
  std::string text = serial_test::kModules064;
  const std::string whole = R"("vv":30,"f":"s","n":"2")";
  text.replace(text.find(whole), whole.size(), R"("vv":28,"f":"s","n":"2")");
  const auto state = way::state_from(described(text), electron());
  EXPECT_EQ(state.find(platform::kSystemPart2)->health(), Health::corrupt);
  EXPECT_EQ(state.find(platform::kSystemPart2)->problems()[0].code, "crc-mismatch");
}

TEST(StateFrom, KnowsAFactoryImage) {
  std::string text = serial_test::kModules064;
  const std::string empty = R"({"s":131072,"l":"f","vc":30,"vv":0,"d":[]})";
  text.replace(text.find(empty), empty.size(),
               R"({"s":131072,"l":"f","vc":30,"vv":30,"f":"u","n":"1","v":2,"d":[]})");
  const auto state = way::state_from(described(text), electron());
  EXPECT_EQ(state.factory_image, true);
  EXPECT_EQ(state.valid(platform::kUserPart)->version(), 3) << "the main store's";
}

TEST(Contradictions, NoneWhenAllIsThere) {
  EXPECT_TRUE(way::contradictions(described(serial_test::kModules064), synthesised("0.6.4", kSmall))
                  .empty());
}

TEST(Contradictions, TellAnotherVersionAndAMissingModule) {
  const auto found =
      way::contradictions(described(serial_test::kModules048), synthesised("0.6.4", kSmall));
  EXPECT_THAT(found, testing::UnorderedElementsAre("the device has system part 1 10, not 110",
                                                   "the device has system part 2 10, not 110",
                                                   "the device lists no system part 3"));
}

TEST(Contradictions, TellAnotherApplicationOfTheSameVersion) {
  const std::vector<firmware::CheckedModule> written{user_part(3, 10)};
  EXPECT_THAT(way::contradictions(described(serial_test::kModules064), written),
              testing::ElementsAre("the device has another user part of the same version"));
}

// --- confirm ---

class Confirm : public testing::Test {
 protected:
  void start(std::string_view release, std::string_view bootloader) {
    bench_ = std::make_unique<VirtualBench>(bootloader);
    bench_->helpful = false;
    bench_->install(release, kSmall);
    bench_->power_on();
  }
  way::Confirmation ask() { return ask_in(bench_->world()); }
  way::Confirmation ask_in(discovery::World& world) {
    discovery::Device device;
    device.info.port = bench_->wire().port(0);
    work::Voice voice(*bench_, "usb:1-1");
    auto result = way::confirm(bench_->context_in(world), voice, device);
    EXPECT_TRUE(result) << result.error().message;
    return std::move(*result);
  }
  std::unique_ptr<VirtualBench> bench_;
};

TEST_F(Confirm, ByTheDevicesOwnAnswerAndLeavesItRunning) {
  start("1.5.2", "400");
  const way::Confirmation confirmation = ask();
  EXPECT_EQ(confirmation.by, events::ConfirmedBy::listening);
  bench_->pass(seconds(1));
  EXPECT_NE(bench_->board().led().colour, "blue");
}

TEST_F(Confirm, TheAnswerContradictsWhatIsNotThere) {
  start("1.5.2", "400");
  const way::Confirmation confirmation = ask();
  ASSERT_TRUE(confirmation.answer);
  const auto written = synthesised("2.3.1", kSmall);
  EXPECT_EQ(way::contradictions(confirmation.answer->described, written).size(), 3U);
}

TEST_F(Confirm, ByEnumerationAloneWhereNobodyPressesTheButton) {
  start("0.5.3", "6");
  const way::Confirmation confirmation = ask();
  EXPECT_EQ(confirmation.by, events::ConfirmedBy::enumeration);
  EXPECT_FALSE(confirmation.why_not.empty());
}

// Without a serial port it is asked by USB requests, where its release answers those.
TEST_F(Confirm, ByTheDevicesOwnAnswerAlsoWhereTheComputerMakesNoPortOfIt) {
  for (const auto& [release, bootloader] :
       {std::pair{"1.0.1", "201"}, std::pair{"1.5.2", "400"}, std::pair{"2.3.1", "1004"}}) {
    SCOPED_TRACE(release);
    start(release, bootloader);
    NoPorts ports;
    discovery::World world{bench_->world().usb, ports, bench_->world().clock};
    const way::Confirmation confirmation = ask_in(world);
    EXPECT_EQ(confirmation.by, events::ConfirmedBy::listening) << confirmation.why_not;
    ASSERT_TRUE(confirmation.answer);
    EXPECT_EQ(confirmation.answer->identity.release, release);
    EXPECT_TRUE(
        way::contradictions(confirmation.answer->described, synthesised(release, kSmall)).empty());
    bench_->pass(seconds(1));
    EXPECT_NE(bench_->board().led().colour, "blue");
  }
}

TEST_F(Confirm, ByEnumerationAloneWhereAnOldReleaseHasNoPort) {
  for (const auto& [release, bootloader] : {std::pair{"0.5.3", "6"}, std::pair{"0.6.4", "11"}}) {
    SCOPED_TRACE(release);
    start(release, bootloader);
    NoPorts ports;
    discovery::World world{bench_->world().usb, ports, bench_->world().clock};
    const way::Confirmation confirmation = ask_in(world);
    EXPECT_EQ(confirmation.by, events::ConfirmedBy::enumeration);
    EXPECT_FALSE(confirmation.why_not.empty());
  }
}

// Answers nothing to `i`, as a line that loses a byte.
class ForgetfulPorts final : public serial::Ports {
 public:
  ForgetfulPorts(serial::Ports& real, char lost) : real_(real), lost_(lost) {}
  base::Result<std::vector<serial::PortInfo>> list() override { return real_.list(); }
  base::Result<std::unique_ptr<serial::Port>> open(const std::string& path) override {
    TRY_ASSIGN(auto port, real_.open(path));
    return std::unique_ptr<serial::Port>(std::make_unique<Line>(std::move(port), lost_));
  }

 private:
  class Line final : public serial::Port {
   public:
    Line(std::unique_ptr<serial::Port> real, char lost) : real_(std::move(real)), lost_(lost) {}
    base::Result<> set_baud(std::uint32_t baud) override { return real_->set_baud(baud); }
    base::Result<> write(base::ByteView bytes, base::Millis timeout) override {
      base::Bytes kept(bytes.begin(), bytes.end());
      std::erase(kept, static_cast<std::uint8_t>(lost_));
      if (kept.empty()) return {};
      return real_->write(kept, timeout);
    }
    base::Result<base::Bytes> read(std::size_t most, base::Millis timeout) override {
      return real_->read(most, timeout);
    }
    void discard_input() override { real_->discard_input(); }

   private:
    std::unique_ptr<serial::Port> real_;
    char lost_;
  };
  serial::Ports& real_;
  char lost_;
};

TEST_F(Confirm, LeavesADeviceRunningThatGaveNoAnswer) {
  start("1.5.2", "400");
  ForgetfulPorts ports(bench_->world().serial, 'i');
  discovery::World world{bench_->world().usb, ports, bench_->world().clock};
  EXPECT_EQ(ask_in(world).by, events::ConfirmedBy::enumeration);
  bench_->pass(seconds(1));
  EXPECT_NE(bench_->board().led().colour, "blue");
}

TEST_F(Confirm, ByNothingWhenItIsNotThere) {
  start("1.5.2", "400");
  bench_->board().plug(false);
  bench_->pass(seconds(1));
  const way::Confirmation confirmation = ask();
  EXPECT_EQ(confirmation.by, events::ConfirmedBy::none);
}

}  // namespace
}  // namespace job::test
