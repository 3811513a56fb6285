// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli.h"

#include "base/checksum.h"
#include "cli/computer.h"
#include "cli/harness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cli_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(CommandLine, WithoutACommandIsWrongUsage) {
  Bench bench;
  const Outcome outcome = bench.run({});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("--help"));
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
  Bench bench;
  EXPECT_EQ(bench.run({"list", "--nonsense"}).code, 2);
  EXPECT_EQ(bench.run({"nonsense"}).code, 2);
  EXPECT_EQ(bench.run({"wait", "--mode", "sideways"}).code, 2);
}

TEST(CommandLine, TellsWrongUsageAsOneJsonDocumentIfAskedTo) {
  Bench bench;
  const Outcome outcome = bench.run({"--json", "list", "--nonsense"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.json()["ok"], false);
  EXPECT_EQ(outcome.json()["schema"], 1);
  EXPECT_EQ(outcome.json()["error"]["code"], "usage");
}

TEST(CommandLine, TakesGlobalOptionsBeforeAndAfterTheCommand) {
  Bench bench;
  EXPECT_EQ(bench.run({"--json", "udev", "print"}).json()["ok"], true);
  EXPECT_EQ(bench.run({"udev", "print", "--json"}).json()["ok"], true);
}

TEST(CommandLine, HelpNamesEveryExitCode) {
  Bench bench;
  const Outcome outcome = bench.run({"--help"});
  EXPECT_EQ(outcome.code, 0);
  for (const char* code :
       {"0 done", "2 wrong", "3 no device", "4 firmware", "5 refused", "6 device", "7 read-back",
        "8 no permission", "9 written", "130 interrupted"}) {
    EXPECT_THAT(outcome.out, HasSubstr(code));
  }
}

TEST(CommandLine, HelpOfACommandIsThatCommands) {
  Bench bench;
  const Outcome outcome = bench.run({"wait", "--help"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("--timeout"));
}

TEST(CommandLine, VersionNamesProgramAndLibraries) {
  Bench bench;
  const Outcome outcome = bench.run({"--version"});
  EXPECT_EQ(outcome.code, 0);
  for (const char* name : {"electron-rescue ", "libusb ", "libserialport ", "dfu-util 0.11"}) {
    EXPECT_THAT(outcome.out, HasSubstr(name));
  }
  EXPECT_THAT(outcome.out, HasSubstr(base::sha256_maker()));
}

TEST(Udev, PrintsTheVeryRuleThatIsPackaged) {
  Bench bench;
  const Outcome outcome = bench.run({"udev", "print"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("ATTR{idVendor}==\"2b04\""));
}

TEST(Udev, InstallsNothingWithoutConsent) {
  Bench bench;
  const Outcome outcome = bench.run({"udev", "install"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(bench.output.asked, HasSubstr(cli::udev_rule_path()));
  EXPECT_THAT(bench.computer.installed_text, IsEmpty());
}

TEST(Udev, InstallsWithConsent) {
  Bench bench;
  bench.output.answer = true;
  EXPECT_EQ(bench.run({"udev", "install"}).code, 0);
  EXPECT_EQ(bench.computer.installed_text, bench.run({"udev", "print"}).out);
}

TEST(Udev, ThatMayNotInstallEndsWithNoPermission) {
  Bench bench;
  bench.computer.denied = true;
  const Outcome outcome = bench.run({"udev", "install", "--yes"});
  EXPECT_EQ(outcome.code, 8);
  EXPECT_THAT(outcome.err, HasSubstr("sudo"));
}

TEST(Colour, IsUsedOnlyWhereItIsWanted) {
  Bench bench;
  const std::string escape = "\x1b[";
  EXPECT_THAT(bench.run({"doctor"}).out, testing::Not(HasSubstr(escape)));
  EXPECT_THAT(bench.run({"doctor", "--color", "always"}).out, HasSubstr(escape));
  bench.terminal.out_is_terminal = true;
  EXPECT_THAT(bench.run({"doctor"}).out, HasSubstr(escape));
  bench.terminal.no_color = true;
  EXPECT_THAT(bench.run({"doctor"}).out, testing::Not(HasSubstr(escape)));
}

}  // namespace
}  // namespace cli_test
