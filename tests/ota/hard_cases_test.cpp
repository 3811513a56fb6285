// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the field does to a run, each as ota-facts, section 7, says.

#include "ota/virtual_fleet.h"

#include <algorithm>

namespace ota_test {
namespace {

using ota::Verdict;
using sim::cloud::Counted;
using sim::cloud::Mishap;

sim::cloud::Options with(sim::cloud::Options options, Counted counted, std::uint32_t at,
                         Mishap mishap, double amount = 0) {
  options.failures.push_back({counted, at, mishap, amount});
  return options;
}

const ota::DeviceResult& only(const ota::FleetResult& result) {
  static const ota::DeviceResult none;
  EXPECT_EQ(result.devices.size(), 1U) << (result.error ? result.error->message : "");
  return result.devices.empty() ? none : result.devices.front();
}

TEST(HardCase, ADeviceThatComesBackAfter25MinutesIsWaitedFor) {
  Bench bench(with(stuck({"0.5.3"}, "0.6.4"), Counted::transfer, 1, Mishap::late_back, 1500));
  const auto result = bench.run("0.6.4");
  EXPECT_EQ(only(result).verdict, Verdict::proved) << words(only(result));
  EXPECT_TRUE(is_at(bench.device(), "0.6.4"));
  EXPECT_EQ(bench.device().transfers(), 3);
}

TEST(HardCase, ARefusalThatTheListShowsEndsTheRun) {
  Bench bench(with(stuck({"0.5.3"}, "0.6.4"), Counted::transfer, 2, Mishap::refuse));
  const auto result = bench.run("0.6.4");
  EXPECT_EQ(only(result).verdict, Verdict::refused) << words(only(result));
  EXPECT_EQ(only(result).error->id, "part-refused");
  EXPECT_EQ(bench.device().transfers(), 2);
  EXPECT_FALSE(bench.device().dead());
  EXPECT_EQ(only(result).command, "electron-rescue flash --target 0.6.4");
  EXPECT_FALSE(only(result).bring.empty());
}

TEST(HardCase, SilenceAfterARefusalProvesNothingAndSendsNothingMore) {
  // 0.6.0 to 1.4.0 resume their session as if nothing had been.
  Bench bench(with(stuck({"0.6.4"}, "0.7.0"), Counted::transfer, 1, Mishap::refuse));
  const auto result = bench.run("0.7.0");
  EXPECT_EQ(only(result).verdict, Verdict::undetermined) << words(only(result));
  EXPECT_EQ(bench.device().transfers(), 1);
  EXPECT_EQ(only(result).error->code, base::Errc::not_back);
}

TEST(HardCase, FromBefore060WithoutSafeModeTheSecondPartIsNotSent) {
  // Its application is satisfied, so that it never lists its modules, and a blank system part 3
  // would satisfy every dependency of the parts that follow.
  Bench bench(stuck({"0.5.3"}, "0.5.3"));
  const auto result = bench.run("0.6.4");
  EXPECT_EQ(only(result).verdict, Verdict::undetermined) << words(only(result));
  EXPECT_EQ(only(result).error->id, "not-proved");
  EXPECT_EQ(bench.device().transfers(), 1);
  EXPECT_FALSE(bench.device().dead());
}

TEST(HardCase, ATokenThatDiesBetweenPartsStopsTheRunAndTheNextOneRestoresTheFlag) {
  const std::string other = "6262626262626262626262626262626262626262";
  // Whatever it is in the middle of.
  for (std::uint32_t answers = 8; answers <= 16; ++answers) {
    auto options = in_product(stuck({"0.5.3"}, "0.6.4"), 1234);
    options.tokens.front().answers = answers;
    options.tokens.push_back({other, {}, std::nullopt});
    Bench bench(std::move(options));
    const auto result = bench.run("0.6.4");
    if (only(result).verdict == Verdict::proved) break;
    EXPECT_EQ(only(result).verdict, Verdict::failed) << words(only(result));
    ASSERT_TRUE(result.error);
    EXPECT_EQ(result.error->id, "cloud-token");
    EXPECT_TRUE(only(result).development_left_set);
    EXPECT_TRUE(bench.device().development());

    bench.token = other;
    const auto again = bench.run("0.6.4");
    EXPECT_EQ(only(again).verdict, Verdict::proved) << answers << words(only(again));
    EXPECT_FALSE(bench.device().development());
    EXPECT_EQ(bench.device().parts_needless(), 0);
    EXPECT_TRUE(bench.records.texts().empty());
  }
}

TEST(HardCase, WhoeverElseSendsIsLetFinish) {
  for (std::uint32_t at = 1; at <= 12; ++at) {
    Bench bench(with(stuck({"0.5.3"}, "0.6.4"), Counted::event, at, Mishap::somebody, 2));
    const auto result = bench.run("0.6.4");
    EXPECT_FALSE(bench.device().dead()) << at;
    if (only(result).verdict == Verdict::proved) {
      EXPECT_TRUE(is_at(bench.device(), "0.6.4")) << at;
    }
  }
}

// Theirs begins so shortly before ours that no event has told of it yet.
TEST(HardCase, ADeviceThatIsLockedByAnotherTransferIsNoRefusal) {
  for (std::uint32_t at = 1; at <= 6; ++at) {
    for (std::uint32_t late = 1; late <= 30; ++late) {
      Bench bench(with(stuck({"0.6.4"}, "0.7.0"), Counted::event, at, Mishap::somebody, late));
      const auto result = bench.run("0.7.0");
      EXPECT_NE(only(result).verdict, Verdict::refused)
          << at << " " << late << ": " << words(only(result));
      EXPECT_FALSE(bench.device().dead()) << at << " " << late;
    }
  }
}

TEST(HardCase, TheHealerAndThisToolDoNotRace) {
  sim::cloud::Options options = stuck({"0.5.3", "0.6.3"}, "0.6.4");
  options.healer = true;
  Bench bench(std::move(options));
  const auto result = bench.run("0.6.4");
  ASSERT_EQ(result.devices.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_FALSE(bench.device(i).dead());
    if (result.devices[i].verdict == Verdict::proved ||
        result.devices[i].verdict == Verdict::done_already) {
      EXPECT_TRUE(is_at(bench.device(i), "0.6.4")) << words(result.devices[i]);
    }
  }
}

TEST(HardCase, AnApplicationThatRefusesUpdatesIsLeftAlone) {
  sim::cloud::Options options = stuck({"1.5.2"}, "1.5.2");
  options.devices[0].updates_disabled = true;
  Bench bench(std::move(options));
  const auto result = bench.run("2.3.1");
  EXPECT_NE(only(result).verdict, Verdict::proved) << words(only(result));
  EXPECT_EQ(bench.device().parts_taken(), 0);
}

TEST(HardCase, ADeviceThatIsNotThereIsWaitedForByEventsAlone) {
  sim::cloud::Options options = stuck({"0.5.3"}, "0.6.4");
  options.devices[0].link = sim::cloud::DeviceOptions::Link::offline;
  Bench bench(std::move(options));
  auto order = bench.order("0.6.4");
  order.times.back = std::chrono::hours(5);
  const auto result = bench.run(std::move(order));
  EXPECT_EQ(only(result).verdict, Verdict::offline) << words(only(result));
  EXPECT_LE(result.requests, 5U * 4U);
  EXPECT_EQ(bench.device().transfers(), 0);
}

TEST(HardCase, ADeviceThatComesIsMended) {
  sim::cloud::Options options = stuck({"0.5.3"}, "0.6.4");
  options.devices[0].link = sim::cloud::DeviceOptions::Link::offline;
  options.devices[0].returns_after = base::Micros(minutes(20));
  Bench bench(std::move(options));
  const auto result = bench.run("0.6.4");
  EXPECT_EQ(only(result).verdict, Verdict::proved) << words(only(result));
}

// From 0.6.0 to 1.4.0 one of which nothing has changed says nothing when it is back.
TEST(HardCase, ADeviceThatComesWithoutAWordIsMended) {
  for (const int minutes_away : {5, 29, 70}) {
    sim::cloud::Options options = stuck({"0.6.4"}, "0.7.0");
    options.devices[0].link = sim::cloud::DeviceOptions::Link::offline;
    options.devices[0].returns_after = base::Micros(minutes(minutes_away));
    Bench bench(std::move(options));
    auto order = bench.order("0.7.0");
    order.times.back = std::chrono::hours(2);
    const auto result = bench.run(std::move(order));
    EXPECT_EQ(only(result).verdict, Verdict::proved) << minutes_away << words(only(result));
  }
}

TEST(HardCase, OneDevicesFailureIsNoOthers) {
  std::vector<std::string> releases(30, "0.5.3");
  releases[7] = "0.6.4";
  sim::cloud::Options options = in_product(stuck(releases, "0.6.4"), 1234);
  options.devices[3].platform = 6;
  options.devices[4].quarantined = true;
  options.devices[5].link = sim::cloud::DeviceOptions::Link::offline;
  Bench bench(std::move(options));
  auto order = bench.order("0.6.4");
  order.devices.clear();  // as the product lists them, on two pages
  order.place.product = "1234";
  order.at_once = 10;
  const auto result = bench.run(std::move(order));
  ASSERT_EQ(result.devices.size(), 30U) << (result.error ? result.error->message : "");
  EXPECT_EQ(result.streams, 1);
  EXPECT_EQ(bench.cloud->ledger().refused_by_rate, 0U);
  std::size_t proved = 0;
  for (std::size_t i = 0; i < 30; ++i) {
    const std::string& id = bench.device(i).id();
    const auto told = std::ranges::find(result.devices, id, &ota::DeviceResult::id);
    ASSERT_NE(told, result.devices.end());
    const Verdict expected = i == 3 || i == 4 ? Verdict::refused
                             : i == 5         ? Verdict::offline
                             : i == 7         ? Verdict::done_already
                                              : Verdict::proved;
    EXPECT_EQ(told->verdict, expected) << i << words(*told);
    proved += told->verdict == Verdict::proved ? 1U : 0U;
    EXPECT_FALSE(bench.device(i).development()) << i;
  }
  EXPECT_EQ(proved, 26U);
}

TEST(HardCase, AWishToStopRestoresTheFlag) {
  Bench bench(in_product(stuck({"0.5.3"}, "0.6.4"), 1234));
  // As soon as the first part is on its way.
  class Stopper final : public ota::Watcher {
   public:
    explicit Stopper(base::CancelToken& cancel) : cancel_(cancel) {}
    void moved(const ota::Machine& machine) override {
      if (machine.phase() == ota::Phase::back) cancel_.request();
    }

   private:
    base::CancelToken& cancel_;
  } stopper(bench.cancel);
  sim::cloud::CloudWire wire(*bench.cloud);
  const auto account = cloud::Account::make("https://cloud.example", bench.token);
  ota::Fleet fleet(wire, *bench.clock, *account, bench.records, stopper);
  const auto result = fleet.run(bench.order("0.6.4"), bench.cancel);
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->code, base::Errc::cancelled);
  EXPECT_FALSE(bench.device().development());
}

TEST(HardCase, ADyingLinkEndsAfterAFewAttempts) {
  Bench bench(with(stuck({"0.5.3"}, "0.6.4"), Counted::transfer, 0, Mishap::stall, 0.5));
  const auto result = bench.run("0.6.4");
  EXPECT_EQ(only(result).verdict, Verdict::failed) << words(only(result));
  EXPECT_EQ(only(result).error->id, "transfer-lost");
  EXPECT_EQ(bench.device().transfers(), ota::kMostAttempts);
}

TEST(HardCase, EveryOddAnswerToAPartEndsInAStopNotInTheNextPart) {
  for (const Mishap mishap : {Mishap::no_status, Mishap::needs_modules, Mishap::not_ok,
                              Mishap::errors_object, Mishap::too_big, Mishap::garbage}) {
    Bench bench(with(stuck({"0.5.3"}, "0.6.4"), Counted::flash, 0, mishap));
    const auto result = bench.run("0.6.4");
    EXPECT_NE(only(result).verdict, Verdict::proved) << words(only(result));
    EXPECT_EQ(bench.device().parts_taken(), 0);
  }
}

}  // namespace
}  // namespace ota_test
