// SPDX-License-Identifier: GPL-3.0-or-later
//
// electron-sim's manual and its parser know the same options, commands and state file keys.

#include "base/files.h"
#include "electron_sim/options.h"
#include "sim/cloud/mishaps.h"
#include "sim/world/workbench.h"

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

namespace {

using Words = std::set<std::string>;

std::string manual() {
  const auto page = base::read_file(std::string(ER_SOURCE_DIR) + "/docs/electron-sim.1", 1 << 20);
  EXPECT_TRUE(page);
  std::string text = base::as_text(*page);
  text = std::regex_replace(text, std::regex("\\\\f[BIR]"), "");  // changes of font
  text.erase(std::remove(text.begin(), text.end(), '\\'), text.end());
  return text;
}

Words matches(const std::string& text, const std::string& pattern) {
  Words words;
  const std::regex expression(pattern);
  for (std::sregex_iterator it(text.begin(), text.end(), expression), end; it != end; ++it) {
    words.insert(it->str(1));
  }
  return words;
}

TEST(SimManual, KnowsEveryOptionAndNoOther) {
  electron_sim::SimOptions options;
  CLI::App app("", "electron-sim");
  electron_sim::add_sim_options(app, options);
  app.set_version_flag("--version", "");
  Words known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) known.insert("--" + name);
  }
  Words told = matches(manual(), "(--[a-z][a-z-]+)");
  told.erase("--device");  // of electron-rescue
  told.erase("--json");
  EXPECT_EQ(told, known);
}

TEST(SimManual, KnowsEveryCommandOfTheBench) {
  const std::string text = manual();
  for (const std::string& word :
       matches("\n" + std::string(sim::bench_help()), "\n([a-z]+)[ |\\[]")) {
    EXPECT_THAT(text, testing::HasSubstr(word)) << word;
  }
}

TEST(SimManual, KnowsEveryFailureOfTheCloud) {
  const std::string text = manual();
  for (const sim::cloud::MishapRow& row : sim::cloud::mishap_rows()) {
    EXPECT_THAT(text, testing::HasSubstr("\n" + std::string(row.name))) << row.name;
  }
}

TEST(SimManual, EveryExampleIsUnderstood) {
  const std::regex example("\n\\.B electron-sim( [^\n]+)");
  const std::string text = manual();
  int examples = 0;
  for (std::sregex_iterator it(text.begin(), text.end(), example), end; it != end; ++it) {
    electron_sim::SimOptions options;
    CLI::App app("", "electron-sim");
    electron_sim::add_sim_options(app, options);
    EXPECT_NO_THROW(app.parse(it->str(1))) << it->str(1);
    EXPECT_TRUE(electron_sim::specify(options)) << it->str(1);
    EXPECT_TRUE(electron_sim::specify_cloud(options)) << it->str(1);
    ++examples;
  }
  EXPECT_GE(examples, 3);
}

}  // namespace
