// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

namespace cli {

// A failure to list the devices that the next try may not see: something was plugged in or out
// meanwhile.
inline bool passes(const base::Error& error) {
  switch (error.code) {
    case base::Errc::usb_io:
    case base::Errc::usb_stall:
    case base::Errc::device_gone:
    case base::Errc::protocol:
    case base::Errc::timeout:
    case base::Errc::busy:
      return true;
    default:
      return false;
  }
}

}  // namespace cli
