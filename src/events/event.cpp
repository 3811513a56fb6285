// SPDX-License-Identifier: GPL-3.0-or-later
#include "events/event.h"

namespace events {

std::string_view name(Action action) {
  switch (action) {
    case Action::hold_mode:
      return "hold-mode";
    case Action::press_reset:
      return "press-reset";
    case Action::replug:
      return "replug";
    case Action::power:
      return "power";
  }
  return "";
}

std::string_view name(Doing doing) {
  switch (doing) {
    case Doing::reach:
      return "reach";
    case Doing::observe:
      return "observe";
    case Doing::save:
      return "save";
    case Doing::guard_open:
      return "guard-open";
    case Doing::write:
      return "write";
    case Doing::guard_close:
      return "guard-close";
    case Doing::send:
      return "send";
    case Doing::compare:
      return "compare";
    case Doing::start:
      return "start";
    case Doing::confirm:
      return "confirm";
  }
  return "";
}

std::string_view name(Part part) {
  switch (part) {
    case Part::none:
      return "";
    case Part::erase:
      return "erase";
    case Part::write:
      return "write";
    case Part::read:
      return "read";
    case Part::wait:
      return "wait";
  }
  return "";
}

}  // namespace events
