// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A running device that has no serial port here, as on a computer without its driver: what the
// driver would send is sent as plain control transfers, and what the console would tell is asked by
// USB requests. Where a driver has the device, the operating system lets nobody else.

#include "discovery/device.h"
#include "work/context.h"

#include <string>

namespace reach {

// The rate, as a serial port that is set to it sends it (CDC PSTN 1.2, 6.3.10: SET_LINE_CODING).
// Errors: unsupported if the device has no CDC interface, and the transport's.
base::Result<> set_rate(const work::Context& context, const discovery::Device& device,
                        std::uint32_t baud);

// Takes it to listening mode; at most two questions are asked that a device which does not listen
// keeps memory for. Since 0.8.0, no release before answers anything then. Errors: unsupported,
// timeout, cancelled, the transport's.
base::Result<discovery::Device> listen_without_port(const work::Context& context,
                                                    const discovery::Device& device);

// Ends listening mode. Errors: those of vendor_request().
base::Result<> stop_listening_without_port(const work::Context& context,
                                           const discovery::Device& device);

// What a listening device tells about itself.
struct ToldByRequest {
  std::string release;  // "2.3.1"
  std::string id;       // 24 digits
  base::Bytes modules;  // as vendor_modules()
};
base::Result<ToldByRequest> ask_without_port(const work::Context& context,
                                             const discovery::Device& device);

}  // namespace reach
