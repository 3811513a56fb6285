// SPDX-License-Identifier: GPL-3.0-or-later
//
// Hooks as real programs: what they are told, and what comes of every way in which one can answer
// or not.
#include "station/hook_run.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace station {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Time passes only where somebody sleeps.
class PatientClock final : public base::Clock {
 public:
  base::Instant now() const override { return now_; }
  void sleep(base::Micros duration, const base::CancelToken&) override {
    now_ += duration;
    ++sleeps;
  }
  int sleeps = 0;

 private:
  base::Instant now_{};
};

HookConfig hook(const std::string& script,
                HookConfig::OnError on_error = HookConfig::OnError::hold) {
  return {HookConfig::On::before, {"/bin/sh", "-c", script}, seconds(60), on_error};
}

class Hooks : public testing::Test {
 protected:
  HookVerdict run(std::vector<HookConfig> hooks) {
    HookOrder order;
    order.hooks = std::move(hooks);
    order.job = "job-1";
    order.slot = "A1";
    order.document = document;
    return run_hooks(order, clock, cancel);
  }
  std::string document = "{}\n";
  PatientClock clock;
  base::CancelToken cancel;
};

TEST_F(Hooks, exitZeroGoesOnAndItsAnswerIsKept) {
  const HookVerdict verdict = run({hook(
      R"(echo '{"message": "welcome", "operator": "Anna", "order": "WO-7", "fields": {"lot": 12}}')")});
  EXPECT_FALSE(verdict.hold);
  EXPECT_EQ(verdict.message, "welcome");
  EXPECT_EQ(verdict.operator_name, "Anna");
  EXPECT_EQ(verdict.order, "WO-7");
  ASSERT_EQ(verdict.runs.size(), 1U);
  EXPECT_EQ(verdict.runs[0].exit_code, 0);
  EXPECT_EQ(verdict.runs[0].event, "before");
  EXPECT_EQ(nlohmann::json::parse(verdict.runs[0].fields)["lot"], 12);
}

TEST_F(Hooks, theyAreToldTheDocumentTheEventAndTheSlotAndNothingOfOurEnvironment) {
  document = R"({"hello": "world"})"
             "\n";
  const HookVerdict verdict = run({hook(
      R"(read line; [ "$line" = '{"hello": "world"}' ] && [ "$ER_EVENT/$ER_SLOT" = before/A1 ] && [ -z "$HOME" ])")});
  EXPECT_FALSE(verdict.hold) << verdict.message;
}

TEST_F(Hooks, exitTenIsNotThisDeviceAlsoWhereErrorsAreOnlyNoted) {
  const HookVerdict verdict =
      run({hook(R"(echo '{"message": "wrong order"}'; exit 10)", HookConfig::OnError::note)});
  EXPECT_TRUE(verdict.hold);
  EXPECT_EQ(verdict.code, "hook-refused");
  EXPECT_EQ(verdict.message, "wrong order");
}

TEST_F(Hooks, exitSeventyFiveIsTriedAgainForHalfAMinute) {
  const HookVerdict verdict = run({hook("exit 75")});
  EXPECT_TRUE(verdict.hold);
  EXPECT_EQ(verdict.code, "hook-not-now");
  EXPECT_EQ(verdict.runs.size(), static_cast<std::size_t>(clock.sleeps) + 1);
  EXPECT_GT(clock.sleeps, 10);
  EXPECT_LE(clock.now().time_since_epoch(), kNotNowFor);
}

TEST_F(Hooks, oneThatIsReadyTheSecondTimeGoesOn) {
  const std::string mark = testing::TempDir() + "er-hook-second";
  std::remove(mark.c_str());
  const HookVerdict verdict =
      run({hook("[ -e " + mark + " ] || { touch " + mark + "; exit 75; }")});
  EXPECT_FALSE(verdict.hold);
  EXPECT_EQ(verdict.runs.size(), 2U);
}

TEST_F(Hooks, anyOtherExitIsAnErrorThatHoldsOrIsNoted) {
  const HookVerdict holds = run({hook("exit 3")});
  EXPECT_TRUE(holds.hold);
  EXPECT_EQ(holds.code, "hook-failed");
  EXPECT_NE(holds.message.find("exit 3"), std::string::npos);
  const HookVerdict noted = run({hook("exit 3", HookConfig::OnError::note)});
  EXPECT_FALSE(noted.hold);
  EXPECT_FALSE(noted.log.empty());
}

TEST_F(Hooks, oneThatHangsAndIgnoresTermHoldsTheBoard) {
  HookConfig hanging = hook("trap '' TERM; while :; do sleep 1000; done");
  hanging.timeout = milliseconds(50);
  const HookVerdict verdict = run({hanging});
  EXPECT_TRUE(verdict.hold);
  EXPECT_EQ(verdict.code, "hook-failed");
  EXPECT_NE(verdict.message.find("in time"), std::string::npos);
  EXPECT_FALSE(verdict.runs[0].exit_code);
}

TEST_F(Hooks, oneThatFloodsIsCutAndItsAnswerIsNone) {
  const HookVerdict verdict = run({hook("head -c 5000000 /dev/zero | tr '\\0' x")});
  EXPECT_FALSE(verdict.hold);
  EXPECT_TRUE(verdict.message.empty());
  EXPECT_FALSE(verdict.log.empty());
}

TEST_F(Hooks, oneThatIsNotThereHoldsTheBoard) {
  HookConfig missing = hook("");
  missing.run = {"/no/such/hook"};
  const HookVerdict verdict = run({missing});
  EXPECT_TRUE(verdict.hold);
  EXPECT_NE(verdict.message.find("did not start"), std::string::npos);
}

TEST_F(Hooks, theFirstThatDoesNotAgreeIsTheLast) {
  const HookVerdict verdict = run({hook("exit 0"), hook("exit 10"), hook("exit 0")});
  EXPECT_TRUE(verdict.hold);
  EXPECT_EQ(verdict.runs.size(), 2U);
}

TEST_F(Hooks, whatTheySayIsOneShortLineWithoutControlCharacters) {
  const HookVerdict verdict =
      run({hook(R"(printf '{"message": "a\\u001b[31m%0200d", "fields": {"x": "%05000d"}}' 0 0)")});
  EXPECT_LE(verdict.message.size(), kMostMessage);
  EXPECT_EQ(verdict.message.find('\x1b'), std::string::npos);
  EXPECT_TRUE(verdict.runs[0].fields.empty());  // more than is kept
}

TEST_F(Hooks, theDocumentTellsStationDeviceJobAndRecipe) {
  HookFacts facts;
  facts.station = "line1-a";
  facts.slot = "A1";
  facts.job.id = "job-1";
  facts.job.device = "3a0041000a47353235303037";
  facts.job.recipe = "r";
  facts.target = "2.3.1";
  const auto before = nlohmann::json::parse(hook_document(HookConfig::On::before, facts));
  EXPECT_EQ(before["schema"], 1);
  EXPECT_EQ(before["event"], "before");
  EXPECT_EQ(before["station"]["name"], "line1-a");
  EXPECT_EQ(before["device"]["id"], facts.job.device);
  EXPECT_EQ(before["recipe"]["target"], "2.3.1");
  EXPECT_FALSE(before.contains("result"));
  facts.ending = records::Ending{};
  facts.ending->outcome = records::Outcome::pass;
  facts.report = R"({"goal": "flash"})";
  const auto result = nlohmann::json::parse(hook_document(HookConfig::On::result, facts));
  EXPECT_EQ(result["result"]["outcome"], "pass");
  EXPECT_EQ(result["result"]["report"]["goal"], "flash");
}

}  // namespace
}  // namespace station
