// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "serial/port.h"

#include <memory>

namespace serial {

// The computer's own serial ports. `clock` outlives them and every port opened.
std::unique_ptr<Ports> system_ports(base::Clock& clock);

}  // namespace serial
