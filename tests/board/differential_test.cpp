// SPDX-License-Identifier: GPL-3.0-or-later
//
// The same questions to the released bootloaders' machine code and to the simulator's profiles.
#include "base/files.h"
#include "board/pair.h"
#include "platform/platform.h"
#include "support/sweep.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <random>
#include <string>

namespace board {
namespace {

class EveryBootloader : public testing::Test {
 protected:
  void SetUp() override {
    if (released_bootloaders().empty()) GTEST_SKIP() << no_images();
  }
};

// scripts/test_results.py tells the sums of these.
template <class Number>
void cover(const std::string& what, Number count) {
  testing::Test::RecordProperty("covered_" + what, std::to_string(count));
}

// One line for each kind of difference, with how often it was seen.
class Differences {
 public:
  void add(const std::string& where, const std::string& what) {
    auto& [count, example] = seen_[what];
    if (count++ == 0) example = where;
  }
  void report() const {
    for (const auto& [what, times] : seen_) {
      ADD_FAILURE() << times.second << " (" << times.first << " times): " << what;
    }
  }

 private:
  std::map<std::string, std::pair<int, std::string>> seen_;
};

TEST_F(EveryBootloader, AnswersEveryRequestInEveryStateAsItsProfileDoes) {
  Differences differences;
  const std::uint64_t stride = test_support::sweep_stride();
  std::uint64_t place = 0;
  long asked = 0;
  for (const Image& image : released_bootloaders()) {
    Pair pair(image);
    for (std::uint16_t alt = 0; alt < 2; ++alt) {
      for (const Way& way : ways()) {
        for (const Question& question : questions()) {
          if (place++ % stride != 0) continue;
          pair.begin();
          const std::string where =
              fmt::format("bootloader {}, alternate setting {}, {}", image.version, alt, way.state);
          std::string what = pair.ask(select_alt(alt));
          for (const Question& step : way.steps) what += pair.ask(step);
          if (!what.empty()) {
            differences.add(where, "on the way: " + what);
            break;
          }
          what = pair.ask(question);
          ++asked;
          if (what.empty()) {
            what = pair.compare_states();
            if (!what.empty()) what = "after " + question.name + ": " + what;
          }
          if (!what.empty()) differences.add(where, what);
        }
      }
    }
  }
  differences.report();
  cover("bootloaders", released_bootloaders().size());
  cover("requests", asked);
  std::printf("%zu bootloaders, %ld requests in %zu states\n", released_bootloaders().size(), asked,
              ways().size());
}

// Rows of "What is not modelled" in docs/electron-sim.md: one may drop a DNLOAD that waits for its
// GETSTATUS, the others leave a length behind.
bool is_not_modelled(const Question& question) {
  return question.name == "SET_CONFIGURATION 2" ||
         question.name.starts_with("nothing of descriptor");
}

// Random walks: the table's questions in any order, with the addresses that a tool uses.
TEST_F(EveryBootloader, AnswersRandomSequencesAsItsProfileDoes) {
  constexpr int kSteps = 24;
  const std::string wanted = base::environment("ER_SEQUENCES");
  const int sequences = wanted.empty() ? 500 : std::stoi(wanted);
  Differences differences;
  long asked = 0;
  for (const Image& image : released_bootloaders()) {
    Pair pair(image);
    for (int seed = 0; seed < sequences; ++seed) {
      // The generator is the same everywhere; the distributions of <random> are not.
      std::mt19937 random(static_cast<std::uint32_t>(seed));
      pair.begin();
      for (int step = 0; step < kSteps && !pair.gone(); ++step) {
        const Question& question = questions()[random() % questions().size()];
        if (is_not_modelled(question)) continue;
        std::string what = pair.ask(question);
        ++asked;
        if (what.empty() && random() % 4 == 0) what = pair.compare_states();
        if (what.empty()) continue;
        differences.add(fmt::format("bootloader {}, seed {}, step {} ({})", image.version, seed,
                                    step, question.name),
                        what);
        break;
      }
    }
  }
  differences.report();
  cover("requests", asked);
  cover("sequences", released_bootloaders().size() * static_cast<std::size_t>(sequences));
  std::printf("%zu bootloaders, %d sequences each, %ld requests\n", released_bootloaders().size(),
              sequences, asked);
}

}  // namespace
}  // namespace board
