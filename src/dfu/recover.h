// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "dfu/requests.h"

namespace dfu {

// Brings the device to dfuIDLE from whatever state an earlier tool, or a broken transfer, left it
// in, without running what is pending: a download that no GETSTATUS has followed yet is dropped, a
// leave that no GETSTATUS has confirmed is taken back. Only GETSTATE is asked, because GETSTATUS is
// what runs pending work.
// Errors: device_gone with id "leaving-dfu" (the device is about to reset and cannot be stopped),
// timeout, protocol, and the transport's.
base::Result<> bring_to_idle(Requests& requests, base::Clock& clock);

}  // namespace dfu
