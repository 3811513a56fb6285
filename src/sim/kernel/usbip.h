// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The messages of USB/IP that carry transfers (Linux Documentation/usb/usbip_protocol.rst): the
// kernel's virtual host controller, vhci_hcd, speaks them over a socket. Bytes in, values out;
// everything on the wire is big endian. The messages that import a device are not needed: the
// socket is handed to the kernel directly.

#include "base/bytes.h"
#include "base/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

namespace sim {

// Linux include/uapi/linux/usb/ch9.h: enum usb_device_speed.
inline constexpr std::uint32_t kFullSpeed = 2;

// A transfer begins. `data` is what an OUT transfer carries.
struct UsbipSubmit {
  std::uint32_t sequence = 0;
  std::uint32_t device = 0;
  bool in = false;
  std::uint8_t endpoint = 0;  // number without direction
  std::uint32_t length = 0;   // of the buffer, both directions
  std::array<std::uint8_t, 8> setup{};
  base::Bytes data;
};

// The kernel gives up on the transfer `victim`.
struct UsbipUnlink {
  std::uint32_t sequence = 0;
  std::uint32_t victim = 0;
};

using UsbipCommand = std::variant<UsbipSubmit, UsbipUnlink>;

// How a transfer ended: the negative error numbers of Linux, whichever system this runs on
// (Documentation/driver-api/usb/error-codes.rst).
enum class UsbipStatus : std::int32_t {
  ok = 0,
  stall = -32,           // EPIPE
  protocol_error = -71,  // EPROTO: no answer where one must be
  overflow = -75,        // EOVERFLOW: more data than the host asked for
  unlinked = -104,       // ECONNRESET: the answer to a successful unlink
  device_gone = -108,    // ESHUTDOWN
};

inline constexpr std::size_t kUsbipHeaderSize = 48;
// No transfer of a full-speed device is longer; a longer one is a broken stream.
inline constexpr std::uint32_t kUsbipLongestTransfer = 1U << 20;

// Takes a stream of bytes apart into commands.
class UsbipDecoder {
 public:
  void append(base::ByteView bytes) { buffer_.insert(buffer_.end(), bytes.begin(), bytes.end()); }
  // The next whole command, nothing if it has not come whole yet. Errors: protocol; the stream is
  // of no use after that.
  base::Result<std::optional<UsbipCommand>> next();

 private:
  base::Bytes buffer_;
};

// The answer to a submit: `data` is what came in (IN), `transferred` how many bytes went over in
// either direction.
base::Bytes encode_submit_reply(const UsbipSubmit& submit, UsbipStatus status,
                                std::uint32_t transferred, base::ByteView data);
base::Bytes encode_unlink_reply(const UsbipUnlink& unlink, UsbipStatus status);

}  // namespace sim
