// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The DFU class requests (USB DFU 1.1, section 3) and what their answers mean, as dfu-util has
// them: values in, values out. requests.h sends them.

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "usb/transport.h"

#include <cstdint>
#include <string>
#include <string_view>

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

// One request as it goes over the wire. Made by dfu-util's code; no transfer takes place.
struct Request {
  usb::ControlSetup setup;
  base::ByteView data;     // of an OUT request
  std::size_t length = 0;  // of data; of an IN request the most that may come
};
// At most 0xFFFF bytes; none asks the device to manifest. `data` must outlive the request.
Request make_download(std::uint8_t interface, std::uint16_t block, base::ByteView data);
Request make_upload(std::uint8_t interface, std::uint16_t block, std::size_t length);
Request make_get_status(std::uint8_t interface);
Request make_clear_status(std::uint8_t interface);
Request make_get_state(std::uint8_t interface);
Request make_abort(std::uint8_t interface);

// What an answer means, as dfu-util's code reads it. Errors: protocol (its length is wrong).
base::Result<Status> parse_status(base::ByteView answer);
base::Result<State> parse_state(base::ByteView answer);
// What an answer of the wrong length is.
base::Error wrong_length(std::string_view request);

}  // namespace dfu
