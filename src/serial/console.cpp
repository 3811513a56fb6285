// SPDX-License-Identifier: GPL-3.0-or-later
#include "serial/console.h"

#include "serial/console_text.h"

#include <algorithm>

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
constexpr Millis kWrite(3000);
// More than any answer; a device that goes on beyond it is not answering.
constexpr std::size_t kMostText = 64 * 1024;

base::Error no_answer() {
  return base::make_error(Errc::timeout, "the device does not answer in listening mode",
                          "check that its LED blinks blue");
}

}  // namespace

base::Result<> Console::send(std::string_view command) {
  return port_->write(base::as_bytes(command), kWrite);
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
  TRY(send(keys));
  std::string text;
  while (!deadline.passed() && text.size() < kMostText) {
    if (cancel_->requested()) return base::make_error(Errc::cancelled, "interrupted");
    auto more = port_->read(4096, deadline.left_up_to(Millis(500)));
    if (!more && more.error().code == Errc::timeout) continue;
    if (!more) return std::move(more.error());
    text += base::as_text(*more);
    const std::size_t end = find_version_answer(text);
    if (end == std::string::npos) continue;
    std::string answer = text.substr(0, end);
    if (must_answer && answer.find_first_not_of("\r\n ") == std::string::npos) continue;
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
    TRY(port_->write(base::as_bytes(question), deadline.left_up_to(kWrite)));
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

base::Result<Identity> Console::ask_identity(Micros within) {
  const base::Deadline deadline(*clock_, within);
  base::Error last = no_answer();
  while (!deadline.passed()) {
    auto text = answer_to('i', true, std::min<Micros>(deadline.left(), kOneAnswer));
    if (text) {
      auto identity = parse_identity(*text);
      if (identity) return identity;
      last = std::move(identity.error());
    } else if (text.error().code != Errc::timeout) {
      return std::move(text.error());
    }
  }
  return last;
}

base::Result<Described> Console::ask_modules(Micros within) {
  const base::Deadline deadline(*clock_, within);
  base::Error last = no_answer();
  std::optional<Described> before;
  while (!deadline.passed()) {
    auto text = answer_to('s', true, std::min<Micros>(deadline.left(), kOneAnswer));
    if (!text) {
      if (text.error().code != Errc::timeout) return std::move(text.error());
      continue;
    }
    auto described = parse_modules(*text);
    if (!described) {
      last = std::move(described.error());
      continue;
    }
    if (before && *before == *described) return described;
    before = std::move(*described);
    last = base::make_error(Errc::protocol, "the device's descriptions of its modules differ",
                            "try another cable or USB port");
  }
  return last;
}

base::Result<std::optional<bool>> Console::ask_claimed(Micros within) {
  TRY_ASSIGN(const std::string text, answer_to('c', false, within));
  return parse_claimed(text);
}

base::Result<std::string> Console::ask_diagnostics(Micros within) {
  TRY_ASSIGN(const std::string text, answer_to('d', false, within));
  return base::printable(find_json_object(text, 0));
}

base::Result<> Console::leave() { return send("x"); }

}  // namespace serial
