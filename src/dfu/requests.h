// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The DFU class requests on their way to one interface of a device.

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "dfu/request.h"
#include "usb/transport.h"

#include <cstdint>
#include <span>

namespace dfu {

// Each request begins and ends. They end in the order in which they have begun; how many may be
// under way at a time the transport says. Errors of an end: the transport's own, and protocol when
// the answer has the wrong length.
class Requests {
 public:
  Requests(usb::Transport& transport, std::uint8_t interface)
      : transport_(&transport), interface_(interface) {}

  std::size_t depth() const { return transport_->queue().depth(); }

  void begin_download(std::uint16_t block, base::ByteView data, base::Millis timeout);
  base::Result<> end_download(std::size_t size);
  void begin_upload(std::uint16_t block, std::size_t size, base::Millis timeout);
  // Fills `into` from its beginning; returns how many bytes came.
  base::Result<std::size_t> end_upload(std::span<std::uint8_t> into);
  void begin_get_status(base::Millis timeout);
  base::Result<Status> end_get_status();
  // Ends all that has begun, whatever comes of it.
  void end_all();

  // The same, begun and ended, while nothing is under way.
  base::Result<> download(std::uint16_t block, base::ByteView data, base::Millis timeout);
  base::Result<Status> get_status(base::Millis timeout);
  base::Result<> clear_status(base::Millis timeout);
  base::Result<State> get_state(base::Millis timeout);
  base::Result<> abort_transfer(base::Millis timeout);

  // Control transfers so far, failed ones included.
  std::uint64_t transfers() const { return transfers_; }

 private:
  void begin(const Request& request, base::Millis timeout);
  base::Result<std::size_t> end(std::string_view name, std::span<std::uint8_t> into);

  usb::Transport* transport_;
  std::uint8_t interface_;
  std::uint64_t transfers_ = 0;
};

}  // namespace dfu
