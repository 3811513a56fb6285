// SPDX-License-Identifier: GPL-3.0-or-later
//
// The main job on a computer that makes no serial port of the device.
#include "job/no_ports.h"
#include "job/virtual_bench.h"

#include <gtest/gtest.h>

namespace job::test {
namespace {

constexpr std::uint32_t kSmall = 9000;

struct Done {
  events::DeviceReport report;
  bool runs = false;
  std::string led;
};

Done run(std::string_view bootloader, std::string_view from, std::string_view to) {
  VirtualBench bench(bootloader);
  bench.helpful = false;
  bench.install(from, kSmall);
  bench.power_on();
  NoPorts ports;
  discovery::World world{bench.world().usb, ports, bench.world().clock};
  const auto device = discovery::choose(world, electron(), {});
  EXPECT_TRUE(device);
  if (!device) return {};
  const release::Library files = library({std::string(to)}, kSmall);
  const work::Context context = bench.context_in(world);
  Done done;
  done.report = job::run(context, *device, bench.request(files, to));
  bench.pass(seconds(1));
  EXPECT_TRUE(bench.holds(to, kSmall));
  done.runs = bench.runs();
  done.led = bench.board().led().colour;
  return done;
}

TEST(RunJobWithoutPorts, IsConfirmedByTheDevicesOwnAnswerSince080) {
  const Done done = run("1004", "2.2.0", "2.3.1");
  ASSERT_TRUE(done.report.ok()) << done.report.error->message;
  EXPECT_EQ(done.report.confirmed, events::ConfirmedBy::listening);
  EXPECT_FALSE(done.report.confirmed_modules.empty());
  EXPECT_EQ(done.report.identity.release, "2.3.1");
  EXPECT_TRUE(done.runs);
  EXPECT_NE(done.led, "blue");
}

TEST(RunJobWithoutPorts, IsConfirmedByItsEnumerationBefore) {
  const Done done = run("11", "0.6.3", "0.6.4");
  ASSERT_TRUE(done.report.ok()) << done.report.error->message;
  EXPECT_EQ(done.report.confirmed, events::ConfirmedBy::enumeration);
  EXPECT_TRUE(done.runs);
}

}  // namespace
}  // namespace job::test
