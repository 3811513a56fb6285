// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/explain.h"

#include "base/files.h"
#include "plan/shelf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace plan_test {
namespace {

// expected_plans.txt: sections that begin with a line
//   ## INDEX1 INDEX2 INDEX3 BOOTLOADER -> TARGET with RELEASE...
// ("-": blank, "!RELEASE": corrupt, bootloader 0: not known) and hold the whole printed outcome.
struct Section {
  std::string heading;
  std::string text;
};

std::vector<Section> sections() {
  const auto bytes =
      base::read_file(std::string(ER_SOURCE_DIR) + "/tests/plan/expected_plans.txt", 1U << 20U);
  if (!bytes) return {};
  std::vector<Section> result;
  std::istringstream lines(base::as_text(*bytes));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) {
      result.push_back({line, {}});
    } else if (!result.empty()) {
      result.back().text += line + "\n";
    }
  }
  for (Section& section : result) {
    section.text.erase(section.text.find_last_not_of('\n') + 1);
  }
  return result;
}

std::string printed(const std::string& heading) {
  std::istringstream words(heading.substr(3));
  std::string index1;
  std::string index2;
  std::string index3;
  std::uint16_t bootloader = 0;
  std::string arrow;
  std::string target;
  std::string with;
  words >> index1 >> index2 >> index3 >> bootloader >> arrow >> target >> with;
  std::vector<std::string> names;
  for (std::string name; words >> name;) names.push_back(name);
  const release::Library shelf = library({names.begin(), names.end()});
  const plan::Outcome result = outcome(mixed(index1, index2, index3, bootloader), target, shelf);
  return std::visit([](const auto& value) { return plan::explain(value); }, result);
}

TEST(Explain, PrintsEveryPlanAsExpected) {
  const std::vector<Section> expected = sections();
  ASSERT_GT(expected.size(), 40U);
  std::string all;
  for (const Section& section : expected) {
    const std::string text = printed(section.heading);
    EXPECT_EQ(text, section.text) << section.heading;
    all += section.heading + "\n" + text + "\n\n";
  }
  // To accept a change of wording, look at this file's difference and copy it over the other.
  if (HasFailure()) {
    EXPECT_TRUE(base::write_file(std::string(ER_BINARY_DIR) + "/plans.txt", base::as_bytes(all),
                                 base::Privacy::normal));
  }
}

TEST(Explain, FitsHundredColumns) {
  for (const Section& section : sections()) {
    std::istringstream lines(printed(section.heading));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(line.size(), 100U) << line;
      EXPECT_EQ(line.find_last_not_of(' '), line.empty() ? std::string::npos : line.size() - 1);
    }
  }
}

TEST(Explain, FitsSixtyColumnsWhereThereAreNoMore) {
  const plan::Plan plan =
      planned(mixed("0.6.4", "0.7.0", "0.6.4", 11), "0.7.0", {"0.6.4", "0.7.0"});
  std::istringstream lines(plan::explain(plan, 60));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 60U) << line;
}

TEST(Explain, ShortensALongFileNameAndHidesControlCharacters) {
  const plan::Plan plan = planned(at("0.6.4", 11), "0.7.0", {"0.7.0"});
  plan::Step step = plan.stages.front().steps.front();
  step.content = plan::content_of(make({kSystemPart3, 207, {}, {}, 2048, 1},
                                       "folder/\x1b[31m" + std::string(200, 'x') + ".bin"));
  const std::string line = plan::describe(step);
  EXPECT_LE(line.size(), 100U);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_THAT(line, testing::EndsWith("..."));
}

}  // namespace
}  // namespace plan_test
