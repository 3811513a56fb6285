// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/config.h"

#include "base/files.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace station {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kWhole = R"([station]
name = "line1-a"
target = "2.3.1"
firmware = ["/srv/firmware", "own"]
user_app = "app.bin"
order = "WO-1182"
quantity = 500
[policy]
tries = 2
device_tries = 3
done_already = "verify"
leave_after = "1500ms"
boots_at_once = 3
stop_in_a_row = 4
stop_slot_in_a_row = 5
stop_yield = 0.9
golden = ["3a0041000a47353235303037"]
golden_every = "8h"
[records]
file = "station.db"
backups_keep = "30d"
min_free = "500MB"
forward = "postgresql://er@db.line/er"
[board]
listen = "127.0.0.1:8080"
token_file = "board.token"
[mqtt]
url = "mqtts://broker.line"
site = "plant2"
[[hook]]
on = "before"
run = ["/usr/local/bin/mes-gate", "--line", "1"]
timeout = "10s"
on_error = "note"
[[slot]]
name = "A1"
port = "pci-0000:00:14.0/1.4.1"
[[slot]]
name = "A2"
port = "pci-0000:00:14.0/1.4.2"
)";

std::string problem(const std::string& text) {
  const auto config = parse_config(text, "bench.toml");
  return config ? std::string() : config.error().message;
}

TEST(StationConfig, everyKeyOfTheDesignIsRead) {
  const auto config = parse_config(kWhole, "/etc/er/bench.toml");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->name, "line1-a");
  EXPECT_EQ(config->target, "2.3.1");
  // Relative to the file, not to wherever the program was started.
  EXPECT_EQ(config->firmware,
            (std::vector<std::string>{"/srv/firmware", base::join("/etc/er", "own")}));
  EXPECT_EQ(config->user_app, base::join("/etc/er", "app.bin"));
  EXPECT_EQ(config->order, "WO-1182");
  EXPECT_EQ(config->quantity, 500);
  EXPECT_EQ(config->policy.done_already, DoneAlready::verify);
  EXPECT_EQ(config->policy.leave_after, milliseconds(1500));
  EXPECT_EQ(config->policy.boots_at_once, 3);
  EXPECT_EQ(config->policy.stop_in_a_row, 4);
  EXPECT_EQ(config->policy.stop_slot_in_a_row, 5);
  EXPECT_DOUBLE_EQ(config->policy.stop_yield, 0.9);
  EXPECT_EQ(config->policy.golden_every, hours(8));
  EXPECT_EQ(config->records.backups_keep, hours(24 * 30));
  EXPECT_EQ(config->records.min_free, 500'000'000U);
  EXPECT_EQ(config->board.token_file, base::join("/etc/er", "board.token"));
  EXPECT_EQ(config->mqtt.site, "plant2");
  ASSERT_EQ(config->hooks.size(), 1U);
  EXPECT_EQ(config->hooks[0].run.size(), 3U);
  EXPECT_EQ(config->hooks[0].timeout, seconds(10));
  EXPECT_EQ(config->hooks[0].on_error, HookConfig::OnError::note);
  ASSERT_EQ(config->slots.size(), 2U);
  EXPECT_EQ(config->slots[1].name, "A2");
  EXPECT_EQ(config->slots[1].port, "pci-0000:00:14.0/1.4.2");
}

TEST(StationConfig, whatIsNotSaidIsAsTheDesignHasIt) {
  const auto config = parse_config("[station]\nname = \"a\"\n", "a.toml");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->policy.tries, 2);
  EXPECT_EQ(config->policy.device_tries, 3);
  EXPECT_EQ(config->policy.boots_at_once, 4);
  EXPECT_EQ(config->policy.done_already, DoneAlready::show);
  EXPECT_EQ(config->board.listen, "127.0.0.1:8080");
  EXPECT_FALSE(config->policy.golden_every);
  EXPECT_TRUE(config->slots.empty());
}

TEST(StationConfig, anUnknownKeyIsAnErrorWithLineAndColumn) {
  EXPECT_EQ(problem("[station]\nname = \"a\"\n\n[policy]\ntrys = 2\n"),
            "bench.toml:5:1: policy.trys is not known here");
  EXPECT_EQ(problem("[station]\nname = \"a\"\n[polcy]\n"),
            "bench.toml:3:2: polcy is not known here");
}

TEST(StationConfig, aWrongValueSaysWhatItMustBe) {
  const auto with = [](const std::string& rest) {
    return problem("[station]\nname = \"a\"\n" + rest);
  };
  EXPECT_EQ(with("[policy]\ntries = 0\n"),
            "bench.toml:4:9: policy.tries must be a whole number from 1 to 10");
  EXPECT_EQ(
      with("[policy]\nleave_after = \"2\"\n"),
      "bench.toml:4:15: policy.leave_after must be a time such as \"2s\", \"300ms\", \"8h\" or "
      "\"30d\"");
  EXPECT_EQ(with("[policy]\ndone_already = \"maybe\"\n"),
            "bench.toml:4:16: policy.done_already must be one of \"show\", \"verify\", \"again\"");
  EXPECT_NE(with("[policy]\ngolden = [\"3A00\"]\n").find("policy.golden must be device ids"),
            std::string::npos);
  EXPECT_NE(
      with("[[slot]]\nname = \"A1\"\nport = \"x/1\"\n[[slot]]\nname = \"A1\"\nport = \"x/2\"\n")
          .find("slot.name is the name of two slots"),
      std::string::npos);
  EXPECT_NE(
      with("[[slot]]\nname = \"A1\"\nport = \"x/1\"\n[[slot]]\nname = \"A2\"\nport = \"x/1\"\n")
          .find("slot.port is the port of slot A1, too"),
      std::string::npos);
  EXPECT_NE(with("[[hook]]\non = \"after\"\nrun = [\"x\"]\n").find("hook.on must be one of"),
            std::string::npos);
  EXPECT_NE(problem("[station]\nname = \"a b\"\n").find("station.name must be"), std::string::npos);
  EXPECT_NE(problem("").find("station is missing"), std::string::npos);
}

TEST(StationConfig, whatIsNoTomlSaysWhereItCeasesToBe) {
  EXPECT_EQ(problem("[station]\nname = \n").substr(0, 13), "bench.toml:2:");
}

// toml++ 3.3 has no answer whether one of these is a space: where it asks, anything could follow.
constexpr std::string_view kLettersWithoutAnswer[] = {"\u00fc", "\u033c", "\u2e80", "\u3042",
                                                      "\ufe30"};

TEST(StationConfig, aLetterBeyondAsciiIsTextInQuotes) {
  for (const std::string_view letter : kLettersWithoutAnswer) {
    for (const std::string_view text :
         {"\"{}\" # {}", "'{}'", "\"\"\"\\\n  {}\"\"\"", "\"\"\"\\\n\\\n{}\"\"\"", "'''\n{}'''"}) {
      const std::string order = fmt::format(fmt::runtime(text), letter, letter);
      const auto config = parse_config("\ufeff[station]\nname = \"a\"\norder = " + order, "s.toml");
      ASSERT_TRUE(config) << order << ": " << config.error().message;
      EXPECT_EQ(config->order, letter) << order;
    }
  }
}

TEST(StationConfig, aLetterBeyondAsciiElsewhereIsAnErrorWithItsLine) {
  for (const std::string_view letter : kLettersWithoutAnswer) {
    for (const std::string_view text :
         {"{} = 1", "a{} = 1", "a = 1{}", "a = 1.{}", "a = 0/1.\"{}\"", "a = \"\"{}", "a = [{}]",
          "a = true{}", "[a{}]"}) {
      const std::string line = fmt::format(fmt::runtime(text), letter);
      EXPECT_EQ(problem("[station]\n" + line + "\n").substr(0, 13), "bench.toml:2:") << line;
    }
  }
}

TEST(StationConfig, aSlotThatIsLearntChangesNothingElse) {
  const std::string before =
      "# the bench by the door\n[station]\nname = \"a\"  # its name\n\n[[slot]]\nname = \"A1\"\n"
      "port = \"pci-x/1.1\" # left\n";
  const auto added = with_slot(before, "b.toml", {"A2", "pci-x/1.2"});
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(*added, before + "\n[[slot]]\nname = \"A2\"\nport = \"pci-x/1.2\"\n");
  const auto moved = with_slot(*added, "b.toml", {"A1", "pci-x/1.4"});
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_NE(moved->find("# the bench by the door"), std::string::npos);
  const auto config = parse_config(*moved, "b.toml");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->slots[0].port, "pci-x/1.4");
  EXPECT_EQ(config->slots[1].port, "pci-x/1.2");
}

TEST(StationConfig, aPortThatAnotherSlotHasIsRefused) {
  const std::string text = "[station]\nname = \"a\"\n[[slot]]\nname = \"A1\"\nport = \"x/1\"\n";
  const auto changed = with_slot(text, "b.toml", {"A2", "x/1"});
  ASSERT_FALSE(changed);
  EXPECT_NE(changed.error().message.find("is the port of slot A1"), std::string::npos);
}

TEST(StationConfig, timesAndSizesAreWholeNumbersWithAUnit) {
  EXPECT_EQ(parse_time("300ms"), milliseconds(300));
  EXPECT_EQ(parse_time("8h"), hours(8));
  for (const char* wrong : {"", "2", "s", "-2s", "2 s", "2.5s", "999999999d"}) {
    EXPECT_FALSE(parse_time(wrong)) << wrong;
  }
  EXPECT_EQ(parse_size("500MB"), 500'000'000U);
  EXPECT_EQ(parse_size("4096"), 4096U);
  for (const char* wrong : {"", "MB", "1TB", "-1", "999999999999GB"}) {
    EXPECT_FALSE(parse_size(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace station
