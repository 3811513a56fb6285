// SPDX-License-Identifier: GPL-3.0-or-later
//
// A computer without the serial driver: the device is on the bus and has no port.
#include "reach/portless.h"

#include "job/no_ports.h"
#include "job/virtual_bench.h"
#include "reach/switching.h"
#include "usb/one_at_a_time.h"
#include "way/told.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>

namespace job::test {
namespace {

using base::Errc;
using discovery::Device;
using discovery::Mode;

constexpr std::uint32_t kSmall = 2000;
constexpr std::uint8_t kSetLineCoding = 0x20;
constexpr std::uint8_t kInit = 1;

// Notes every setup packet and when it was sent, and may send another one instead or none.
class Overheard final : public usb::Host {
 public:
  struct Heard {
    usb::ControlSetup setup;
    base::Instant at;
  };
  Overheard(usb::Host& real, base::Clock& clock) : real_(real), clock_(clock) {}
  base::Result<std::vector<usb::DeviceInfo>> list(std::uint16_t vendor) override {
    return real_.list(vendor);
  }
  base::Result<std::unique_ptr<usb::Transport>> open(const usb::DeviceInfo& info) override {
    if (denied) return base::make_error(Errc::access_denied, "not ours to open");
    TRY_ASSIGN(auto transport, real_.open(info));
    return std::unique_ptr<usb::Transport>(
        std::make_unique<OverheardTransport>(*this, std::move(transport)));
  }
  void wait_for_change(base::Millis most, const base::CancelToken& cancel) override {
    real_.wait_for_change(most, cancel);
  }
  std::vector<Heard> of(std::uint8_t request) const {
    std::vector<Heard> found;
    std::ranges::copy_if(heard, std::back_inserter(found),
                         [&](const Heard& one) { return one.setup.request == request; });
    return found;
  }

  bool denied = false;
  std::vector<Heard> heard;
  // Of what was asked, what is sent; none: nothing, and it seems to have worked.
  std::function<std::optional<usb::ControlSetup>(const usb::ControlSetup&)> instead;

 private:
  class OverheardTransport final : public usb::OneAtATimeTransport {
   public:
    OverheardTransport(Overheard& host, std::unique_ptr<usb::Transport> real)
        : host_(host), real_(std::move(real)) {}
    base::Result<> claim_interface(std::uint8_t interface) override {
      return real_->claim_interface(interface);
    }
    base::Result<> select_alt(std::uint8_t interface, std::uint8_t alt) override {
      return real_->select_alt(interface, alt);
    }
    base::Result<base::Bytes> configuration() override { return real_->configuration(); }
    base::Result<std::string> string(std::uint8_t index) override { return real_->string(index); }

   protected:
    base::Result<std::size_t> carry_in(const usb::ControlSetup& setup, std::span<std::uint8_t> into,
                                       base::Millis timeout) override {
      const auto sent = host_.note(setup);
      if (!sent) return std::size_t{0};
      return real_->control_in(*sent, into, timeout);
    }
    base::Result<std::size_t> carry_out(const usb::ControlSetup& setup, base::ByteView data,
                                        base::Millis timeout) override {
      const auto sent = host_.note(setup);
      if (!sent) return data.size();
      return real_->control_out(*sent, data, timeout);
    }

   private:
    Overheard& host_;
    std::unique_ptr<usb::Transport> real_;
  };

  std::optional<usb::ControlSetup> note(const usb::ControlSetup& setup) {
    heard.push_back({setup, clock_.now()});
    return instead ? instead(setup) : std::optional(setup);
  }
  usb::Host& real_;
  base::Clock& clock_;
};

struct Running {
  const char* release;
  const char* bootloader;
};

std::ostream& operator<<(std::ostream& out, const Running& running) {
  return out << running.release;
}

std::string test_name(const testing::TestParamInfo<Running>& info) {
  std::string name = info.param.release;
  std::ranges::replace_if(
      name, [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}

class Portless : public testing::TestWithParam<Running> {
 protected:
  Portless() : bench_(GetParam().bootloader) {
    bench_.install(GetParam().release, kSmall);
    bench_.helpful = false;
  }
  void power_on() {
    bench_.power_on();
    look();
  }
  // The moment that it is on the bus.
  void arrive() {
    bench_.board().power(true);
    for (int i = 0; i < 10'000 && !discovery::choose(world_, electron(), {}); ++i) {
      bench_.pass(milliseconds(1));
    }
    arrived_ = bench_.world().clock.now();
    look();
  }
  void look() {
    auto device = discovery::choose(world_, electron(), {});
    ASSERT_TRUE(device) << device.error().message;
    device_ = *device;
    ASSERT_EQ(device_.mode, Mode::serial);
    ASSERT_EQ(device_.serial_path, "");
  }
  base::Result<Device> to_dfu() {
    return reach::to_dfu(bench_.context_in(world_), voice_, device_, reach::unattended());
  }
  base::Result<Device> to_listening() {
    return reach::to_listening(bench_.context_in(world_), voice_, device_, reach::unattended());
  }

  VirtualBench bench_;
  NoPorts ports_;
  Overheard usb_{bench_.world().usb, bench_.world().clock};
  discovery::World world_{usb_, ports_, bench_.world().clock};
  work::Voice voice_{bench_, "usb:1-1"};
  Device device_;
  base::Instant arrived_;
};

class AnyRelease : public Portless {};

TEST_P(AnyRelease, GoesToDfuModeByARateThatIsSentWithoutAPort) {
  power_on();
  const auto there = to_dfu();
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(there->mode, Mode::dfu);
  EXPECT_TRUE(usb_.of(kInit).empty()) << "no USB request was needed";
}

TEST_P(AnyRelease, GoesToDfuModeWhenItHasJustArrived) {
  arrive();
  const auto there = to_dfu();
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(there->mode, Mode::dfu);
}

INSTANTIATE_TEST_SUITE_P(Releases, AnyRelease,
                         testing::Values(Running{"0.4.8-rc.6", "6"}, Running{"0.5.3", "6"},
                                         Running{"0.6.0", "6"}, Running{"0.6.4", "11"},
                                         Running{"0.7.0", "101"}, Running{"1.0.1", "201"},
                                         Running{"1.5.2", "400"}, Running{"2.3.1", "1004"}),
                         test_name);

// Releases with the asynchronous protocol, whose application has changed the rate that means DFU.
class Deaf : public Portless {
 protected:
  Deaf() { bench_.modem.dfu_touch = false; }
};

TEST_P(Deaf, GoesToDfuModeByUsbRequest) {
  power_on();
  const auto there = to_dfu();
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(there->mode, Mode::dfu);
  EXPECT_LE(usb_.of(kInit).size(), 2U);
}

TEST_P(Deaf, IsSentNoRequestInItsFirstSecondAndAHalf) {
  arrive();
  const auto there = to_dfu();
  ASSERT_TRUE(there) << there.error().message;
  ASSERT_FALSE(usb_.of(kInit).empty());
  EXPECT_GE(usb_.of(kInit).front().at - arrived_, milliseconds(1500));
}

// 2.3.1 may answer a request and forget it.
TEST_P(Deaf, IsAskedAgainWhenTheBusDoesNotShowWhatWasAnswered) {
  if (std::string(GetParam().release) == "1.0.1") GTEST_SKIP() << "answers only where it listens";
  power_on();
  int requests = 0;
  usb_.instead = [&requests](const usb::ControlSetup& setup) {
    usb::ControlSetup sent = setup;
    // One that is answered and does nothing here: to end listening mode.
    if (setup.request == kInit && setup.index == 50 && ++requests == 1) sent.index = 71;
    return std::optional(sent);
  };
  const auto there = to_dfu();
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(requests, 2);
}

TEST_P(Deaf, IsToldToListenWhenItLeavesARequestUnanswered) {
  power_on();
  int requests = 0;
  usb_.instead = [&requests](const usb::ControlSetup& setup) {
    usb::ControlSetup sent = setup;
    // A question lies unanswered as long as it does not listen.
    if (setup.request == kInit && setup.index == 50 && ++requests == 1) sent.index = 30;
    return std::optional(sent);
  };
  const auto there = to_dfu();
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(requests, 2);
  EXPECT_EQ(usb_.of(kSetLineCoding).size(), 6U)
      << "9600 and 14400, twice, before any request; then 9600 and 28800";
}

// Each keeps memory in the device.
TEST_P(Deaf, IsLeftAloneAfterTwoRequestsThatLieUnanswered) {
  power_on();
  usb_.instead = [](const usb::ControlSetup& setup) -> std::optional<usb::ControlSetup> {
    usb::ControlSetup sent = setup;
    if (setup.request == kSetLineCoding) return std::nullopt;
    if (setup.request == kInit) sent.index = 30;
    return sent;
  };
  const auto there = to_dfu();
  ASSERT_FALSE(there);
  EXPECT_EQ(there.error().code, Errc::timeout);
  EXPECT_THAT(there.error().message, testing::Not(testing::HasSubstr("port")))
      << "it is not for the lack of one";
  EXPECT_EQ(usb_.of(kInit).size(), 2U);
  EXPECT_TRUE(bench_.runs());
}

TEST_P(Deaf, ThatMayNotBeOpenedIsAnErrorOfItsOwnAtOnce) {
  power_on();
  usb_.denied = true;
  const base::Instant begin = bench_.world().clock.now();
  const auto there = to_dfu();
  ASSERT_FALSE(there);
  EXPECT_EQ(there.error().code, Errc::access_denied);
  EXPECT_LT(bench_.world().clock.now() - begin, seconds(15));
}

TEST_P(Deaf, TellsItsModulesInListeningMode) {
  power_on();
  const auto listening = to_listening();
  ASSERT_TRUE(listening) << listening.error().message;
  EXPECT_EQ(listening->mode, Mode::listening);
  EXPECT_EQ(bench_.board().led().colour, "blue");
  const auto told = way::ask(bench_.context_in(world_), *listening);
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(told->identity.release, GetParam().release);
  EXPECT_EQ(told->identity.id, "2b0036000a47333534393338");
  const std::uint16_t version = bench_.bootloader_version();
  EXPECT_EQ(told->state.bootloader_version, version);
  for (const platform::ModuleId id :
       {platform::kSystemPart1, platform::kSystemPart2, platform::kSystemPart3}) {
    EXPECT_NE(told->state.valid(id), nullptr) << platform::describe(id);
  }
}

TEST_P(Deaf, IsTakenBackFromListeningMode) {
  power_on();
  const auto listening = to_listening();
  ASSERT_TRUE(listening) << listening.error().message;
  const auto normal =
      reach::to_normal(bench_.context_in(world_), voice_, *listening, reach::unattended());
  ASSERT_TRUE(normal) << normal.error().message;
  bench_.pass(seconds(1));
  EXPECT_NE(bench_.board().led().colour, "blue");
  EXPECT_TRUE(bench_.runs());
}

TEST_P(Deaf, IsAskedASecondTimeIfItDidNotListenAtTheFirst) {
  power_on();
  int rates = 0;
  usb_.instead = [&rates](const usb::ControlSetup& setup) -> std::optional<usb::ControlSetup> {
    // 9600, 28800, 9600, 28800: the first one that matters is lost.
    if (setup.request == kSetLineCoding && ++rates == 2) return std::nullopt;
    return setup;
  };
  const auto listening = to_listening();
  ASSERT_TRUE(listening) << listening.error().message;
  EXPECT_EQ(usb_.of(kInit).size(), 2U);
}

// Each question to one that does not listen keeps memory in it.
TEST_P(Deaf, IsAskedTwoQuestionsAtMostAndGivenMoreTimeForTheSecond) {
  power_on();
  usb_.instead = [](const usb::ControlSetup& setup) -> std::optional<usb::ControlSetup> {
    if (setup.request == kSetLineCoding) return std::nullopt;
    return setup;
  };
  const auto listening = to_listening();
  ASSERT_FALSE(listening);
  EXPECT_EQ(listening.error().code, Errc::timeout);
  const auto questions = usb_.of(kInit);
  const auto rates = usb_.of(kSetLineCoding);
  ASSERT_EQ(questions.size(), 2U);
  ASSERT_EQ(rates.size(), 4U);
  EXPECT_GT(questions[1].at - rates[3].at, questions[0].at - rates[1].at);
}

TEST_P(Deaf, IsToldAgainWhenItRestartsBeforeItIsAsked) {
  power_on();
  int rates = 0;
  usb_.instead = [&](const usb::ControlSetup& setup) {
    if (setup.request == kSetLineCoding && ++rates == 2) {
      const base::Instant soon = bench_.wire().now() + milliseconds(50);
      bench_.wire().at(soon, [this] { bench_.board().press_reset(true); });
      bench_.wire().at(soon + milliseconds(50), [this] { bench_.board().press_reset(false); });
    }
    return std::optional(setup);
  };
  const auto listening = to_listening();
  ASSERT_TRUE(listening) << listening.error().message;
  EXPECT_EQ(rates, 4);
  EXPECT_EQ(usb_.of(kInit).size(), 1U);
}

// Two commands, the second of which finds it listening.
TEST_P(Deaf, IsAskedWithoutAnUnansweredRequestIfItListensAlready) {
  power_on();
  ASSERT_TRUE(to_listening());
  usb_.heard.clear();
  ASSERT_TRUE(to_listening());
  EXPECT_EQ(usb_.of(kInit).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Releases, Deaf,
                         testing::Values(Running{"1.0.1", "201"}, Running{"1.5.2", "400"},
                                         Running{"2.3.1", "1004"}),
                         test_name);

// Nothing but the console tells the modules of an older release.
TEST(PortlessOld, ThatAnswersNoQuestionsIsSaidToHaveNoPort) {
  for (const char* release : {"0.5.3", "0.6.4"}) {
    VirtualBench bench("11");
    bench.install(release, kSmall);
    bench.power_on();
    NoPorts ports;
    discovery::World world{bench.world().usb, ports, bench.world().clock};
    work::Voice voice(bench, "usb:1-1");
    const auto device = discovery::choose(world, electron(), {});
    ASSERT_TRUE(device);
    const auto there =
        reach::to_listening(bench.context_in(world), voice, *device, reach::unattended());
    ASSERT_FALSE(there) << release;
    EXPECT_TRUE(there.error().code == Errc::timeout || there.error().code == Errc::unsupported);
  }
}

}  // namespace
}  // namespace job::test
