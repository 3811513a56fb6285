// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bus/transfer_log.h"

#include "sim/virtual_device.h"

#include <gmock/gmock.h>

namespace sim {
namespace {

// Writes a sector's worth with whatever faults the script brings, as a stubborn tool would.
std::string log_of_a_run(const char* faults) {
  std::string log;
  VirtualDevice device("11");
  device.start();
  device.wire.set_observer(
      [&](const TransferRecord& record) { log += to_json_line(record) + "\n"; });
  device.wire.set_faults(0, *parse_faults(faults));
  device.timeout = base::Millis(2000);
  for (std::uint16_t block = 2; block < 34; ++block) {
    for (int attempt = 0; attempt < 3; ++attempt) {
      const bool sent = device.command(block, pattern(4096, static_cast<std::uint8_t>(block))).ok();
      if (sent && device.get_status().ok()) break;
      device.pass(base::Millis(2500));
      device.clear_status();
      device.clear_status();
    }
  }
  return log;
}

TEST(TransferLog, IsTheSameForTheSameSeed) {
  const char* const kScript =
      "random 5 every 9: stall, timeout, unplug 1s, lost-answer, power-cut 1s";
  const std::string first = log_of_a_run(kScript);
  EXPECT_EQ(log_of_a_run(kScript), first);
  EXPECT_THAT(first, ::testing::HasSubstr("unplug"));
  EXPECT_NE(log_of_a_run("random 6 every 9: stall, timeout, unplug 1s, lost-answer, power-cut 1s"),
            first);
}

TEST(TransferLog, TellsWhatWentOver) {
  VirtualDevice device("11");
  device.start();
  std::vector<std::string> lines;
  device.wire.set_observer(
      [&](const TransferRecord& record) { lines.push_back(to_json_line(record)); });
  device.wire.set_faults(0, *parse_faults("at getstatus 1: stall"));
  ASSERT_TRUE(device.set_address(kIndex1).stalled());
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0],
              ::testing::HasSubstr(R"("kind":"dnload","type":33,"request":1,"value":0,"index":0,)"
                                   R"("length":5,"bytes":5,"outcome":"done","data":"2100000208")"));
  EXPECT_THAT(lines[1], ::testing::HasSubstr(R"("kind":"getstatus")"));
  EXPECT_THAT(lines[1], ::testing::HasSubstr(R"("outcome":"stall","fault":"stall")"));
  EXPECT_THAT(lines[1], ::testing::StartsWith(R"({"begin":)"));
}

}  // namespace
}  // namespace sim
