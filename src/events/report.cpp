// SPDX-License-Identifier: GPL-3.0-or-later
#include "events/report.h"

#include <algorithm>

namespace events {
namespace {

// Whether running the same command again is what helps.
bool goes_on(const std::optional<base::Error>& error) {
  if (!error || error->id == "does-not-start" || error->id == "safe-mode") return false;
  switch (error->code) {
    case base::Errc::refused:
    case base::Errc::usage:
    case base::Errc::bad_file:
    case base::Errc::bad_module:
    case base::Errc::unsupported:
    case base::Errc::no_device:
    case base::Errc::access_denied:
      return false;
    default:
      return true;
  }
}

}  // namespace

void add_round(StepReport& sum, const StepReport& later) {
  const bool touched = later.touched();
  sum.erased = sum.erased || later.erased;
  sum.bytes_written += later.bytes_written;
  sum.bytes_verified += later.bytes_verified;
  sum.attempts += later.attempts;
  sum.seconds += later.seconds;
  sum.told = sum.told || later.told;
  sum.verified = later.verified || (sum.verified && !touched);
  if (touched) sum.written = later.written;
  // Found right where this job was at work: its last block had arrived, only the answer had not.
  const bool worked_on = sum.erased || sum.bytes_written > 0;
  sum.written = sum.written || (sum.verified && worked_on);
}

std::string_view name(ConfirmedBy by) {
  switch (by) {
    case ConfirmedBy::none:
      return "none";
    case ConfirmedBy::dfu:
      return "dfu";
    case ConfirmedBy::listening:
      return "listening";
    case ConfirmedBy::enumeration:
      return "enumeration";
  }
  return "none";
}

std::string describe(Whereabouts where, const std::optional<base::Error>& error) {
  const std::string again = goes_on(error) ? "; the same command goes on from there" : "";
  switch (where) {
    case Whereabouts::dfu:
      return "it is in DFU mode (LED blinks yellow)" + again;
    case Whereabouts::serial:
      return "it runs" + again;
    case Whereabouts::listening:
      return "it is in listening mode (LED blinks blue)" + again;
    case Whereabouts::starting:
      return "it was told to start" + again;
    case Whereabouts::gone:
      return "it is not on the bus; plug it in, or take it to DFU mode with the MODE button, and "
             "run the same command again";
    case Whereabouts::unknown:
      break;
  }
  return "where it is could not be found out; run the same command again";
}

bool DeviceReport::touched() const {
  return std::ranges::any_of(stages, [](const StageReport& stage) {
    return std::ranges::any_of(stage.steps, &StepReport::touched);
  });
}

}  // namespace events
