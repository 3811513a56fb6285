// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "station/status.h"

#include <fmt/format.h>

#include <memory>
#include <string>

namespace board_test {

// A station with so many slots, A1 and on, all empty.
inline station::Status status(int slots, const std::string& name = "line1-a") {
  station::Status made;
  made.station = name;
  made.target = "2.3.1";
  made.order = "WO-1182";
  made.at_ms = 1'700'000'000'000;
  for (int i = 1; i <= slots; ++i) {
    station::SlotStatus slot;
    slot.name = fmt::format("A{}", i);
    slot.port = fmt::format("pci-0000:00:14.0/1.{}", i);
    made.slots.push_back(slot);
  }
  return made;
}

inline std::shared_ptr<const station::Status> shared(const station::Status& status) {
  return std::make_shared<const station::Status>(status);
}

// What somebody would like to do to a page by way of a device's text.
inline const std::string kMarkup =
    "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";

}  // namespace board_test
