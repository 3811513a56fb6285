// SPDX-License-Identifier: GPL-3.0-or-later
//
// A thousand devices of a product, ten at once, on one stream, in virtual time: what the computer
// needs for one, and how often the cloud is asked while there is nothing to do but wait. Not a
// test: prints lines "metric NAME VALUE" (scripts/bench), and fails where a device was not mended.
//
//   ota_bench [COUNT]

#include "ota/virtual_fleet.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>

namespace {

using namespace ota_test;

constexpr std::uint32_t kProduct = 1234;
constexpr std::size_t kUsualCount = 1000;
constexpr std::size_t kAtOnce = 10;

double processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds_of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

double peak_mebibytes() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / 1024;
}

struct Run {
  unsigned requests = 0;
  double device_hours = 0;  // of all devices, from their beginning to their end
  double processor = 0;
  unsigned transfers = 0;
  unsigned needless = 0;
  unsigned parts_planned = 0;
  int streams = 0;
};

Run run(std::size_t count, const char* failure) {
  auto options = sim::cloud::make_fleet({"0.5.3", "0.6.3", "0.6.4"}, count, "0.6.4");
  if (!options) std::exit(1);
  // What runs 0.6.4 already is "done already"; two thirds are to be mended.
  options->products.push_back({kProduct, "bench", "Bench", 10, false});
  for (sim::cloud::DeviceOptions& device : options->devices) {
    device.product = kProduct;
    device.owned = false;
  }
  if (failure != nullptr) options->failures.push_back(*sim::cloud::parse_failure(failure));
  Bench bench(std::move(*options));
  ota::FleetOrder order = bench.order("0.6.4");
  order.devices.clear();
  order.place.product = std::to_string(kProduct);
  order.at_once = kAtOnce;
  const double before = processor_seconds();
  const ota::FleetResult result = bench.run(std::move(order));
  Run told;
  told.processor = processor_seconds() - before;
  told.requests = result.requests;
  told.streams = result.streams;
  for (std::size_t i = 0; i < bench.cloud->size(); ++i) {
    told.transfers += static_cast<unsigned>(bench.device(i).transfers());
    told.needless += static_cast<unsigned>(bench.device(i).parts_needless());
  }
  for (const ota::DeviceResult& device : result.devices) {
    told.device_hours += std::chrono::duration<double>(device.took).count() / 3600;
    if (device.plan) {
      for (const plan::Stage& stage : device.plan->stages) {
        told.parts_planned += static_cast<unsigned>(std::ranges::count_if(
            stage.steps, [](const plan::Step& step) { return step.writes(); }));
      }
    }
    if (device.verdict != ota::Verdict::proved && device.verdict != ota::Verdict::done_already) {
      std::printf("%s: %s %s\n", device.id.c_str(), std::string(name(device.verdict)).c_str(),
                  device.reasons.empty() ? "" : device.reasons.back().c_str());
      std::exit(1);
    }
  }
  return told;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : kUsualCount;
  const Run usual = run(count, nullptr);
  const double each = static_cast<double>(count);
  std::printf("metric ota-processor-ms %.3f\n", usual.processor * 1000 / each);
  std::printf("metric ota-memory-mib %.1f\n", peak_mebibytes());
  std::printf("metric ota-requests %.2f\n", usual.requests / each);
  std::printf("metric ota-streams %d\n", usual.streams);
  std::printf("metric ota-parts-sent %u\n", usual.transfers);
  std::printf("metric ota-parts-planned %u\n", usual.parts_planned);
  std::printf("metric ota-parts-needless %u\n", usual.needless);
  // Every device needs 25 minutes to be back after each part: what is asked in that time more.
  const Run slow = run(std::max<std::size_t>(count / 10, 1), "transfer 0: late-back 1500");
  const Run same = run(std::max<std::size_t>(count / 10, 1), nullptr);
  const double more = static_cast<double>(slow.requests) - static_cast<double>(same.requests);
  std::printf("metric ota-requests-per-hour %.2f\n",
              more / (slow.device_hours - same.device_hours));
  return 0;
}
