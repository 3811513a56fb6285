// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/headline.h"

#include <fmt/format.h>

#include <string_view>

namespace report {
namespace {

using events::Doing;

std::string_view verb(Doing doing) {
  switch (doing) {
    case Doing::reach:
      return "waiting for";
    case Doing::observe:
      return "reading";
    case Doing::save:
      return "saving";
    case Doing::guard_open:
      return "opening the guard:";
    case Doing::write:
      return "writing";
    case Doing::guard_close:
      return "closing the guard:";
    case Doing::send:
      return "sending";
    case Doing::compare:
      return "comparing";
    case Doing::start:
      return "starting";
    case Doing::confirm:
      return "asking";
  }
  return "";
}

std::string_view usual_subject(Doing doing) {
  switch (doing) {
    case Doing::observe:
      return "what is installed";
    case Doing::start:
      return "the device";
    case Doing::confirm:
      return "the device what it runs";
    default:
      return "";
  }
}

}  // namespace

std::string headline(const events::StepStarted& step) {
  // The path, which leaves no room for anything else, stands in the plan and in the result.
  if (step.doing == Doing::save) return "saving a backup";
  const std::string_view subject =
      step.subject.empty() ? usual_subject(step.doing) : std::string_view(step.subject);
  return subject.empty() ? std::string(verb(step.doing))
                         : fmt::format("{} {}", verb(step.doing), subject);
}

}  // namespace report
