// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/status.h"

#include <array>

namespace station {

std::string_view name(SlotState state) {
  switch (state) {
    case SlotState::off:
      return "off";
    case SlotState::empty:
      return "empty";
    case SlotState::seen:
      return "seen";
    case SlotState::asking:
      return "asking";
    case SlotState::working:
      return "working";
    case SlotState::needs_hand:
      return "needs-hand";
    case SlotState::retrying:
      return "retrying";
    case SlotState::pass:
      return "pass";
    case SlotState::fail:
      return "fail";
    case SlotState::done_already:
      return "done-already";
    case SlotState::hold:
      return "hold";
    case SlotState::pulled:
      return "pulled";
  }
  return "";
}

bool is_latched(SlotState state) {
  switch (state) {
    case SlotState::pass:
    case SlotState::fail:
    case SlotState::done_already:
    case SlotState::hold:
    case SlotState::pulled:
      return true;
    default:
      return false;
  }
}

bool is_busy(SlotState state) {
  return state == SlotState::working || state == SlotState::needs_hand;
}

std::string_view name(Command::What what) {
  switch (what) {
    case Command::What::unlock:
      return "unlock";
    case Command::What::reload:
      return "reload";
    case Command::What::release:
      return "release";
    case Command::What::hold:
      return "hold";
    case Command::What::again:
      return "again";
    case Command::What::slot_off:
      return "off";
    case Command::What::slot_on:
      return "on";
    case Command::What::drain:
      return "drain";
  }
  return "";
}

std::optional<Command::What> command_of(std::string_view text) {
  using What = Command::What;
  for (const What what : std::array{What::unlock, What::reload, What::release, What::hold,
                                    What::again, What::slot_off, What::slot_on, What::drain}) {
    if (name(what) == text) return what;
  }
  return std::nullopt;
}

}  // namespace station
