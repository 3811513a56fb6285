// SPDX-License-Identifier: GPL-3.0-or-later
//
// Faults as text and back.
#include "sim/bus/duration.h"
#include "sim/bus/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace sim {
namespace {

using What = FaultAction::What;
using When = Fault::When;

constexpr std::array<std::pair<std::string_view, What>, 9> kActions{{
    {"stall", What::stall},
    {"timeout", What::timeout},
    {"lost-answer", What::lost_answer},
    {"lost-data", What::lost_data},
    {"short", What::short_answer},
    {"delay", What::delay},
    {"unplug", What::unplug},
    {"power-cut", What::power_cut},
    {"reset", What::reset},
}};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// Takes words off the front of a line.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(trimmed(text)) {}
  bool done() const { return rest_.empty(); }
  std::string_view next() {
    const auto end = rest_.find_first_of(" \t");
    const std::string_view word = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : trimmed(rest_.substr(end));
    return word;
  }
  bool take(std::string_view wanted) {
    Words copy = *this;
    if (copy.next() != wanted) return false;
    *this = copy;
    return true;
  }

 private:
  std::string_view rest_;
};

template <class Number>
bool parse_number(std::string_view text, Number& number, int radix = 10) {
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number, radix);
  return !text.empty() && result.ec == std::errc() && result.ptr == end;
}

bool parse_address(std::string_view text, std::uint32_t& address) {
  return text.starts_with("0x") && parse_number(text.substr(2), address, 16);
}

bool happens_to_the_board(const FaultAction& action) {
  return action.what == What::unplug || action.what == What::power_cut ||
         action.what == What::reset;
}

bool parse_action(std::string_view text, FaultAction& action) {
  Words words(text);
  const std::string_view name = words.next();
  const auto found = std::find_if(kActions.begin(), kActions.end(),
                                  [name](const auto& entry) { return entry.first == name; });
  if (found == kActions.end()) return false;
  action.what = found->second;
  const bool needs_time = action.what == What::delay || action.what == What::unplug;
  if (action.what == What::short_answer) {
    if (!parse_number(words.next(), action.bytes)) return false;
  } else if (needs_time || (action.what == What::power_cut && !words.done())) {
    action.time = parse_duration(words.next());
    if (!action.time) return false;
  }
  return words.done();
}

bool parse_actions(std::string_view text, Fault& fault) {
  while (true) {
    const auto comma = text.find(',');
    FaultAction action;
    if (!parse_action(text.substr(0, comma), action)) return false;
    fault.actions.push_back(action);
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

bool parse_at(Words words, Fault& fault) {
  const std::string_view first = words.next();
  if (words.done()) {
    fault.when = When::at_time;
    const auto time = parse_duration(first);
    fault.time = time.value_or(base::Micros::zero());
    return time.has_value();
  }
  fault.when = When::nth_transfer;
  if (first != "transfer") {
    TransferKind kind{};
    if (!parse_transfer_kind(first, kind)) return false;
    fault.kind = kind;
  }
  return parse_number(words.next(), fault.number) && fault.number > 0 && words.done();
}

bool parse_during(Words words, Fault& fault) {
  const std::string_view what = words.next();
  if (what != "erase" && what != "program") return false;
  fault.when = what == "erase" ? When::during_erase : When::during_program;
  if (!parse_address(words.next(), fault.address) || !words.take("at")) return false;
  const auto share = parse_decimal(words.next());
  fault.share = share.value_or(0);
  return share && *share <= 1 && words.done();
}

bool parse_random(Words words, Fault& fault) {
  fault.when = When::random;
  return parse_number(words.next(), fault.seed) && words.take("every") &&
         parse_number(words.next(), fault.number) && fault.number > 0 && words.done();
}

bool parse_triggered(std::string_view trigger, std::string_view actions, Fault& fault) {
  Words words(trigger);
  const bool understood = words.take("at")       ? parse_at(words, fault)
                          : words.take("during") ? parse_during(words, fault)
                          : words.take("random") ? parse_random(words, fault)
                                                 : false;
  if (!understood || !parse_actions(actions, fault)) return false;
  if (fault.when == When::random) return true;
  if (fault.actions.size() != 1) return false;
  return fault.when == When::nth_transfer || happens_to_the_board(fault.actions.front());
}

bool parse_standing(Words words, Fault& fault) {
  if (words.take("stuck")) {
    fault.when = When::stuck_word;
    return words.take("word") && parse_address(words.next(), fault.address) && words.done();
  }
  if (words.take("bad")) {
    fault.when = When::bad_sector;
    return words.take("sector") && parse_address(words.next(), fault.address) && words.done();
  }
  if (words.take("lost")) {
    fault.when = When::lost_write;
    return words.take("write") && words.take("at") && parse_address(words.next(), fault.address) &&
           words.done();
  }
  fault.when = When::read_flip;
  if (!words.take("read") || !words.take("bit-flip")) return false;
  const std::string_view place = words.next();
  const auto dot = place.find('.');
  if (!parse_address(place.substr(0, dot), fault.address)) return false;
  if (dot != std::string_view::npos &&
      (!parse_number(place.substr(dot + 1), fault.bit) || fault.bit > 7)) {
    return false;
  }
  fault.always = words.take("always");
  return words.done();
}

bool parse_line(std::string_view line, Fault& fault) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return parse_standing(Words(line), fault);
  return parse_triggered(line.substr(0, colon), line.substr(colon + 1), fault);
}

}  // namespace

base::Result<std::vector<Fault>> parse_faults(std::string_view script) {
  std::vector<Fault> faults;
  while (!script.empty()) {
    const auto end = script.find_first_of(";\n");
    std::string_view line = script.substr(0, end);
    script = end == std::string_view::npos ? std::string_view() : script.substr(end + 1);
    line = trimmed(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    Fault fault;
    if (!parse_line(line, fault)) {
      return base::make_error(
          base::Errc::usage, "bad-fault", fmt::format("this fault is not understood: {}", line),
          "for example: at dnload 3: unplug 2s; during erase 0x08040000 at 0.4: power-cut");
    }
    faults.push_back(std::move(fault));
  }
  return faults;
}

std::string to_string(const FaultAction& action) {
  const auto found = std::find_if(kActions.begin(), kActions.end(),
                                  [&](const auto& entry) { return entry.second == action.what; });
  std::string text(found->first);
  if (action.what == What::short_answer) text += fmt::format(" {}", action.bytes);
  if (action.time) text += " " + duration_text(*action.time);
  return text;
}

std::string to_string(const Fault& fault) {
  std::string text;
  switch (fault.when) {
    case When::nth_transfer:
      text = fmt::format("at {} {}: ", fault.kind ? name(*fault.kind) : "transfer", fault.number);
      break;
    case When::at_time:
      text = fmt::format("at {}: ", duration_text(fault.time));
      break;
    case When::during_erase:
    case When::during_program:
      text = fmt::format(
          "during {} {} at {}: ", fault.when == When::during_erase ? "erase" : "program",
          base::hex32(fault.address), fault.share);
      break;
    case When::random:
      text = fmt::format("random {} every {}: ", fault.seed, fault.number);
      break;
    case When::stuck_word:
      return "stuck word " + base::hex32(fault.address);
    case When::bad_sector:
      return "bad sector " + base::hex32(fault.address);
    case When::lost_write:
      return "lost write at " + base::hex32(fault.address);
    case When::read_flip:
      return fmt::format("read bit-flip {}.{}{}", base::hex32(fault.address), fault.bit,
                         fault.always ? " always" : "");
  }
  for (std::size_t i = 0; i < fault.actions.size(); ++i) {
    text += (i == 0 ? "" : ", ") + to_string(fault.actions[i]);
  }
  return text;
}

std::string to_string(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults) text += to_string(fault) + "\n";
  return text;
}

}  // namespace sim
