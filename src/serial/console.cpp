// SPDX-License-Identifier: GPL-3.0-or-later
#include "serial/console.h"

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

namespace serial {
namespace {

using base::Errc;
using base::Micros;
using base::Millis;

// A device that prints a character a millisecond (up to 0.6.4) needs two seconds for `s`.
constexpr Millis kOneAnswer(5000);
// `v` is asked again after this: it is short, and may have been sent before the device listened.
constexpr Millis kOneVersion(1500);
constexpr Millis kQuiet(150);  // silence after which nothing more is coming
constexpr Millis kTakes(3000);
// More than any answer; a device that goes on beyond it is not answering.
constexpr std::size_t kMostText = 64 * 1024;

base::Error no_answer() {
  return base::make_error(Errc::timeout, "the device does not answer in listening mode",
                          "check that its LED blinks blue");
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of("\r\n ") == std::string_view::npos;
}

// Late answers to earlier `v`, with nothing before them.
std::size_t past_version_answers(std::string_view text) {
  std::size_t past = 0;
  while (true) {
    const std::size_t at = find_version_answer(text.substr(past));
    if (at == std::string_view::npos || !is_blank(text.substr(past, at))) return past;
    const std::size_t end = text.find('\n', past + at);
    if (end == std::string_view::npos) return past;
    past = end + 1;
  }
}

// A digit that was lost or changed on the way makes another answer that looks as good: an answer is
// believed when two in a row agree.
template <class Ask>
auto until_two_agree(base::Clock& clock, Micros within, Ask ask) -> decltype(ask(within)) {
  const base::Deadline deadline(clock, within);
  base::Error last = no_answer();
  bool differed = false;
  std::optional<std::decay_t<decltype(*ask(within))>> before;
  while (!deadline.passed()) {
    auto now = ask(deadline.left());
    if (!now) {
      if (now.error().code != Errc::timeout && now.error().code != Errc::protocol) return now;
      // That they differ says more than that time was up in the middle of the next.
      if (!differed) last = std::move(now.error());
      continue;
    }
    if (before && *before == *now) return now;
    differed = before.has_value();
    if (differed) {
      last = base::make_error(Errc::protocol, "the device's answers to the same question differ",
                              "try another cable or USB port");
    }
    before = std::move(*now);
  }
  return last;
}

}  // namespace

base::Result<> Console::send(std::string_view command, Micros within) {
  const base::Deadline deadline(*clock_, within);
  TRY(port_->write(base::as_bytes(command), deadline.left_up_to(kTakes)));
  heard_ = true;
  return {};
}

base::Result<> Console::settle() {
  if (!unsettled_) return {};
  const base::Deadline deadline(*clock_, Millis(3000));
  while (!deadline.passed()) {
    auto more = port_->read(4096, kQuiet);
    if (!more && more.error().code == Errc::timeout) break;
    if (!more) return std::move(more.error());
  }
  port_->discard_input();
  unsettled_ = false;
  return {};
}

base::Result<std::string> Console::answer_to(char command, bool must_answer, Micros within) {
  const base::Deadline deadline(*clock_, within);
  TRY(settle());
  unsettled_ = true;
  const char keys[] = {command, 'v', '\0'};
  TRY(send(keys, deadline.left()));
  std::string text;
  while (!deadline.passed() && text.size() < kMostText) {
    if (cancel_->requested()) return base::make_error(Errc::cancelled, "interrupted");
    auto more = port_->read(4096, deadline.left_up_to(Millis(500)));
    if (!more && more.error().code == Errc::timeout) continue;
    if (!more) return std::move(more.error());
    text += base::as_text(*more);
    const std::size_t start = must_answer ? past_version_answers(text) : 0;
    const std::size_t end = find_version_answer(std::string_view(text).substr(start));
    if (end == std::string::npos) continue;
    std::string answer = text.substr(start, end);
    if (must_answer && is_blank(answer)) continue;
    unsettled_ = false;
    return answer;
  }
  return no_answer();
}

base::Result<std::string> Console::ask_version(Micros within) {
  const base::Deadline deadline(*clock_, within);
  TRY(settle());
  unsettled_ = true;
  // A transfer that another program, or a pulled cable, left unfinished is aborted by 'a'; the
  // console passes over it.
  for (std::string_view question = "v"; !deadline.passed(); question = "av") {
    TRY(send(question, deadline.left()));
    const base::Deadline again(*clock_, std::min<Micros>(deadline.left(), kOneVersion));
    std::string text;
    while (!again.passed() && text.size() < kMostText) {
      if (cancel_->requested()) return base::make_error(Errc::cancelled, "interrupted");
      auto more = port_->read(256, again.left_up_to(Millis(500)));
      if (!more && more.error().code == Errc::timeout) continue;
      if (!more) return std::move(more.error());
      text += base::as_text(*more);
      // Answers to earlier `v` may still follow; settle() drops them.
      if (auto version = parse_version(text)) return version;
    }
  }
  return no_answer();
}

base::Result<std::string> Console::ask_release(Micros within) {
  return until_two_agree(*clock_, within, [this](Micros left) { return ask_version(left); });
}

base::Result<Identity> Console::ask_identity(Micros within) {
  return until_two_agree(*clock_, within, [this](Micros left) -> base::Result<Identity> {
    TRY_ASSIGN(const std::string text, answer_to('i', true, std::min<Micros>(left, kOneAnswer)));
    return parse_identity(text);
  });
}

base::Result<Described> Console::ask_modules(Micros within) {
  return until_two_agree(*clock_, within, [this](Micros left) -> base::Result<Described> {
    TRY_ASSIGN(const std::string text, answer_to('s', true, std::min<Micros>(left, kOneAnswer)));
    return parse_modules(text);
  });
}

base::Result<std::optional<bool>> Console::ask_claimed(Micros within) {
  TRY_ASSIGN(const std::string text, answer_to('c', false, within));
  return parse_claimed(text);
}

base::Result<std::string> Console::ask_diagnostics(Micros within) {
  TRY_ASSIGN(const std::string text, answer_to('d', false, within));
  return base::printable(find_json_object(text, 0));
}

base::Result<> Console::leave() { return send("x", kTakes); }

}  // namespace serial
