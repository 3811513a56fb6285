// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/kernel/usbip.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sim {
namespace {

enum Command : std::uint32_t {
  kSubmit = 1,
  kUnlink = 2,
  kSubmitReply = 3,
  kUnlinkReply = 4,
};

// Offsets in the 48-byte header.
constexpr std::size_t kCommandAt = 0;
constexpr std::size_t kSequenceAt = 4;
constexpr std::size_t kDeviceAt = 8;
constexpr std::size_t kDirectionAt = 12;
constexpr std::size_t kEndpointAt = 16;
constexpr std::size_t kLengthAt = 24;  // submit
constexpr std::size_t kSetupAt = 40;
constexpr std::size_t kVictimAt = 20;  // unlink
constexpr std::size_t kStatusAt = 20;  // both replies
constexpr std::size_t kTransferredAt = 24;

UsbipSubmit decode_submit(base::ByteView header) {
  UsbipSubmit submit;
  submit.sequence = base::load_be32(header, kSequenceAt);
  submit.device = base::load_be32(header, kDeviceAt);
  submit.in = base::load_be32(header, kDirectionAt) != 0;
  submit.endpoint = static_cast<std::uint8_t>(base::load_be32(header, kEndpointAt) & 0x0F);
  submit.length = base::load_be32(header, kLengthAt);
  std::copy_n(header.begin() + kSetupAt, submit.setup.size(), submit.setup.begin());
  return submit;
}

base::Bytes reply_header(Command command, std::uint32_t sequence, UsbipStatus status) {
  // Device, direction and endpoint are zero in replies: the sequence number says all.
  base::Bytes header(kUsbipHeaderSize, 0);
  base::store_be32(header, kCommandAt, command);
  base::store_be32(header, kSequenceAt, sequence);
  base::store_be32(header, kStatusAt, static_cast<std::uint32_t>(status));
  return header;
}

}  // namespace

base::Result<std::optional<UsbipCommand>> UsbipDecoder::next() {
  if (buffer_.size() < kUsbipHeaderSize) return std::optional<UsbipCommand>();
  const base::ByteView header = base::ByteView(buffer_).first(kUsbipHeaderSize);
  std::size_t used = kUsbipHeaderSize;
  UsbipCommand command;
  switch (base::load_be32(header, kCommandAt)) {
    case kSubmit: {
      UsbipSubmit submit = decode_submit(header);
      if (submit.length > kUsbipLongestTransfer) {
        return base::make_error(base::Errc::protocol,
                                fmt::format("USB/IP: a transfer of {} bytes", submit.length));
      }
      if (!submit.in) {
        if (buffer_.size() < used + submit.length) return std::optional<UsbipCommand>();
        const auto data = base::ByteView(buffer_).subspan(used, submit.length);
        submit.data.assign(data.begin(), data.end());
        used += submit.length;
      }
      command = std::move(submit);
      break;
    }
    case kUnlink:
      command = UsbipUnlink{.sequence = base::load_be32(header, kSequenceAt),
                            .victim = base::load_be32(header, kVictimAt)};
      break;
    default:
      return base::make_error(
          base::Errc::protocol,
          fmt::format("USB/IP: unknown command {}", base::load_be32(header, kCommandAt)));
  }
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(used));
  return std::optional<UsbipCommand>(std::move(command));
}

base::Bytes encode_submit_reply(const UsbipSubmit& submit, UsbipStatus status,
                                std::uint32_t transferred, base::ByteView data) {
  base::Bytes message = reply_header(kSubmitReply, submit.sequence, status);
  base::store_be32(message, kTransferredAt, transferred);
  message.insert(message.end(), data.begin(), data.end());
  return message;
}

base::Bytes encode_unlink_reply(const UsbipUnlink& unlink, UsbipStatus status) {
  return reply_header(kUnlinkReply, unlink.sequence, status);
}

}  // namespace sim
