// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Inner part of switching.h: what every way to another mode looks at.

#include "discovery/device.h"
#include "reach/vendor_requests.h"
#include "work/context.h"

namespace reach {

// A rate that is no command. An operating system sends a rate only when it is another one than
// before, and would send one that is a command again.
inline constexpr std::uint32_t kQuietBaud = 9600;

// Releases that take bytes at any time, and for which 28800 may mean a transfer, or waits for the
// connection attempt; they know no USB requests.
bool is_old(const discovery::Device& device);

base::Error interrupted();
// The port is there and not ours: what to do about it is not to press a button.
bool is_kept_from_us(const base::Error& error);
// The operation's own error wherever waiting or trying on is of no use.
bool is_final(const base::Error& error);

// Whether the very enumeration is on the bus still.
bool is_still_there(const work::Context& context, const discovery::Device& device);

// The device, as soon as it is there in the wanted mode. Errors: those of discovery::wait_for(),
// no_device if it is another one.
base::Result<discovery::Device> look_again(const work::Context& context,
                                           const discovery::Device& device, discovery::Want want,
                                           base::Micros within);
// The same for a device that was told to go somewhere. It goes, whatever anybody wishes meanwhile:
// only a second wish to stop is granted.
base::Result<discovery::Device> watch_it_go(const work::Context& context,
                                            const discovery::Device& device, discovery::Want want,
                                            base::Micros within);

// Whether it worked is seen on the bus. Errors: those of opening it, and of vendor_request().
base::Result<> ask_by_vendor_request(const work::Context& context, const discovery::Device& device,
                                     VendorRequest request);

}  // namespace reach
