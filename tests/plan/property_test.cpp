// SPDX-License-Identifier: GPL-3.0-or-later
//
// Random states and shelves, and every plan checked step by step with a second model of the device
// that shares nothing with the planner: its own types, its own reading of the firmware's rules.

#include "plan/plan.h"
#include "plan/shelf.h"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <random>
#include <set>
#include <tuple>

namespace plan_test {
namespace {

// What is in a sector, for the model: the header's fields that the firmware reads.
struct Content {
  enum Kind { blank, corrupt, whole } kind = blank;
  unsigned version = 0;
  std::array<int, 2> needs_index{};  // 0: none, 9: bootloader
  std::array<unsigned, 2> needs_version{};
  bool operator<(const Content& other) const {
    return std::tie(kind, version) < std::tie(other.kind, other.version);
  }
};

struct Device {
  std::array<Content, 4> index;  // [1], [2], [3]
  bool operator<(const Device& other) const { return index < other.index; }
};

bool usable(const Content& content) { return content.kind == Content::whole; }

// From the mixes that were started: an index 2 beside parts that are as new or newer.
bool runs(const Device& device) {
  if (!usable(device.index[1]) || !usable(device.index[2])) return false;
  const unsigned two = device.index[2].version;
  if (device.index[1].version < two) return false;
  if (two < 100) return true;
  if (!usable(device.index[3]) || device.index[3].version < two) return false;
  return !(two == 109 && device.index[3].version >= 200);
}

enum class Era { before_053, first_053_candidate, until_064, since_070 };

Era era_of(unsigned index2) {
  if (index2 >= 200) return Era::since_070;
  if (index2 >= 19) return Era::until_064;
  return index2 == 18 ? Era::first_053_candidate : Era::before_053;
}

bool takes(const Device& device, int place, const Content& module) {
  if (!runs(device)) return false;
  const Era era = era_of(device.index[2].version);
  const bool knows_three = era == Era::until_064 || era == Era::since_070;
  if (place == 3 && !knows_three) return false;
  const int looked_at = era == Era::since_070 ? 2 : 1;
  for (int i = 0; i < looked_at; ++i) {
    const int needed = module.needs_index[static_cast<std::size_t>(i)];
    if (needed == 0 || needed == 9) continue;
    if (needed == 3 && !knows_three) return false;
    const Content& there = device.index[static_cast<std::size_t>(needed)];
    if (!usable(there) || there.version < module.needs_version[static_cast<std::size_t>(i)]) {
      return false;
    }
  }
  if (era == Era::before_053) return true;
  for (int other = 1; other <= (knows_three ? 3 : 2); ++other) {
    const Content& installed = device.index[static_cast<std::size_t>(other)];
    if (other == place || installed.kind == Content::blank) continue;
    for (int i = 0; i < looked_at; ++i) {
      if (installed.needs_index[static_cast<std::size_t>(i)] == place &&
          module.version < installed.needs_version[static_cast<std::size_t>(i)]) {
        return false;
      }
    }
  }
  return true;
}

Content whole(const plan::InstalledModule& module) {
  Content content;
  content.kind = Content::whole;
  content.version = module.version();
  const std::array<firmware::Dependency, 2> needs = module.dependencies();
  for (std::size_t i = 0; i < 2; ++i) {
    if (needs[i].none()) continue;
    content.needs_index[i] = needs[i].module == kBootloader ? 9 : needs[i].module.index;
    content.needs_version[i] = needs[i].version;
  }
  return content;
}

using Set = std::vector<std::pair<int, Content>>;

Set set_of(std::string_view release) {
  Set set;
  for (const auto& part : parts_of(release)) {
    set.emplace_back(part.id().index, whole(plan::installed(part)));
  }
  return set;
}

bool holds(const Device& device, const Set& set) {
  return std::ranges::all_of(set, [&](const auto& part) {
    const Content& there = device.index[static_cast<std::size_t>(part.first)];
    return usable(there) && there.version == part.second.version;
  });
}

Device with(Device device, const std::pair<int, Content>& part) {
  device.index[static_cast<std::size_t>(part.first)] = part.second;
  return device;
}

// Is there an order in which the device takes all of `set` and runs after every part?
std::optional<Device> install(const Device& device, Set set) {
  const auto by_place = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::ranges::sort(set, by_place);
  do {
    Device now = device;
    bool good = true;
    for (const auto& part : set) {
      const Content& there = now.index[static_cast<std::size_t>(part.first)];
      if (usable(there) && there.version == part.second.version) continue;
      good = takes(now, part.first, part.second);
      now = with(now, part);
      good = good && runs(now);
      if (!good) break;
    }
    if (good) return now;
  } while (std::next_permutation(set.begin(), set.end(), by_place));
  return std::nullopt;
}

// The fewest whole releases of `shelf`, the last of them `target`, that lead there by the rules;
// 0 if none do. Breadth first, over every release, not only the usual waypoints.
int fewest_stages(const Device& from, const std::vector<Set>& shelf, const Set& target, int most) {
  std::set<Device> seen{from};
  std::deque<std::pair<Device, int>> open{{from, 0}};
  while (!open.empty()) {
    const auto [device, stages] = open.front();
    open.pop_front();
    if (stages == most) continue;
    if (install(device, target)) return stages + 1;
    for (const Set& set : shelf) {
      const std::optional<Device> next = install(device, set);
      if (next && seen.insert(*next).second) open.emplace_back(*next, stages + 1);
    }
  }
  return 0;
}

const std::vector<std::string_view> kReleases{
    "0.4.6", "0.4.8-rc.6", "0.4.9", "0.5.0", "0.5.2", "0.5.3-rc.1", "0.5.3-rc.2",
    "0.5.3", "0.5.4",      "0.5.5", "0.6.0", "0.6.1", "0.6.2",      "0.6.3",
    "0.6.4", "0.7.0",      "1.0.1", "1.5.2", "2.0.0", "2.1.0",      "2.3.1"};
const std::vector<std::string_view> kWaypoints{"0.5.3", "0.5.4", "0.5.5", "0.6.4"};

class Draw {
 public:
  explicit Draw(std::uint32_t seed) : random_(seed) {}
  std::size_t below(std::size_t count) { return random_() % count; }
  bool one_in(std::size_t count) { return below(count) == 0; }
  std::string_view release() { return kReleases[below(kReleases.size())]; }

  // A clean device, a mix of two releases, or anything at all.
  std::array<std::string, 3> state() {
    const std::string_view a = release();
    const std::string_view b = release();
    const std::size_t kind = below(3);
    std::array<std::string, 3> parts;
    for (std::size_t i = 0; i < 3; ++i) {
      std::string_view from = kind == 0 || one_in(2) ? a : b;
      if (kind == 2) from = release();
      parts[i] = part(from, static_cast<int>(i) + 1, kind == 2 ? 4 : 12);
    }
    return parts;
  }

 private:
  std::string part(std::string_view release, int index, std::size_t damage) {
    if (index == 3 && parts_of(release).size() < 3) return "-";
    if (one_in(damage)) return one_in(2) ? "-" : "!" + std::string(release);
    return std::string(release);
  }
  std::mt19937 random_;
};

Device model(const plan::InstalledState& state) {
  Device device;
  for (const plan::InstalledModule& module : state.modules) {
    if (module.id.function != platform::ModuleFunction::system_part) continue;
    Content& content = device.index.at(module.id.index);
    if (module.blank()) continue;
    content = whole(module);
    if (!module.valid()) content.kind = Content::corrupt;
  }
  return device;
}

struct Case {
  plan::InstalledState state;
  std::vector<std::string_view> shelf;
  std::string_view target;
};

bool resets_for_ever(const Device& device) {
  return usable(device.index[2]) && device.index[2].version == 109 && usable(device.index[3]) &&
         device.index[3].version >= 200;
}

// Walks the plan on the model. `by_rules` is false where nothing on the device could be asked.
void check_plan(const plan::Plan& plan, Device device, bool by_rules) {
  const bool reset_before = resets_for_ever(device);
  for (const plan::Stage& stage : plan.stages) {
    const bool guarded = stage.guard.has_value();
    for (const plan::Step& step : stage.steps) {
      const int place = step.content.module->index;
      const Content content = whole(plan::installed(*step.content.checked));
      Content& there = device.index.at(static_cast<std::size_t>(place));
      const bool equal = usable(there) && there.version == content.version;
      if (step.action == plan::Action::guard_open) {
        // From now on the bootloader starts nothing.
        ASSERT_TRUE(guarded && &step == &stage.steps.front() && place == 1);
        there = {};
        continue;
      }
      if (step.action == plan::Action::guard_close) {
        ASSERT_TRUE(guarded && &step == &stage.steps.back() && place == 1);
        there = content;
        continue;
      }
      ASSERT_EQ(step.action == plan::Action::skip, equal);
      if (equal) continue;
      if (guarded) {
        ASSERT_EQ(device.index[1].kind, Content::blank);
        there = content;
        continue;
      }
      if (by_rules) {
        ASSERT_TRUE(takes(device, place, content)) << "index " << place;
      }
      there = content;
      if (by_rules) {
        ASSERT_TRUE(runs(device)) << "after index " << place;
      }
      ASSERT_TRUE(reset_before || !resets_for_ever(device)) << "after index " << place;
    }
    ASSERT_TRUE(runs(device)) << "after stage " << stage.release->text();
    by_rules = true;
  }
  ASSERT_TRUE(holds(device, set_of(plan.target->text())));
}

bool without_rules(const plan::Plan& plan) {
  return std::ranges::any_of(plan.warnings, [](const plan::Warning& warning) {
    return warning.code == "rules-not-applicable";
  });
}

struct Tally {
  int plans = 0;
  int refusals = 0;
  int dead = 0;
  int stages = 0;
};

void check_case(const Case& drawn, const release::Library& shelf, Tally& tally) {
  const plan::Outcome result = outcome(drawn.state, drawn.target, shelf);
  const Device device = model(drawn.state);
  const plan::Outcome sent = outcome(drawn.state, drawn.target, shelf, plan::Medium::serial);
  if (const auto* plan = std::get_if<plan::Plan>(&sent)) {
    // One after the other, each taken by the firmware that runs then.
    if (!without_rules(*plan)) check_plan(*plan, device, true);
    if (testing::Test::HasFatalFailure()) return;
  }
  std::vector<Set> sets;
  for (const auto release : drawn.shelf) sets.push_back(set_of(release));
  const Set target = set_of(drawn.target);
  const bool alive = runs(device);
  if (!alive) ++tally.dead;
  if (const auto* plan = std::get_if<plan::Plan>(&result)) {
    ++tally.plans;
    const bool free = without_rules(*plan);
    ASSERT_TRUE(alive || free);
    check_plan(*plan, device, !free);
    if (testing::Test::HasFatalFailure()) return;
    const int stages = static_cast<int>(plan->stages.size());
    tally.stages = std::max(tally.stages, stages);
    if (!free) {
      // No shorter way over the same shelf, whatever releases it went through.
      ASSERT_EQ(fewest_stages(device, sets, target, stages), stages);
    } else if (alive) {
      ASSERT_EQ(fewest_stages(device, sets, target, 3), 0);
    }
    return;
  }
  ++tally.refusals;
  const auto& refusal = std::get<plan::Refusal>(result);
  ASSERT_FALSE(refusal.needs.empty()) << refusal.code;
  if (!alive) return;
  std::vector<Set> waypoints;
  for (const auto release : drawn.shelf) {
    if (std::ranges::find(kWaypoints, release) != kWaypoints.end()) {
      waypoints.push_back(set_of(release));
    }
  }
  ASSERT_EQ(fewest_stages(device, waypoints, target, 4), 0);
}

TEST(MakePlanProperty, EveryStepIsTakenAndEveryStateBetweenRuns) {
  constexpr std::uint32_t kSeed = 20161103;
  constexpr int kCases = 24000;
  RecordProperty("seed", static_cast<int>(kSeed));
  std::printf("seed %u, %d cases\n", kSeed, kCases);
  Draw draw(kSeed);
  const release::Library everything = library(kReleases);
  Tally tally;
  for (int i = 0; i < kCases; ++i) {
    const auto [one, two, three] = draw.state();
    Case drawn{mixed(one, two, three, 0), {}, draw.release()};
    release::Library shelf;
    for (const auto release : kReleases) {
      const bool waypoint = std::ranges::find(kWaypoints, release) != kWaypoints.end();
      if (release != drawn.target && !draw.one_in(waypoint ? 2 : 8)) continue;
      drawn.shelf.push_back(release);
      shelf.releases.push_back(*everything.find(version(release)));
    }
    SCOPED_TRACE(fmt::format("case {}: {} {} {} -> {} with {}", i, one, two, three, drawn.target,
                             fmt::join(drawn.shelf, " ")));
    check_case(drawn, shelf, tally);
    if (HasFailure()) return;
  }
  std::printf("%d plans, %d refusals, %d on devices that do not start\n", tally.plans,
              tally.refusals, tally.dead);
  EXPECT_GT(tally.plans, kCases / 4);
  EXPECT_GT(tally.refusals, kCases / 20);
  EXPECT_GT(tally.dead, kCases / 20);
  EXPECT_GE(tally.stages, 3);
}

// How often a bootloader that was known is replaced, and how many stages there are.
std::pair<int, std::size_t> cost_of(const plan::Plan& plan) {
  int replaced = 0;
  for (std::size_t i = 0; i + 1 < plan.bootloaders.size(); ++i) {
    if (plan.bootloaders[i] && plan.bootloaders[i] != plan.bootloaders[i + 1]) ++replaced;
  }
  return {replaced, plan.stages.size()};
}

TEST(MakePlanProperty, MoreFilesNeverMakeAPlanWorse) {
  constexpr std::uint32_t kSeed = 20200214;
  constexpr int kCases = 6000;
  const std::vector<std::uint16_t> bootloaders{0, 6, 7, 11, 101, 201, 400, 1004};
  Draw draw(kSeed);
  const release::Library everything = library(kReleases);
  int compared = 0;
  for (int i = 0; i < kCases; ++i) {
    auto [one, two, three] = draw.state();
    if (draw.one_in(4)) one = two = three = "-";
    const plan::InstalledState state =
        mixed(one, two, three, bootloaders[draw.below(bootloaders.size())]);
    const std::string_view target = draw.release();
    release::Library few;
    release::Library more;
    for (const auto release : kReleases) {
      const bool in_few = release == target || draw.one_in(3);
      if (in_few) few.releases.push_back(*everything.find(version(release)));
      if (in_few || draw.one_in(2)) more.releases.push_back(*everything.find(version(release)));
    }
    const plan::Outcome with_few = outcome(state, target, few);
    const plan::Outcome with_more = outcome(state, target, more);
    const auto* before = std::get_if<plan::Plan>(&with_few);
    if (before == nullptr) continue;
    const auto* after = std::get_if<plan::Plan>(&with_more);
    ++compared;
    ASSERT_NE(after, nullptr) << one << " " << two << " " << three << " -> " << target;
    ASSERT_LE(cost_of(*after), cost_of(*before))
        << one << " " << two << " " << three << ", bootloader "
        << state.bootloader_version.value_or(0) << " -> " << target << ": " << brief(*before)
        << " became " << brief(*after);
  }
  EXPECT_GT(compared, kCases / 4);
}

}  // namespace
}  // namespace plan_test
