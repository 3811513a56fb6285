// SPDX-License-Identifier: GPL-3.0-or-later
//
// A soak of the station's engine in virtual time: 32 slots, board after board, ten thousand jobs.
// Then whole jobs: 1, 16 and 32 virtual Electrons on the virtual clock, and one that is plugged in
// while 31 are worked on. Not a test: prints lines "metric NAME VALUE" (scripts/bench), and fails
// where a board did not pass.
//
//   station_bench [JOBS]

#include "bench/station_fleet.h"
#include "bench/station_plug.h"
#include "sim/world/synthetic_files.h"
#include "station/model_bench.h"
#include "support/own_folder.h"

#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <sys/resource.h>

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kSlots = 32;
constexpr std::size_t kUsualJobs = 10'000;

double processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds_of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

double allocated() { return static_cast<double>(mallinfo2().uordblks); }

// All slots at once: plugged in, worked on, taken out. Returns how many passed.
std::size_t round(station::test::ModelBench& bench, std::size_t first) {
  for (std::size_t slot = 0; slot < kSlots; ++slot) bench.plug(slot, first + slot);
  bench.run(1min);
  const auto passed =
      static_cast<std::size_t>(std::ranges::count_if(bench.store.rows, [](const records::Row& row) {
        return row.ending && row.ending->outcome == records::Outcome::pass;
      }));
  for (std::size_t slot = 0; slot < kSlots; ++slot) bench.pull(slot);
  bench.run(1min);
  // What is of the bench, not of the station: a real one has its records on a disk.
  bench.store.rows.clear();
  bench.store.acts.clear();
  bench.store.hook_runs.clear();
  bench.store.reports.clear();
  bench.shown_pass.clear();
  bench.engine().take_results();
  bench.engine().take_alarms();
  return passed;
}

// Three parts each, read back; from plugging in to the last PASS.
bool fleets(const std::shared_ptr<const station::Work>& work) {
  double one = 0;
  for (const std::uint32_t boards : {1U, 16U, 32U}) {
    const double seconds = station::bench::Fleet(boards, "1.5.2", work).work_on_all();
    if (seconds == 0) return false;
    if (boards == 1) one = seconds;
    std::printf("metric station-fleet-%u %.3f\n", boards, seconds);
    std::printf("metric station-fleet-ratio-%u %.4f\n", boards, seconds / one);
  }
  return true;
}

bool whole_jobs() {
  const std::string folder = test_support::own_folder("er-station-bench-");
  station::Config config;
  config.target = "2.3.1";
  config.firmware = {folder + "/files"};
  config.allow_unknown = true;
  config.accept_safe_mode = true;
  for (const char* release : {"1.5.2", "2.3.1"}) {
    if (!sim::write_synthetic_release(release, folder + "/files")) return false;
  }
  const auto work = station::prepare_work(config, "", 1);
  bool good = work.has_value() && fleets(std::make_shared<const station::Work>(*work));
  if (good) {
    const auto plugged = station::bench::plug_in(kSlots, "1.5.2", *work, folder);
    good = plugged.has_value();
    std::printf("metric station-plug-in %.3f\n", plugged.value_or(0));
  }
  std::filesystem::remove_all(folder);
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t jobs = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : kUsualJobs;
  const std::size_t rounds = (jobs + kSlots - 1) / kSlots;
  station::Config config = station::test::bench_config(kSlots);
  config.policy.stop_in_a_row = 0;
  station::test::ModelBench bench(std::move(config), static_cast<std::uint32_t>(rounds * kSlots));
  std::size_t passed = 0;
  double half_way = 0;
  const double before = processor_seconds();
  for (std::size_t n = 0; n < rounds; ++n) {
    passed += round(bench, n * kSlots);
    if (n == rounds / 2) half_way = allocated();
  }
  const double took = processor_seconds() - before;
  const double done = static_cast<double>(passed);
  if (passed != rounds * kSlots) {
    std::fprintf(stderr, "station_bench: %zu of %zu boards passed\n", passed, rounds * kSlots);
    return 1;
  }
  std::printf("metric station-jobs %.0f\n", done);
  std::printf("metric station-engine-ms %.3f\n", took * 1000 / done);
  std::printf("metric station-growth-bytes %.1f\n", (allocated() - half_way) / (done / 2));
  if (!whole_jobs()) {
    std::fprintf(stderr, "station_bench: not every board passed\n");
    return 1;
  }
  return 0;
}
