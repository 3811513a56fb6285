// SPDX-License-Identifier: GPL-3.0-or-later
//
// A station that does nothing but write records, for tests that kill it: opens and closes jobs for
// ever, and says on standard output what it is about to do and what has been acknowledged, a word
// a line: "lost ID", "opening ID", "opened ID", "closing ID", "closed ID", "failed ERROR-ID".
//   writer FILE FIRST-NUMBER
#include "records/fixture.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

void say(std::string_view what, std::string_view of) {
  std::printf("%.*s %.*s\n", static_cast<int>(what.size()), what.data(),
              static_cast<int>(of.size()), of.data());
  std::fflush(stdout);
}

// Jobs overlap, as those of slots do: a row stays open until two more have been opened.
constexpr int kOpenAtOnce = 3;

int write(records::Store& store, int first) {
  const std::string report =
      R"({"schema": 1, "ok": true, "padding": ")" + std::string(5'000, 'r') + "\"}";
  for (int n = first;; ++n) {
    const std::string id = records_test::id(n);
    say("opening", id);
    if (const auto done = store.open_row(records_test::opening(n)); !done) {
      say("failed", done.error().id);
      return 3;
    }
    say("opened", id);
    if (n < first + kOpenAtOnce - 1) continue;
    const std::string oldest = records_test::id(n - kOpenAtOnce + 1);
    say("closing", oldest);
    const auto done = store.close_row(oldest, records_test::ending(records::Outcome::pass), report);
    if (!done) {
      say("failed", done.error().id);
      return 3;
    }
    say("closed", oldest);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  // A file that may not grow is an error of the write, not the end.
  std::signal(SIGXFSZ, SIG_IGN);
  const auto opened = records::open_store({argv[1], "line1-a"});
  if (!opened) {
    say("failed", opened.error().id);
    return 3;
  }
  const auto lost = (*opened)->close_lost(1'700'000'100'000);
  if (!lost) {
    say("failed", lost.error().id);
    return 3;
  }
  for (const std::string& id : *lost) say("lost", id);
  return write(**opened, std::atoi(argv[2]));
}
