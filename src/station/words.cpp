// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace station {
namespace {

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return result;
}

std::string working(const Slot& slot) {
  if (slot.phase == "recording") return "RECORDING · DO NOT PULL";
  const std::string phase = slot.phase.empty() ? "STARTING" : upper(slot.phase);
  const int percent = static_cast<int>(100 * std::clamp(slot.share, 0.0, 1.0));
  return fmt::format("{} · {} % · DO NOT PULL", phase, percent);
}

std::string hold(const Slot& slot) {
  if (slot.code == "hub") return "HOLD · HUB";
  if (slot.code == "no-record") return "HOLD · NO RECORD";
  return "HOLD";
}

}  // namespace

std::string_view phase_of(events::Doing doing, events::Part part) {
  using events::Doing;
  switch (doing) {
    case Doing::reach:
      return "switching";
    case Doing::observe:
      return "reading";
    case Doing::save:
      return "saving";
    case Doing::guard_open:
    case Doing::write:
    case Doing::guard_close:
      return part == events::Part::read ? "verifying" : "writing";
    case Doing::send:
      return "sending";
    case Doing::compare:
      return "verifying";
    case Doing::start:
      return "starting";
    case Doing::confirm:
      return "confirming";
  }
  return "";
}

bool may_restart_in(events::Doing doing) {
  using events::Doing;
  return doing == Doing::reach || doing == Doing::send || doing == Doing::start ||
         doing == Doing::confirm;
}

std::string word_of(const Slot& slot) {
  switch (slot.state) {
    case SlotState::off:
      return "OFF";
    case SlotState::empty:
      return "";
    case SlotState::seen:
      return "SEEN";
    case SlotState::asking:
      return slot.waiting ? "WAIT" : "ASKING";
    case SlotState::working:
      return working(slot);
    case SlotState::needs_hand:
      return "PRESS MODE";
    case SlotState::retrying:
      return slot.hub ? "HUB · WAIT" : "RETRY";
    case SlotState::pass:
      return "PASS · TAKE OUT";
    case SlotState::fail:
      if (slot.code == "no-record") return "FAIL · NO RECORD";
      return slot.short_code.empty() ? "FAIL" : "FAIL · " + slot.short_code;
    case SlotState::done_already:
      return "DONE ALREADY";
    case SlotState::hold:
      return hold(slot);
    case SlotState::pulled:
      return slot.hub ? "HUB · PUT BACK" : "PULLED · PUT BACK";
  }
  return "";
}

std::string short_code(std::optional<events::Doing> doing, int exit_code) {
  using events::Doing;
  char letter = 'P';  // before the first step: files, plan, rules
  if (doing) {
    switch (*doing) {
      case Doing::reach:
        letter = 'R';
        break;
      case Doing::observe:
        letter = 'L';
        break;
      case Doing::save:
        letter = 'S';
        break;
      case Doing::guard_open:
      case Doing::write:
      case Doing::guard_close:
        letter = 'W';
        break;
      case Doing::send:
        letter = 'T';
        break;
      case Doing::compare:
        letter = 'V';
        break;
      case Doing::start:
        letter = 'B';
        break;
      case Doing::confirm:
        letter = 'C';
        break;
    }
  }
  return fmt::format("{}{}", letter, exit_code);
}

}  // namespace station
