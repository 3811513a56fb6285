// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// After a job: the running device itself is asked what it has, where it answers without anybody's
// help, and is left in normal mode.

#include "reach/switching.h"
#include "way/told.h"

namespace way {

struct Confirmation {
  events::ConfirmedBy by = events::ConfirmedBy::none;
  std::optional<Answer> answer;  // if by listening
  std::string why_not;           // why no more than `by` could be learnt
};

// A device that cannot be brought to listening mode is confirmed by its enumeration alone; one that
// does not run, by nothing. Where the computer makes no serial port of it, it is asked without one
// (reach/portless.h), since 0.8.0. Errors: cancelled, no_device (another device answers).
base::Result<Confirmation> confirm(const work::Context& context, work::Voice& voice,
                                   const discovery::Device& device);

}  // namespace way
