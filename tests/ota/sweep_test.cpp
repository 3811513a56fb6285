// SPDX-License-Identifier: GPL-3.0-or-later
//
// Every failure at every event, answer, opening and transfer of a run; the client killed at every
// happening and started again. Never a dead device, never "proved" without proof, the development
// flag as it was, no part sent twice without need. ER_SWEEP_STRIDE=N takes every n-th of them.

#include "support/sweep.h"

#include "ota/virtual_fleet.h"

#include <map>

namespace ota_test {
namespace {

using sim::cloud::Counted;
using sim::cloud::Failure;
using sim::cloud::Mishap;

constexpr const char* kOtherToken = "6262626262626262626262626262626262626262";

struct Scenario {
  const char* name;
  const char* from;
  const char* needs;
  const char* target;
  bool product;
};

sim::cloud::Options options_of(const Scenario& scenario) {
  sim::cloud::Options options = stuck({scenario.from}, scenario.needs);
  if (scenario.product) options = in_product(std::move(options), 1234);
  options.tokens.push_back({kOtherToken, {}, std::nullopt});
  return options;
}

class Sweep : public testing::TestWithParam<Scenario> {
 protected:
  // Whether the next place has its turn.
  bool has_its_turn() { return places_++ % stride_ == 0; }

  // What must hold whatever has happened.
  void check(Bench& bench, const ota::FleetResult& result, bool power_was_cut) {
    ++runs_;
    EXPECT_FALSE(bench.device().dead() && !power_was_cut);
    for (const ota::DeviceResult& device : result.devices) {
      ++verdicts_[std::string(ota::name(device.verdict))];
      if (device.verdict == ota::Verdict::proved || device.verdict == ota::Verdict::done_already) {
        EXPECT_TRUE(is_at(bench.device(), GetParam().target)) << words(device);
      }
    }
  }

  // Runs until it is there or clearly will not be, at most three times; the later ones undisturbed
  // and with a token that is alive.
  void finish(Bench& bench, bool moved, bool power_was_cut) {
    ota::FleetResult result;
    for (int again = 0; again < 3; ++again) {
      bench.token = kOtherToken;
      result = bench.run(GetParam().target);
      check(bench, result, power_was_cut);
      if (result.devices.empty()) return;
      const ota::Verdict verdict = result.devices[0].verdict;
      if (verdict == ota::Verdict::proved || verdict == ota::Verdict::done_already) break;
    }
    ++endings_[std::string(ota::name(result.devices[0].verdict))];
    EXPECT_FALSE(bench.device().development() && !moved) << words(result.devices[0]);
  }

  void disturbed(const Failure& failure) {
    if (!has_its_turn()) return;
    SCOPED_TRACE(sim::cloud::to_string(failure));
    sim::cloud::Options options = options_of(GetParam());
    options.failures.push_back(failure);
    Bench bench(std::move(options));
    const bool cut = failure.mishap == Mishap::power_cut;
    // Somebody else has their hand on the flag.
    const bool moved = failure.mishap == Mishap::moved || failure.mishap == Mishap::undeveloped;
    const auto result = bench.run(GetParam().target);
    check(bench, result, cut);
    const bool there = !result.devices.empty() && !result.error &&
                       result.devices[0].verdict == ota::Verdict::proved &&
                       !result.devices[0].development_left_set;
    if (there) {
      EXPECT_FALSE(bench.device().development() && !moved);
      ++endings_["at once"];
    } else {
      finish(bench, moved, cut);
    }
    needless_[std::string(sim::cloud::row(failure.mishap).name)] += bench.device().parts_needless();
  }

  void TearDown() override {
    std::string text;
    for (const auto& [name, count] : verdicts_) text += " " + name + " " + std::to_string(count);
    text += "; in the end";
    for (const auto& [name, count] : endings_) text += " " + name + " " + std::to_string(count);
    text += "; needless";
    for (const auto& [name, count] : needless_) {
      if (count > 0) text += " " + name + " " + std::to_string(count);
    }
    std::cout << GetParam().name << ": " << runs_ << " runs:" << text << "\n";
    RecordProperty("runs", std::to_string(runs_));
  }

  std::uint64_t stride_ = test_support::sweep_stride();
  std::size_t places_ = 0;
  std::size_t runs_ = 0;
  std::map<std::string, int> verdicts_;
  std::map<std::string, int> endings_;
  std::map<std::string, int> needless_;
};

TEST_P(Sweep, SurvivesEveryFailureAtEveryPlace) {
  Bench calm(options_of(GetParam()));
  const auto undisturbed = calm.run(GetParam().target);
  ASSERT_EQ(undisturbed.devices.size(), 1U);
  ASSERT_EQ(undisturbed.devices[0].verdict, ota::Verdict::proved) << words(undisturbed.devices[0]);
  for (std::size_t kind = 0; kind < sim::cloud::kCounted; ++kind) {
    const auto counted = static_cast<Counted>(kind);
    const std::uint32_t count = calm.cloud->switches().count(counted);
    for (const sim::cloud::MishapRow& row : sim::cloud::mishap_rows()) {
      if (!sim::cloud::applies(row, counted)) continue;
      for (std::uint32_t at = 1; at <= count; ++at)
        disturbed({counted, at, row.mishap, row.amount});
      // And each time, but for what makes further events without end.
      const bool breeds = row.mishap == Mishap::somebody || row.mishap == Mishap::healer ||
                          row.mishap == Mishap::product_firmware;
      if (!breeds) disturbed({counted, 0, row.mishap, row.amount});
      if (HasFailure()) return;
    }
  }
}

TEST_P(Sweep, SurvivesBeingKilledAtEveryHappening) {
  Bench calm(options_of(GetParam()));
  ASSERT_EQ(calm.run(GetParam().target).devices[0].verdict, ota::Verdict::proved);
  for (unsigned at = 1; at <= calm.happened; ++at) {
    SCOPED_TRACE(at);
    // Started again at once, and when everything has long happened.
    for (const base::Micros later : {base::Micros(0), base::Micros(minutes(90))}) {
      if (!has_its_turn()) continue;
      Bench bench(options_of(GetParam()));
      try {
        static_cast<void>(bench.run(bench.order(GetParam().target), at));
      } catch (const Killed&) {
      }
      bench.cloud->advance_to(bench.cloud->now() + later);
      finish(bench, false, false);
      EXPECT_EQ(bench.device().parts_needless(), 0);
      needless_["kill"] += bench.device().parts_needless();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Sweep,
    testing::Values(Scenario{"Seed", "0.5.3", "0.6.4", "0.6.4", false},
                    Scenario{"SeedInProduct", "0.5.3", "0.6.4", "0.6.4", true},
                    Scenario{"TwoStages", "0.4.8-rc.6", "0.6.4", "0.6.4", false},
                    Scenario{"TwoStagesInProduct", "0.4.8-rc.6", "0.6.4", "0.6.4", true},
                    Scenario{"To070", "0.6.4", "0.7.0", "0.7.0", false},
                    Scenario{"To070InProduct", "0.6.4", "0.7.0", "0.7.0", true},
                    Scenario{"Newer", "1.5.2", "2.3.1", "2.3.1", false},
                    Scenario{"NewerInProduct", "1.5.2", "2.3.1", "2.3.1", true},
                    Scenario{"Back", "2.3.1", "1.5.2", "1.5.2", false},
                    Scenario{"BackInProduct", "2.3.1", "1.5.2", "1.5.2", true},
                    Scenario{"Satisfied", "0.6.4", "0.6.4", "0.7.0", true},
                    Scenario{"Through064", "0.6.3", "0.7.0", "0.7.0", true}),
    [](const auto& told) { return told.param.name; });

}  // namespace
}  // namespace ota_test
