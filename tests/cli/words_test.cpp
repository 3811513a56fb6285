// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is wrong with a command line is said before anything is done, and what was meant.

#include "cli/words.h"

#include "cli/commands.h"
#include "cli/harness.h"
#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace cli_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Parser {
  Parser() { cli::build_app(app, global, chosen); }
  cli::GlobalOptions global;
  cli::Run chosen;
  CLI::App app{"", "electron-rescue"};
};

// Every command's words up to its options, and every option that takes a value there.
struct Place {
  std::vector<std::string> command;
  std::string option;
};

void collect(const CLI::App& app, const CLI::App& root, const std::vector<std::string>& words,
             std::vector<Place>& places) {
  for (const CLI::App* from : {&root, &app}) {
    for (const CLI::Option* option : from->get_options()) {
      if (!option->nonpositional() || option->get_items_expected_max() == 0) continue;
      places.push_back({words, "--" + option->get_lnames().front()});
    }
  }
  for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
    std::vector<std::string> longer = words;
    longer.push_back(below->get_name());
    collect(*below, root, longer, places);
  }
}

std::vector<Place> places() {
  const Parser parser;
  std::vector<Place> all;
  collect(parser.app, parser.app, {}, all);
  return all;
}

std::vector<std::string> joined(std::vector<std::string> words,
                                const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(CommandLine, NeverTakesTheNextOptionForAValueThatIsMissing) {
  const auto all = places();
  ASSERT_GT(all.size(), 60U);
  for (const Place& place : all) {
    const std::vector<std::vector<std::string>> wrong{
        {place.option + "=", "--json"},
        {place.option + "=", "--device", "usb:1-1"},
        {place.option, "--json"},
        {place.option, "--json=true"},
        {place.option, "--progress=json"},
        {place.option + "=--json"},
        {place.option, "", "--json"},
        {place.option, "-v"},
        {place.option + "=", "--", "--json"},
        {place.option, "--leave-in-dfu"},
        {"--json", place.option, "--version"},
    };
    for (const auto& words : wrong) {
      Bench bench;
      const auto given = joined(place.command, words);
      const Outcome outcome = bench.run(given);
      EXPECT_EQ(outcome.code, 2) << testing::PrintToString(given);
      EXPECT_THAT(outcome.out + outcome.err, HasSubstr(place.option)) << outcome.err;
    }
  }
  EXPECT_FALSE(std::filesystem::exists("--json"));
}

TEST(CommandLine, TakesAFileWhoseNameLooksLikeAnOptionWithAPathInFront) {
  Parser parser;
  EXPECT_FALSE(cli::look_over(parser.app, {"list", "--log-file", "./--json"}));
  EXPECT_FALSE(cli::look_over(parser.app, {"report", "--", "--json"}));
  EXPECT_FALSE(cli::look_over(parser.app, {"list", "--log-file", "-"}));
}

TEST(CommandLine, SaysWhatMayHaveBeenMeant) {
  Bench bench;
  EXPECT_THAT(bench.run({"falsh"}).err, HasSubstr("did you mean flash?"));
  EXPECT_THAT(bench.run({"doctr"}).err, HasSubstr("did you mean doctor?"));
  EXPECT_THAT(bench.run({"udev", "instal"}).err, HasSubstr("did you mean install?"));
  EXPECT_THAT(bench.run({"help", "invo"}).err, HasSubstr("did you mean info?"));
  EXPECT_THAT(bench.run({"flash", "--taget", "2.3.1"}).err, HasSubstr("did you mean --target?"));
  EXPECT_THAT(bench.run({"list", "--jsno"}).err, HasSubstr("did you mean --json?"));
  EXPECT_THAT(bench.run({"list", "--firm"}).err, HasSubstr("there is no option --firm of list"));
}

TEST(CommandLine, GuessesNothingThatIsFarOff) {
  EXPECT_THAT(cli::meant("xyzzy", {"list", "flash", "info"}), IsEmpty());
  EXPECT_THAT(cli::meant("lst", {"list", "last", "flash"}), ElementsAre("list", "last"));
  EXPECT_THAT(cli::meant("comp", {"completion", "list"}), ElementsAre("completion"));
  EXPECT_THAT(cli::meant("ab", {"cd"}), IsEmpty());
}

TEST(CommandLine, NamesTheHelpThatHasTheOption) {
  Bench bench;
  EXPECT_THAT(bench.run({"flash", "--tzrxt"}).err, HasSubstr("electron-rescue flash --help"));
  EXPECT_THAT(bench.run({"list", "--via", "dfu"}).err, HasSubstr("flash has this one"));
  EXPECT_THAT(bench.run({"--via", "dfu", "flash"}).err, HasSubstr("in front of its command"));
  EXPECT_THAT(bench.run({"wait", "--mode", "asleep"}).err,
              HasSubstr("electron-rescue wait --help"));
}

TEST(CommandLine, IsWrongInJsonWhereProgressIsJson) {
  Bench bench;
  for (const auto& form : {std::vector<std::string>{"--progress", "json"}, {"--progress=json"}}) {
    const Outcome outcome = bench.run(joined({"flsh"}, form));
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.out, IsEmpty());
    const auto line = nlohmann::json::parse(outcome.err);
    EXPECT_EQ(line["event"], "error");
    EXPECT_EQ(line["code"], "usage");
  }
}

TEST(CommandLine, TakesSecondsAsPeopleWriteThem) {
  EXPECT_DOUBLE_EQ(cli::decimal("60").value(), 60);
  EXPECT_DOUBLE_EQ(cli::decimal("2.5").value(), 2.5);
  EXPECT_DOUBLE_EQ(cli::decimal(".25").value(), 0.25);
  for (const char* text : {"", ".", "1e9", "-1", "nan", "inf", "2,5", "1.2.3", " 1", "0x10"}) {
    EXPECT_FALSE(cli::decimal(text)) << text;
  }
  Bench bench;
  EXPECT_EQ(bench.run({"wait", "--timeout", "1e3"}).code, 2);
}

TEST(Help, OfACommandIsToldByBothWays) {
  Bench bench;
  const Outcome asked = bench.run({"help", "flash"});
  EXPECT_EQ(asked.code, 0);
  EXPECT_EQ(asked.out, bench.run({"flash", "--help"}).out);
  EXPECT_EQ(bench.run({"help"}).out, bench.run({"--help"}).out);
  EXPECT_EQ(bench.run({"help", "flash", "--json"}).json()["help"], asked.out);
}

TEST(Releases, AreListedNewestFirstWithWhatCanBeFetched) {
  Bench bench;
  const std::string folder = testing::TempDir() + "releases_test";
  std::filesystem::create_directories(folder);
  const Outcome outcome = bench.run({"releases", "--firmware", folder, "--json"});
  EXPECT_EQ(outcome.code, 0);
  const auto listed = outcome.json()["releases"];
  ASSERT_GT(listed.size(), 5U);
  std::size_t at_231 = 0;
  std::size_t at_048 = 0;
  for (std::size_t i = 0; i < listed.size(); ++i) {
    if (listed[i]["release"] == "2.3.1") at_231 = i;
    if (listed[i]["release"] == "0.4.8-rc.6") at_048 = i;
  }
  EXPECT_LT(at_231, at_048);
  EXPECT_TRUE(listed[at_231]["checksums"].get<bool>());
  EXPECT_EQ(listed[at_231]["files"].size(), 3U);
  const Outcome text = bench.run({"releases", "--firmware", folder});
  EXPECT_THAT(text.out, HasSubstr("electron-rescue fetch 2.3.1"));
  EXPECT_THAT(text.out, testing::Not(HasSubstr("0.8.0-rc.9")));
  EXPECT_THAT(bench.run({"releases", "--firmware", folder, "-v"}).out, HasSubstr("0.8.0-rc.9"));
}

TEST(Words, ACommandThatHasRunBelowItIsThatWhereNoneIsNamed) {
  const Parser parser;
  using Words = std::vector<std::string>;
  const auto spelled = [&](Words words) { return cli::spelled_out(parser.app, std::move(words)); };
  EXPECT_EQ(spelled({"station"}), (Words{"station", "run"}));
  EXPECT_EQ(spelled({"--json", "station", "--drain"}),
            (Words{"--json", "station", "run", "--drain"}));
  // A value may be called like a command.
  EXPECT_EQ(spelled({"station", "--listen", "off"}), (Words{"station", "run", "--listen", "off"}));
  for (const Words& same :
       {Words{"station", "run", "--drain"}, Words{"station", "--json", "report"},
        Words{"station", "--help"}, Words{"station", "slots"}, Words{"station", "chek"},
        Words{"flash", "--target", "station"}, Words{"list"}, Words{}, Words{"stat", "--drain"}}) {
    EXPECT_EQ(spelled(same), same);
  }
}

}  // namespace
}  // namespace cli_test
