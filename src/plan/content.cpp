// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/plan.h"

#include <algorithm>

namespace plan {

std::string_view name(Medium medium) {
  switch (medium) {
    case Medium::dfu:
      return "dfu";
    case Medium::serial:
      return "serial";
    case Medium::ota:
      return "ota";
  }
  return "unknown";
}

std::string_view name(Action action) {
  switch (action) {
    case Action::guard_open:
      return "guard-open";
    case Action::write:
      return "write";
    case Action::skip:
      return "skip";
    case Action::guard_close:
      return "guard-close";
    case Action::send:
      return "send";
  }
  return "unknown";
}

std::string_view name(Direction direction) {
  switch (direction) {
    case Direction::upgrade:
      return "upgrade";
    case Direction::downgrade:
      return "downgrade";
    case Direction::same:
      return "same";
    case Direction::unknown:
      break;
  }
  return "unknown";
}

std::optional<std::uint16_t> Content::version() const {
  if (!checked) return std::nullopt;
  return checked->version();
}

Content content_of(const firmware::CheckedModule& module) {
  Content content;
  content.name = platform::describe(module.id());
  content.module = module.id();
  // Every slot is whole sectors, and a checked module has one.
  if (const platform::Slot* slot = module.platform().slot(module.id())) content.place = slot->flash;
  content.bytes = module.shared_image();
  content.source = module.source();
  content.checked = module;
  return content;
}

bool Stage::nothing_to_do() const {
  return std::ranges::none_of(steps, [](const Step& step) { return step.writes(); });
}

bool Plan::nothing_to_do() const {
  return std::ranges::all_of(stages, [](const Stage& stage) { return stage.nothing_to_do(); });
}

}  // namespace plan
