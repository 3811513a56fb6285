// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "events/event.h"

#include <string>

namespace report {

// "reading what is installed", "writing system part 1 (0.6.4)", …: a step in words.
std::string headline(const events::StepStarted& step);

}  // namespace report
