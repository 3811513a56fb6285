// SPDX-License-Identifier: GPL-3.0-or-later
#include "board/released_bootloader.h"

#include <algorithm>

namespace board {
namespace {

using Kind = sim::ControlReply::Kind;
using Handshake = UsbCore::Handshake;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A host gives a control transfer up after some seconds; longer than that nothing is waited for.
constexpr base::Micros kPatience = seconds(5);
constexpr base::Micros kSlice = milliseconds(1);
constexpr std::size_t kPacket = UsbCore::kPacket;
constexpr std::uint16_t kAddress = 5;
constexpr std::uint8_t kSetAddress = 5;

base::Bytes packed(const usb::ControlSetup& setup, std::uint16_t length) {
  base::Bytes bytes(8);
  bytes[0] = setup.request_type;
  bytes[1] = setup.request;
  base::store_le16(bytes, 2, setup.value);
  base::store_le16(bytes, 4, setup.index);
  base::store_le16(bytes, 6, length);
  return bytes;
}

}  // namespace

ReleasedBootloader::ReleasedBootloader(sim::Hardware& /*hardware*/, Chip& chip,
                                       sim::ResetCause cause)
    : chip_(chip) {
  chip_.start(cause);
  chip_.run(kSlice);
}

std::optional<base::Instant> ReleasedBootloader::next_event() const { return chip_.next_event(); }

void ReleasedBootloader::run(base::Instant /*now*/) { chip_.run(kSlice); }

// Which colour the RGB LED's PWM shows is not looked at.
sim::Led ReleasedBootloader::led() const { return {}; }

void ReleasedBootloader::token(const usb::ControlSetup& setup, std::uint16_t length) {
  chip_.usb().setup(packed(setup, length));
  chip_.settle(kPatience);
}

// OUT, repeated as a host does while the device says NAK and is at work.
Handshake ReleasedBootloader::send(base::ByteView packet) {
  const Handshake first = chip_.usb().out(packet);
  if (first != Handshake::nak) {
    if (first == Handshake::ack) chip_.settle(kPatience);
    return first;
  }
  chip_.settle(kPatience);
  const Handshake second = chip_.usb().out(packet);
  if (second == Handshake::ack) chip_.settle(kPatience);
  return second;
}

Handshake ReleasedBootloader::fetch(base::Bytes& packet) {
  const Handshake first = chip_.usb().in(packet);
  if (first != Handshake::nak) return first;
  chip_.settle(kPatience);
  return chip_.usb().in(packet);
}

sim::ControlReply ReleasedBootloader::control(const usb::ControlSetup& setup, std::uint16_t length,
                                              base::ByteView out) {
  token(setup, length);
  data_stage_ = length != 0;
  const bool in = (setup.request_type & 0x80U) != 0 && data_stage_;
  return in ? control_in(length) : control_out(out);
}

sim::ControlReply ReleasedBootloader::control_in(std::uint16_t length) {
  sim::ControlReply reply;
  while (true) {
    base::Bytes packet;
    switch (fetch(packet)) {
      case Handshake::stall:
        return {Kind::stall, {}, {}};
      case Handshake::nak:
        return {Kind::never, {}, {}};
      case Handshake::ack:
        break;
    }
    reply.data.insert(reply.data.end(), packet.begin(), packet.end());
    // The last packet is acknowledged in data_taken().
    if (packet.size() < kPacket || reply.data.size() >= length) return reply;
    chip_.usb().taken();
    chip_.settle(kPatience);
  }
}

// The last packet's acknowledgement, and the status stage.
Kind ReleasedBootloader::data_taken() {
  if (!data_stage_) return Kind::done;  // the status stage was IN, and is over
  chip_.usb().taken();
  chip_.settle(kPatience);
  switch (send({})) {
    case Handshake::ack:
      return Kind::done;
    case Handshake::stall:
      return Kind::stall_status;
    case Handshake::nak:
      break;
  }
  return Kind::never;
}

sim::ControlReply ReleasedBootloader::control_out(base::ByteView out) {
  for (std::size_t at = 0; at < out.size(); at += kPacket) {
    switch (send(out.subspan(at, std::min(kPacket, out.size() - at)))) {
      case Handshake::stall:
        return {Kind::stall, {}, {}};
      case Handshake::nak:
        return {Kind::never, {}, {}};
      case Handshake::ack:
        break;
    }
  }
  base::Bytes packet;
  switch (fetch(packet)) {
    case Handshake::stall:
      return {Kind::stall, {}, {}};
    case Handshake::nak:
      return {Kind::never, {}, {}};
    case Handshake::ack:
      break;
  }
  chip_.usb().taken();
  chip_.settle(kPatience);
  return {};
}

// The bus resets the device and gives it an address; the rest of the enumeration comes as control
// transfers.
void ReleasedBootloader::bus_reset() {
  chip_.usb().bus_reset();
  chip_.settle(kPatience);
  [[maybe_unused]] const sim::ControlReply reply = control({0x00, kSetAddress, kAddress, 0}, 0, {});
}

}  // namespace board
