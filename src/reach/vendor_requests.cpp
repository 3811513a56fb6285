// SPDX-License-Identifier: GPL-3.0-or-later
#include "reach/vendor_requests.h"

#include <array>
#include <optional>
#include <utility>

namespace reach {
namespace {

using base::Errc;
using base::Millis;
using platform::VendorScheme;

constexpr std::uint8_t kIn = 0xC0;   // device to host, vendor, device
constexpr std::uint8_t kOut = 0x40;  // host to device
constexpr std::uint8_t kRaw = 0x50;  // 'P': bRequest up to 0.7.x
constexpr Millis kTimeout(1000);
constexpr std::size_t kLargestRaw = 64;

// device-os v0.6.0: system/src/system_control.cpp
constexpr std::uint16_t kVersion1 = 1;
// device-os v0.6.4: system/inc/system_control.h
constexpr std::uint16_t kVersion10 = 30;
constexpr std::uint16_t kDeviceId10 = 20;
constexpr std::uint16_t kModules = 90;
// The longest answer seen takes 0.7 s.
constexpr base::Micros kAnswers = std::chrono::seconds(2);
constexpr base::Micros kBusyDevice = std::chrono::seconds(5);
// Of a module list of five: 101 bytes, as text 900.
constexpr std::uint32_t kLargestReply = 8192;

std::uint16_t number(VendorScheme scheme, VendorRequest request) {
  const bool first = scheme == VendorScheme::numbers_1;
  switch (request) {
    case VendorRequest::reset:
      return first ? 2 : 40;
    case VendorRequest::dfu:
      return first ? 3 : 50;
    case VendorRequest::listening:
      return first ? 4 : 70;
    case VendorRequest::stop_listening:
      return 71;
  }
  return 0;
}

// --- the asynchronous protocol (device-os v2.3.1: system/inc/usb_control_request_channel.h) ---

constexpr std::uint8_t kInit = 1;
constexpr std::uint8_t kCheck = 2;
constexpr std::uint8_t kReceive = 4;
constexpr std::uint8_t kCancel = 5;

enum class Status : std::uint16_t {
  ok = 0,
  error = 1,
  pending = 2,
  busy = 3,
  no_memory = 4,
  not_found = 5
};

struct ServiceReply {
  Status status = Status::error;
  std::optional<std::uint16_t> id;
  std::uint32_t size = 0;
  std::int32_t result = 0;
};

// u32 flags (1 status, 2 id, 4 size, 8 result), then those fields that are there.
base::Result<ServiceReply> parse_reply(base::ByteView bytes) {
  const base::Error broken =
      base::make_error(Errc::protocol, "the answer to a USB request makes no sense");
  if (bytes.size() < 6) return broken;
  const std::uint32_t fields = base::load_le32(bytes, 0);
  if ((fields & 1U) == 0) return broken;
  ServiceReply reply;
  reply.status = static_cast<Status>(base::load_le16(bytes, 4));
  std::size_t at = 6;
  if ((fields & 2U) != 0) {
    if (bytes.size() < at + 2) return broken;
    reply.id = base::load_le16(bytes, at);
    at += 2;
  }
  if ((fields & 4U) != 0) {
    if (bytes.size() < at + 4) return broken;
    reply.size = base::load_le32(bytes, at);
    at += 4;
  }
  if ((fields & 8U) != 0) {
    if (bytes.size() < at + 4) return broken;
    reply.result = static_cast<std::int32_t>(base::load_le32(bytes, at));
  }
  return reply;
}

base::Result<ServiceReply> service(usb::Transport& transport, std::uint8_t request,
                                   std::uint16_t value, std::uint16_t index) {
  std::array<std::uint8_t, kLargestRaw> buffer{};
  TRY_ASSIGN(const std::size_t got,
             transport.control_in({kIn, request, value, index}, buffer, kTimeout));
  return parse_reply(base::ByteView(buffer).first(got));
}

base::Error refused() {
  return base::make_error(Errc::unsupported, "the device refuses a USB request");
}

// Acting, the device may leave the bus before the request is over: its return tells.
bool may_have_acted(const base::Error& error) {
  return error.code == Errc::device_gone || error.code == Errc::timeout ||
         error.code == Errc::usb_io;
}

// The number under which the device keeps the request.
base::Result<std::uint16_t> begin(usb::Transport& transport, base::Clock& clock,
                                  std::uint16_t type) {
  const base::Deadline deadline(clock, kBusyDevice);
  const base::CancelToken never;
  while (true) {
    TRY_ASSIGN(const ServiceReply reply, service(transport, kInit, 0, type));
    const bool kept = reply.status == Status::ok || reply.status == Status::pending;
    if (kept && reply.id) return *reply.id;
    if (kept) {
      return base::make_error(Errc::protocol, "the answer to a USB request makes no sense");
    }
    if (reply.status == Status::no_memory) {
      // What earlier requests keep comes back at the next start only.
      return base::make_error(Errc::unsupported, "the device takes no more USB requests",
                              "press RESET and run the same command again");
    }
    // A device that is busy with other requests takes this one later.
    if (reply.status != Status::busy || deadline.passed()) return refused();
    clock.sleep(Millis(100), never);
  }
}

// How it went; none if the device leaves it unanswered: then it is given up.
base::Result<std::optional<ServiceReply>> outcome(usb::Transport& transport, base::Clock& clock,
                                                  std::uint16_t id) {
  const base::Deadline deadline(clock, kAnswers);
  const base::CancelToken never;
  while (true) {
    TRY_ASSIGN(const ServiceReply reply, service(transport, kCheck, 0, id));
    if (reply.status != Status::pending) return std::optional(reply);
    if (deadline.passed()) break;
    clock.sleep(Millis(50), never);
  }
  // The place is of use to the next request; nothing hangs on whether it is given up.
  [[maybe_unused]] const auto given_up = service(transport, kCancel, 0, id);
  return std::optional<ServiceReply>();
}

base::Error unanswered() {
  return base::make_error(Errc::timeout, "the device leaves a USB request unanswered");
}

// A restart, DFU and safe mode are what the device does once it has been asked how the request
// went; and it keeps one of its four places for a request until then (device-os v1.0.1, v2.3.1:
// system/src/usb_control_request_channel.cpp, system/src/system_control.cpp).
base::Result<> act(usb::Transport& transport, base::Clock& clock, std::uint16_t type) {
  TRY_ASSIGN(const std::uint16_t id, begin(transport, clock, type));
  const auto went = outcome(transport, clock, id);
  if (!went && may_have_acted(went.error())) return {};
  if (!went) return went.error();
  if (!*went) return unanswered();
  return (*went)->status == Status::ok && (*went)->result >= 0 ? base::Result<>() : refused();
}

// What the device answers to a question.
base::Result<base::Bytes> question(usb::Transport& transport, base::Clock& clock,
                                   std::uint16_t type) {
  TRY_ASSIGN(const std::uint16_t id, begin(transport, clock, type));
  TRY_ASSIGN(const auto went, outcome(transport, clock, id));
  if (!went) return unanswered();
  if (went->status != Status::ok || went->result < 0 || went->size > kLargestReply) {
    return refused();
  }
  base::Bytes data(went->size);
  if (data.empty()) return data;
  // The device sends it only to one who asks for exactly as much.
  TRY_ASSIGN(const std::size_t got, transport.control_in({kIn, kReceive, 0, id}, data, kTimeout));
  data.resize(got);
  return data;
}

}  // namespace

base::Result<std::string> vendor_release(usb::Transport& transport) {
  // The newer number first: 0.6.0 refuses it, and the others refuse the older one.
  for (const std::uint16_t index : {kVersion10, kVersion1}) {
    std::array<std::uint8_t, kLargestRaw> buffer{};
    auto got = transport.control_in({kIn, kRaw, 0, index}, buffer, kTimeout);
    if (!got && got.error().code == Errc::device_gone) return std::move(got.error());
    if (!got) continue;
    // 0.6.1 to 0.6.4 count the NUL at the end, and one byte more.
    std::string text = base::as_text(base::ByteView(buffer).first(*got));
    text = base::printable(text.substr(0, text.find('\0')));
    if (platform::generation_of(text) != nullptr) return text;
  }
  return base::make_error(Errc::unsupported, "the firmware answers no USB vendor requests");
}

base::Result<> vendor_request(usb::Transport& transport, base::Clock& clock, VendorScheme scheme,
                              VendorRequest request) {
  if (scheme == VendorScheme::none) {
    return base::make_error(Errc::unsupported, "the firmware has no USB vendor requests");
  }
  if (scheme == VendorScheme::asynchronous) {
    return act(transport, clock, number(scheme, request));
  }
  if (request == VendorRequest::stop_listening) return refused();
  const auto asked = transport.control_out({kOut, kRaw, 0, number(scheme, request)}, {}, kTimeout);
  if (asked || may_have_acted(asked.error())) return {};
  return asked.error().code == Errc::usb_stall ? refused() : asked.error();
}

base::Result<std::string> vendor_device_id(usb::Transport& transport) {
  std::array<std::uint8_t, kLargestRaw> buffer{};
  TRY_ASSIGN(const std::size_t got,
             transport.control_in({kIn, kRaw, 0, kDeviceId10}, buffer, kTimeout));
  std::string text = base::as_text(base::ByteView(buffer).first(got));
  text = text.substr(0, text.find('\0'));
  const base::Bytes id = base::from_hex(text);
  if (id.size() != 12) {
    return base::make_error(Errc::protocol, "the answer to a USB request makes no sense");
  }
  return base::to_hex(id);
}

base::Result<> vendor_listens(usb::Transport& transport, base::Clock& clock) {
  TRY_ASSIGN(const std::uint16_t id, begin(transport, clock, kVersion10));
  TRY_ASSIGN(const auto went, outcome(transport, clock, id));
  if (!went) return unanswered();
  // That it answers is all: up to 1.0.1 it says that it cannot tell.
  if (went->size > 0) TRY(service(transport, kCancel, 0, id));
  return {};
}

base::Result<base::Bytes> vendor_modules(usb::Transport& transport, base::Clock& clock) {
  return question(transport, clock, kModules);
}

}  // namespace reach
