// SPDX-License-Identifier: GPL-3.0-or-later
//
// Complete three-part flashes of a virtual Electron in virtual time: how long the computer takes
// for a thousand of them, and what one takes on the device's own clock. Not a test: prints the
// numbers.
//
//   sim_bench [COUNT]

#include "job/virtual_bench.h"
#include "sim/board/flash_memory.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace {

using namespace job::test;

constexpr int kUsualCount = 1000;
constexpr double kMicrosPerByte = 1.0;  // sim::BusTiming: 1000 us for 1000 bytes
constexpr std::uint64_t kBlock = 4096;

double seconds_of(base::Micros time) { return std::chrono::duration<double>(time).count(); }

events::DeviceReport flash_once(VirtualBench& bench, const release::Library& files) {
  job::Request request = bench.request(files, "0.6.4");
  goal_of(request).leave_in_dfu = true;
  return bench.run(request);
}

// Erasing, programming, and the bytes twice over the wire: what no program can do without.
double floor_of(const release::Library& files) {
  const sim::FlashTiming& timing = sim::typical_timing();
  double total = 0;
  for (const firmware::CheckedModule& part : files.find(version("0.6.4"))->parts()) {
    const auto bytes = static_cast<double>(part.image().size());
    total += seconds_of(timing.erase_128k) + bytes / 4 * seconds_of(timing.word_program) +
             2 * bytes * kMicrosPerByte / 1e6;
  }
  return total;
}

void tell_one(const char* bootloader, const release::Library& files) {
  VirtualBench bench(bootloader);
  bench.install("0.6.3", 0);
  bench.start_in_dfu();
  const events::DeviceReport full = flash_once(bench, files);
  if (!full.ok() || !bench.holds("0.6.4", 0)) {
    std::printf("bootloader %s: FAILED\n", bootloader);
    std::exit(1);
  }
  const events::DeviceReport again = flash_once(bench, files);
  std::uint64_t blocks = 0;
  for (const firmware::CheckedModule& part : files.find(version("0.6.4"))->parts()) {
    blocks += (part.image().size() + kBlock - 1) / kBlock;
  }
  const double least = floor_of(files);
  // An erase takes three: DNLOAD, the GETSTATUS that does it, and the one that tells how it went.
  const std::uint64_t writing = full.totals.write_transfers - 3 * full.totals.sectors_erased;
  std::printf(
      "bootloader %-5s %.3f s on the device's clock, %.3f of the floor of %.3f s; "
      "%llu transfers, of these to write %llu (%.2f for each 4096-byte block); "
      "without a change %.3f s (%.3f of a full run)\n",
      bootloader, full.totals.seconds, full.totals.seconds / least, least,
      static_cast<unsigned long long>(full.totals.transfers),
      static_cast<unsigned long long>(writing),
      static_cast<double>(writing) / static_cast<double>(blocks), again.totals.seconds,
      again.totals.seconds / full.totals.seconds);
}

}  // namespace

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  const int count = argc > 1 ? std::atoi(argv[1]) : kUsualCount;
  const release::Library files = library({"0.6.4"}, 0);
  for (const char* bootloader : {"11", "1006"}) tell_one(bootloader, files);

  const auto start = Clock::now();
  for (int i = 0; i < count; ++i) {
    VirtualBench bench("11");
    bench.install("0.6.3", 0);
    bench.start_in_dfu();
    if (!flash_once(bench, files).ok()) {
      std::printf("flash %d: FAILED\n", i);
      return 1;
    }
  }
  const std::chrono::duration<double> took = Clock::now() - start;
  std::printf("%d complete three-part flashes in virtual time: %.2f s\n", count, took.count());
  return 0;
}
