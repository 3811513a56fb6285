// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/one_at_a_time.h"

#include <algorithm>
#include <utility>

namespace usb {

void OneAtATimeTransport::Queue::start_in(const ControlSetup& setup, std::size_t length,
                                          base::Millis timeout) {
  started_.push_back({setup, base::Bytes(length), timeout, true});
}

void OneAtATimeTransport::Queue::start_out(const ControlSetup& setup, base::ByteView data,
                                           base::Millis timeout) {
  started_.push_back({setup, base::Bytes(data.begin(), data.end()), timeout, false});
}

base::Result<std::size_t> OneAtATimeTransport::Queue::finish(std::span<std::uint8_t> into) {
  Started one = std::move(started_.front());
  started_.pop_front();
  base::Result<std::size_t> moved =
      base::make_error(base::Errc::timeout, "withdrawn after the one ahead of it had no answer");
  if (!withdrawn_) {
    moved = one.in ? device_.carry_in(one.setup, one.data, one.timeout)
                   : device_.carry_out(one.setup, one.data, one.timeout);
  }
  withdrawn_ = !started_.empty() && !moved && moved.error().code == base::Errc::timeout;
  if (moved && one.in) {
    std::copy_n(one.data.begin(), std::min({*moved, one.data.size(), into.size()}), into.begin());
  }
  return moved;
}

}  // namespace usb
