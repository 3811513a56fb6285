// SPDX-License-Identifier: GPL-3.0-or-later
//
// The manual, the completions and --help know the same options, whichever is changed.

#include "base/files.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/harness.h"
#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

namespace cli_test {
namespace {

using Words = std::set<std::string>;

struct Parser {
  Parser() { cli::build_app(app, global, chosen); }
  cli::GlobalOptions global;
  cli::Run chosen;
  CLI::App app{"", "electron-rescue"};
};

void add_options(const CLI::App& app, Words& words) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words.insert("--" + name);
    for (const std::string& name : option->get_snames()) words.insert("-" + name);
  }
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    add_options(*sub, words);
}

Words parser_options() {
  const Parser parser;
  Words words;
  add_options(parser.app, words);
  return words;
}

Words parser_commands() {
  const Parser parser;
  Words words;
  for (const CLI::App* sub : parser.app.get_subcommands([](const CLI::App*) { return true; })) {
    words.insert(sub->get_name());
  }
  return words;
}

Words matches(const std::string& text, const std::string& pattern) {
  Words words;
  const std::regex expression(pattern);
  for (std::sregex_iterator it(text.begin(), text.end(), expression), end; it != end; ++it) {
    words.insert(it->str(1));
  }
  return words;
}

std::string manual() {
  const auto page =
      base::read_file(std::string(ER_SOURCE_DIR) + "/docs/electron-rescue.1", 1 << 20);
  EXPECT_TRUE(page);
  std::string text = base::as_text(*page);
  text = std::regex_replace(text, std::regex("\\\\f[BIR]"), "");  // changes of font
  text.erase(std::remove(text.begin(), text.end(), '\\'), text.end());
  return text;
}

std::string completion(const std::string& shell) {
  const Parser parser;
  return cli::completion_script(shell, parser.app, {"2.3.1"});
}

TEST(Manual, KnowsEveryOptionAndNoOther) {
  Words in_manual = matches(manual(), "(--[a-z][a-z-]+)");
  for (const char* name : {"-v", "-h"}) {
    if (manual().find(name) != std::string::npos) in_manual.insert(name);
  }
  EXPECT_EQ(in_manual, parser_options());
}

TEST(Manual, KnowsEveryCommand) {
  const std::string text = manual();
  for (const std::string& command : parser_commands()) {
    EXPECT_THAT(text, testing::ContainsRegex("\n\\.B " + command)) << command;
  }
}

TEST(Completion, KnowsEveryOptionAndNoOtherInEveryShell) {
  for (const char* shell : {"bash", "zsh"}) {
    Words found = matches(completion(shell), "[\\s'|](-{1,2}[a-z][a-z-]*)(?=[\\s\\[\"|)])");
    // What the scripts' own commands are called with.
    for (const char* own : {"-W", "-d", "-f", "-n", "-F", "-o", "-a", "--json"}) {
      if (!parser_options().count(own)) found.erase(own);
    }
    EXPECT_EQ(found, parser_options()) << shell;
  }
  Words fish;
  for (const std::string& word : matches(completion("fish"), " -l ([a-z-]+)"))
    fish.insert("--" + word);
  for (const std::string& word : matches(completion("fish"), " -s ([a-z])"))
    fish.insert("-" + word);
  EXPECT_EQ(fish, parser_options());
}

TEST(Completion, KnowsEveryCommandInEveryShell) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = completion(shell);
    for (const std::string& command : parser_commands()) {
      EXPECT_THAT(script, testing::HasSubstr(command)) << shell;
    }
  }
}

TEST(Completion, OffersReleasesDevicesAndChoices) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = completion(shell);
    EXPECT_THAT(script, testing::HasSubstr("2.3.1")) << shell;
    EXPECT_THAT(script, testing::HasSubstr("list --json")) << shell;
    EXPECT_THAT(script, testing::HasSubstr("auto bar plain json none")) << shell;
  }
}

// No PowerShell runs where these tests do: what it must have, and brackets and quotes in pairs.
TEST(Completion, OfPowershellOffersEveryCommandAndQuotesEveryWord) {
  const std::string script = completion("powershell");
  EXPECT_THAT(script, testing::HasSubstr("Register-ArgumentCompleter -Native"));
  EXPECT_THAT(script,
              testing::HasSubstr("'flash --progress' = @('auto', 'bar', 'plain', 'json', 'none')"));
  EXPECT_THAT(script, testing::HasSubstr("'sim:2.3.1'"));
  for (const char* command : {"flash", "doctor", "list", "restore"}) {
    EXPECT_THAT(script, testing::HasSubstr(fmt::format("    '{}' = @(", command)));
  }
  EXPECT_EQ(std::ranges::count(script, '{'), std::ranges::count(script, '}'));
  EXPECT_EQ(std::ranges::count(script, '('), std::ranges::count(script, ')'));
  EXPECT_EQ(std::ranges::count(script, '\'') % 2, 0);
}

TEST(Completion, OfBashIsUnderstoodByBash) {
  if (std::system("bash -c true") != 0) GTEST_SKIP() << "no bash here";
  const std::string path = testing::TempDir() + "completion.bash";
  ASSERT_TRUE(base::write_file(path, base::as_bytes(completion("bash")), base::Privacy::normal));
  const std::string check = "bash -c 'source " + path +
                            "; COMP_WORDS=(electron-rescue wait --mode d); COMP_CWORD=3; "
                            "_electron_rescue; [ \"${COMPREPLY[*]}\" = dfu ]'";
  EXPECT_EQ(std::system(check.c_str()), 0);
}

}  // namespace
}  // namespace cli_test
