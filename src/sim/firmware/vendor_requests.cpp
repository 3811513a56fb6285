// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/vendor_requests.h"

#include <algorithm>

namespace sim {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::uint8_t kRaw = 0x50;
constexpr std::uint8_t kVendorIn = 0xC0;
constexpr std::uint8_t kVendorOut = 0x40;
constexpr std::uint16_t kLargestRaw = 64;
constexpr std::uint16_t kServiceReply = 64;  // wLength that the asynchronous protocol wants
constexpr std::size_t kMostActive = 4;
constexpr std::size_t kLargestPayload = 10 * 1024;
constexpr std::int32_t kNotSupported = -120;  // services/inc/system_error.h

// The asynchronous protocol's requests and service reply (v2.3.1: usb_control_request_channel.h).
enum : std::uint8_t { kInit = 1, kCheck = 2, kSend = 3, kReceive = 4, kCancel = 5 };
enum class Status : std::uint16_t {
  ok = 0,
  error = 1,
  pending = 2,
  busy = 3,
  memory = 4,
  none = 5
};
constexpr std::uint32_t kHasStatus = 1;
constexpr std::uint32_t kHasId = 2;
constexpr std::uint32_t kHasSize = 4;
constexpr std::uint32_t kHasResult = 8;

VendorAnswer stalled() {
  VendorAnswer answer;
  answer.reply.kind = ControlReply::Kind::stall;
  return answer;
}

VendorAnswer with_data(base::Bytes data) {
  VendorAnswer answer;
  answer.reply.data = std::move(data);
  return answer;
}

VendorAnswer status(Status value) {
  base::Bytes bytes;
  base::append_le(bytes, kHasStatus, 4);
  base::append_le(bytes, static_cast<std::uint32_t>(value), 2);
  return with_data(std::move(bytes));
}

base::Bytes text(std::string_view from) {
  const base::ByteView bytes = base::as_bytes(from);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

VendorRequests::VendorRequests(const SystemProfile& profile, Facts facts)
    : profile_(&profile), facts_(std::move(facts)) {}

VendorAnswer VendorRequests::handle(const usb::ControlSetup& setup, std::uint16_t length,
                                    base::ByteView out, base::Instant now, bool listening) {
  if (profile_->vendor == VendorScheme::none) return stalled();
  if (setup.request_type != kVendorIn && setup.request_type != kVendorOut) return stalled();
  if (setup.request == kRaw) return raw(setup, length);
  if (profile_->vendor != VendorScheme::asynchronous) return stalled();
  if (setup.request_type == kVendorIn && setup.request != kReceive && length < kServiceReply) {
    return stalled();
  }
  return asynchronous(setup, out, now, listening);
}

VendorAnswer VendorRequests::raw(const usb::ControlSetup& setup, std::uint16_t length) const {
  const bool in = setup.request_type == kVendorIn;
  if (in && length > kLargestRaw) return stalled();
  std::uint16_t what = setup.index;
  if (profile_->vendor == VendorScheme::numbered) {
    // The same five requests under the numbers of later releases.
    constexpr std::uint16_t kLater[] = {20, 30, 40, 50, 70};
    if (what >= std::size(kLater)) return stalled();
    what = kLater[what];
  }
  if (in) return raw_information(what, setup);
  const bool few = profile_->vendor == VendorScheme::asynchronous;
  switch (what) {
    case 40:
      return raw_action(SystemRequest::reset);
    case 50:
      return few ? stalled() : raw_action(SystemRequest::dfu);
    case 60:  // defined in 0.6.1, handled since 0.7.0
      return profile_->vendor == VendorScheme::queued ? raw_action(SystemRequest::safe_mode)
                                                      : stalled();
    case 70:
      return few ? stalled() : raw_action(SystemRequest::listen);
    default:
      return stalled();
  }
}

VendorAnswer VendorRequests::raw_information(std::uint16_t what,
                                             const usb::ControlSetup& setup) const {
  const bool terminated = profile_->vendor != VendorScheme::asynchronous;
  if (what == 20) {
    if (setup.value == 1 && terminated) return with_data(facts_.unique_id);
    base::Bytes id = text(base::to_hex(facts_.unique_id));
    if (terminated) id.push_back(0);
    return with_data(std::move(id));
  }
  if (what == 30) {
    base::Bytes version = text(facts_.version);
    if (terminated) version.push_back(0);
    // 0.6.1 to 0.7.0 count the NUL and one byte more.
    if (terminated && profile_->vendor != VendorScheme::numbered) version.push_back(0);
    return with_data(std::move(version));
  }
  return stalled();
}

VendorAnswer VendorRequests::raw_action(SystemRequest request) const {
  VendorAnswer answer;
  answer.request = request;
  switch (profile_->vendor) {
    case VendorScheme::numbered:
    case VendorScheme::renumbered:
      // Inside the interrupt: a reset leaves the request without its status stage.
      if (request != SystemRequest::listen) {
        answer.reply.kind = ControlReply::Kind::gone;
        answer.after = 1ms;
      }
      break;
    case VendorScheme::queued:
      answer.after = 100ms;
      break;
    default:
      answer.after = 1s;
      break;
  }
  return answer;
}

VendorAnswer VendorRequests::asynchronous(const usb::ControlSetup& setup, base::ByteView out,
                                          base::Instant now, bool listening) {
  const bool in = setup.request_type == kVendorIn;
  if (!in) return setup.request == kSend ? send(setup.index, out, now, listening) : stalled();
  switch (setup.request) {
    case kInit:
      return init(setup.index, setup.value, now, listening);
    case kCheck:
      return check(setup.index, now);
    case kReceive:
      return receive(setup.index);
    case kCancel:
      return cancel(setup.index);
    default:
      return stalled();
  }
}

VendorAnswer VendorRequests::init(std::uint16_t type, std::uint16_t size, base::Instant now,
                                  bool listening) {
  if (active_.size() >= kMostActive) return status(Status::busy);
  if (size > kLargestPayload) return status(Status::memory);
  Active active;
  active.id = ++last_id_ == 0 ? ++last_id_ : last_id_;
  active.type = type;
  active.awaited = size;
  base::Bytes bytes;
  base::append_le(bytes, kHasStatus | kHasId, 4);
  base::append_le(bytes, static_cast<std::uint32_t>(Status::ok), 2);
  base::append_le(bytes, active.id, 2);
  VendorAnswer answer = with_data(std::move(bytes));
  if (size == 0) process(active, now, listening, answer);
  active_.push_back(std::move(active));
  return answer;
}

VendorAnswer VendorRequests::check(std::uint16_t id, base::Instant now) {
  const auto found = find(id);
  if (found == active_.end()) return status(Status::none);
  if (found->awaited > 0 || now < found->done) return status(Status::pending);
  const bool has_reply = !found->reply.empty();
  base::Bytes bytes;
  base::append_le(bytes, kHasStatus | kHasResult | (has_reply ? kHasSize : 0), 4);
  base::append_le(bytes, static_cast<std::uint32_t>(Status::ok), 2);
  if (has_reply) base::append_le(bytes, static_cast<std::uint32_t>(found->reply.size()), 4);
  base::append_le(bytes, static_cast<std::uint32_t>(found->result), 4);
  VendorAnswer answer = with_data(std::move(bytes));
  answer.request = found->afterwards;
  if (answer.request != SystemRequest::none) answer.after = 1s;
  if (!has_reply) active_.erase(found);
  return answer;
}

VendorAnswer VendorRequests::send(std::uint16_t id, base::ByteView out, base::Instant now,
                                  bool listening) {
  const auto found = find(id);
  if (found == active_.end() || found->awaited == 0 || found->awaited != out.size())
    return stalled();
  found->awaited = 0;
  VendorAnswer answer;
  process(*found, now, listening, answer);
  return answer;
}

VendorAnswer VendorRequests::receive(std::uint16_t id) {
  const auto found = find(id);
  if (found == active_.end() || found->reply.empty()) return stalled();
  VendorAnswer answer = with_data(std::move(found->reply));
  active_.erase(found);
  return answer;
}

VendorAnswer VendorRequests::cancel(std::uint16_t id) {
  if (id == 0) {
    active_.clear();
    return status(Status::ok);
  }
  const auto found = find(id);
  if (found == active_.end()) return status(Status::none);
  active_.erase(found);
  return status(Status::ok);
}

void VendorRequests::process(Active& active, base::Instant now, bool listening,
                             VendorAnswer& answer) const {
  active.done = now + 5ms;  // the system thread gets at it
  const auto ask = [&](SystemRequest request, base::Micros after) {
    answer.request = request;
    answer.after = after;
  };
  switch (active.type) {
    case 20:
      active.reply = text(base::to_hex(facts_.unique_id));
      return;
    case 21:
      if (!profile_->tells_serial_by_vendor || facts_.serial_number.empty()) break;
      active.reply = text(facts_.serial_number);
      return;
    case 30:
      active.reply = text(facts_.version);
      return;
    // Work of the completion handler, which runs when CHECK has told the result.
    case 40:
      active.afterwards = SystemRequest::reset;
      return;
    case 50:
      active.afterwards = SystemRequest::dfu;
      return;
    case 60:
      active.afterwards = SystemRequest::safe_mode;
      return;
    case 70:
      return ask(SystemRequest::listen, 5ms);
    case 71:
      return ask(SystemRequest::stop_listening, 5ms);
    case 72:
      if (!profile_->tells_mode_by_vendor) break;
      // Protocol buffer, field 1: 1 normal, 2 listening.
      active.reply = {0x08, static_cast<std::uint8_t>(listening ? 2 : 1)};
      return;
    default:
      break;
  }
  active.result = kNotSupported;
}

std::vector<VendorRequests::Active>::iterator VendorRequests::find(std::uint16_t id) {
  return std::find_if(active_.begin(), active_.end(),
                      [&](const Active& active) { return active.id == id; });
}

}  // namespace sim
