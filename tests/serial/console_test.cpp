// SPDX-License-Identifier: GPL-3.0-or-later
#include "serial/console.h"

#include "serial/scripted_port.h"
#include "serial/transcripts.h"

#include <gtest/gtest.h>

#include <map>

namespace {

using namespace std::chrono_literals;
using namespace serial_test;  // NOLINT: the fake and the transcripts
using base::Errc;

// A device in listening mode.
class ConsoleTest : public testing::Test {
 protected:
  ConsoleTest() {
    port_.on_bytes = [this](std::string_view bytes) {
      for (const char key : bytes) {
        if (answers_.count(key) != 0) port_.say_later(answers_[key], delay_);
      }
    };
    answers_['v'] = version_answer("0.6.4");
    answers_['i'] = kIdentity064;
    answers_['s'] = kModules064;
  }

  ManualClock clock_;
  ScriptedPort port_{clock_};
  base::CancelToken cancel_;
  serial::Console console_{port_, clock_, cancel_};
  std::map<char, std::string> answers_;
  base::Micros delay_{0};
};

TEST_F(ConsoleTest, AsksEverything) {
  EXPECT_EQ(*console_.ask_version(5s), "0.6.4");
  EXPECT_EQ(console_.ask_identity(5s)->imei, "353162070000019");
  EXPECT_EQ(console_.ask_modules(5s)->modules.size(), 6u);
}

TEST_F(ConsoleTest, WaitsForASlowAnswer) {
  delay_ = 900ms;
  EXPECT_EQ(console_.ask_modules(20s)->modules.size(), 6u);
}

TEST_F(ConsoleTest, KnowsThatAnOldReleaseHasNoAnswer) {
  const auto claimed = console_.ask_claimed(5s);
  ASSERT_TRUE(claimed);
  EXPECT_EQ(*claimed, std::nullopt);
  EXPECT_EQ(*console_.ask_diagnostics(5s), "");
}

TEST_F(ConsoleTest, ReadsClaimAndDiagnosticsOfLaterReleases) {
  answers_['c'] = "Device claimed: yes\r\n";
  answers_['d'] = "{\"device\":{\"x\":\"\x1b\"}}\r\n";
  EXPECT_EQ(**console_.ask_claimed(5s), true);
  EXPECT_EQ(*console_.ask_diagnostics(5s), R"({"device":{"x":"?"}})");
}

TEST_F(ConsoleTest, DropsWhatWasSaidBefore) {
  port_.say("{\"p\":10,\"m\":[]}\r\n" + version_answer("9.9.9"));
  EXPECT_EQ(*console_.ask_version(5s), "0.6.4");
}

TEST_F(ConsoleTest, ASilentDeviceIsATimeoutWithAHint) {
  answers_.clear();
  const auto version = console_.ask_version(5s);
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().code, Errc::timeout);
  EXPECT_NE(version.error().hint, "");
}

TEST_F(ConsoleTest, ADeviceThatTakesNoBytesIsATimeout) {
  port_.takes_bytes = false;
  EXPECT_EQ(console_.ask_version(5s).error().code, Errc::timeout);
}

TEST_F(ConsoleTest, ADeviceThatVanishesIsGone) {
  answers_.clear();
  port_.later(700ms, [&] { port_.vanish(); });
  EXPECT_EQ(console_.ask_identity(5s).error().code, Errc::device_gone);
}

TEST_F(ConsoleTest, AnInterruptionEndsTheWait) {
  answers_.clear();
  port_.later(700ms, [&] { cancel_.request(); });
  EXPECT_EQ(console_.ask_modules(60s).error().code, Errc::cancelled);
}

TEST_F(ConsoleTest, AsksAgainWhenTheFirstQuestionsAreLost) {
  port_.to_device = [](std::size_t number, char c) {
    return number < 2 ? std::string() : std::string(1, c);
  };
  EXPECT_EQ(*console_.ask_version(10s), "0.6.4");
}

// What a line does that adds or changes a digit of the first answer.
TEST_F(ConsoleTest, TheReleaseIsBelievedWhenTwoAnswersAgree) {
  int asked = 0;
  port_.on_bytes = [&](std::string_view bytes) {
    for (const char key : bytes) {
      if (key == 'v') port_.say(version_answer(++asked == 1 ? "0.44.8" : "0.4.8"));
    }
  };
  EXPECT_EQ(*console_.ask_release(20s), "0.4.8");
}

TEST_F(ConsoleTest, TheDeviceIdIsBelievedWhenTwoAnswersAgree) {
  std::string wrong(kIdentity064);
  wrong.replace(wrong.find("Device ID: ") + 11, 1, "f");
  int asked = 0;
  port_.on_bytes = [&](std::string_view bytes) {
    for (const char key : bytes) {
      if (key == 'i' && ++asked == 1) {
        port_.say(wrong);
      } else {
        port_.say(answers_[key]);
      }
    }
  };
  EXPECT_EQ(console_.ask_identity(20s)->device_id, serial::parse_identity(kIdentity064)->device_id);
}

TEST_F(ConsoleTest, AnswersThatNeverAgreeAreAnErrorWithAHint) {
  int asked = 0;
  port_.on_bytes = [&](std::string_view bytes) {
    for (const char key : bytes) {
      if (key == 'v') port_.say(version_answer("0.6." + std::to_string(++asked)));
    }
  };
  const auto release = console_.ask_release(20s);
  ASSERT_FALSE(release);
  EXPECT_EQ(release.error().code, Errc::protocol);
  EXPECT_NE(release.error().hint, "");
}

TEST_F(ConsoleTest, ALateAnswerToAnEarlierQuestionCostsNoTime) {
  port_.on_bytes = [this](std::string_view bytes) {
    if (bytes.find('i') == std::string_view::npos) return;
    port_.say(version_answer("0.6.4"));  // late
    port_.say(kIdentity064 + version_answer("0.6.4"));
  };
  const base::Instant start = clock_.now();
  ASSERT_TRUE(console_.ask_identity(20s));
  EXPECT_LT(clock_.now() - start, 2s);
}

TEST_F(ConsoleTest, TellsWhetherTheDeviceTookAnything) {
  port_.takes_bytes = false;
  EXPECT_FALSE(console_.ask_version(5s));
  EXPECT_FALSE(console_.was_heard());
  port_.takes_bytes = true;
  answers_.clear();
  EXPECT_FALSE(console_.ask_version(5s));
  EXPECT_TRUE(console_.was_heard());
}

TEST_F(ConsoleTest, ATalkativeDeviceThatNeverAnswersEnds) {
  answers_.clear();
  port_.on_bytes = [this](std::string_view) { port_.say(std::string(200'000, '{')); };
  EXPECT_FALSE(console_.ask_modules(20s));
}

TEST_F(ConsoleTest, OneLostDigitNeverMakesAnotherVersion) {
  // Each byte of the first answer in turn; the second and third are whole.
  const serial::Described whole = *serial::parse_modules(kModules064);
  for (std::size_t lost = 0; lost < kModules064.size(); lost += 3) {
    ManualClock clock;
    ScriptedPort port(clock);
    port.on_bytes = [&](std::string_view bytes) {
      for (const char key : bytes) port.say(answers_[key]);
    };
    port.from_device = [&](std::size_t number, char c) {
      return number == lost ? std::string() : std::string(1, c);
    };
    serial::Console console(port, clock, cancel_);
    const auto described = console.ask_modules(60s);
    ASSERT_TRUE(described) << lost;
    EXPECT_EQ(*described, whole) << lost;
  }
}

}  // namespace
