// SPDX-License-Identifier: GPL-3.0-or-later
//
// How long a plan takes with every release of the catalogue at hand. Not a test: prints the time.

#include "plan/shelf.h"

#include <chrono>
#include <cstdio>

int main() {
  using Clock = std::chrono::steady_clock;
  const auto seconds = [](Clock::time_point since) {
    return std::chrono::duration<double>(Clock::now() - since).count();
  };

  std::vector<std::string_view> releases;
  for (const release::CatalogueRelease& release : plan_test::catalogue().releases()) {
    if (release.module_version) releases.push_back(release.version.text());
  }
  const release::Library everything = plan_test::library(releases);
  const plan::InstalledState state = plan_test::at("0.4.8-rc.6", 6);

  auto start = Clock::now();
  const plan::Plan plan = std::get<plan::Plan>(plan_test::outcome(state, "3.3.1", everything));
  std::printf("one plan over %zu releases (%s): %.6f s\n", everything.releases.size(),
              plan_test::brief(plan).c_str(), seconds(start));

  start = Clock::now();
  std::size_t plans = 0;
  for (const release::ValidatedRelease& target : everything.releases) {
    plans += std::holds_alternative<plan::Plan>(
        plan_test::outcome(state, target.version().text(), everything));
  }
  std::printf("a plan to each of them (%zu plans): %.6f s\n", plans, seconds(start));
  return 0;
}
