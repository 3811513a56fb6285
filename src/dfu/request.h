// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The DFU class requests (USB DFU 1.1, section 3), as dfu-util sends them, over a usb::Transport.

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "usb/transport.h"

#include <cstdint>
#include <span>
#include <string>

namespace dfu {

// bState, USB DFU 1.1, section 6.1.2. A device may report any other number as well.
enum class State : std::uint8_t {
  app_idle = 0,
  app_detach = 1,
  idle = 2,
  dnload_sync = 3,
  dnbusy = 4,
  dnload_idle = 5,
  manifest_sync = 6,
  manifest = 7,
  manifest_wait_reset = 8,
  upload_idle = 9,
  error = 10,
  // Not of the specification: what an UPLOAD of block 1 leaves in the Electron's bootloaders
  // (device-os usbd_dfu_core.c). ABORT does not leave it; CLRSTATUS makes it dfuERROR, a second
  // one dfuIDLE.
  lost = 15,
};
// "dfuDNLOAD-IDLE"; "state 15" for a number without a name.
std::string name(State state);

inline constexpr std::uint8_t kStatusOk = 0;

// The answer to DFU_GETSTATUS.
struct Status {
  std::uint8_t status = 0;  // bStatus
  base::Millis poll{0};     // bwPollTimeout
  State state = State::idle;
  std::uint8_t string = 0;  // iString
  bool operator==(const Status&) const = default;
};
// What bStatus means, in words.
std::string describe_status(std::uint8_t status);

// Errors of every request: the transport's own, and protocol when an answer has the wrong length.
class Requests {
 public:
  Requests(usb::Transport& transport, std::uint8_t interface)
      : transport_(&transport), interface_(interface) {}

  // At most 0xFFFF bytes; none asks the device to manifest.
  base::Result<> download(std::uint16_t block, base::ByteView data, base::Millis timeout);
  // Fills `into` from its beginning; returns how many bytes came.
  base::Result<std::size_t> upload(std::uint16_t block, std::span<std::uint8_t> into,
                                   base::Millis timeout);
  base::Result<Status> get_status(base::Millis timeout);
  base::Result<> clear_status(base::Millis timeout);
  base::Result<State> get_state(base::Millis timeout);
  base::Result<> abort_transfer(base::Millis timeout);

  // The same requests by way of the transport's queue, where it has one: they begin and end in the
  // same order, and what has begun must be ended before anything else is asked. `into` is filled
  // when the upload ends.
  bool can_queue() const { return transport_->queue() != nullptr; }
  void begin_download(std::uint16_t block, base::ByteView data, base::Millis timeout);
  void begin_upload(std::uint16_t block, std::span<std::uint8_t> into, base::Millis timeout);
  void begin_get_status(base::Millis timeout);
  base::Result<> end_download(std::size_t size);
  base::Result<std::size_t> end_upload(std::span<std::uint8_t> into);
  base::Result<Status> end_get_status();
  // Ends all that has begun, whatever comes of it.
  void end_all();

  // Control transfers so far, failed ones included.
  std::uint64_t transfers() const { return transfers_; }

 private:
  usb::Transport* transport_;
  std::uint8_t interface_;
  std::uint64_t transfers_ = 0;
};

}  // namespace dfu
