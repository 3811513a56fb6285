// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/transport.h"

namespace usb {

base::Result<std::size_t> Transport::control_in(const ControlSetup& setup,
                                                std::span<std::uint8_t> into,
                                                base::Millis timeout) {
  queue().start_in(setup, into.size(), timeout);
  return queue().finish(into);
}

base::Result<std::size_t> Transport::control_out(const ControlSetup& setup, base::ByteView data,
                                                 base::Millis timeout) {
  queue().start_out(setup, data, timeout);
  return queue().finish({});
}

}  // namespace usb
