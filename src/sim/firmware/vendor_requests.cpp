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
// services/inc/system_error.h
constexpr std::int32_t kUnknown = -1;
constexpr std::int32_t kNotSupported = -120;
// Executed: what comes sooner after the pull-up is lost, or lies unanswered; what comes later is
// answered so long after it, while the modem is being searched with.
constexpr base::Micros kTakenAfter = 1500ms;
constexpr base::Micros kAnswersSearching = 680ms;
constexpr base::Micros kAnswersAtOnce = 2ms;

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

// A Protocol Buffers message with one text, which is shorter than 128 bytes.
base::Bytes text_message(std::string_view from) {
  base::Bytes bytes{0x0A, static_cast<std::uint8_t>(from.size())};
  const base::ByteView all = base::as_bytes(from);
  bytes.insert(bytes.end(), all.begin(), all.end());
  return bytes;
}

bool is_action(std::uint16_t type) {
  return type == 40 || type == 50 || type == 60 || type == 70 || type == 71;
}

}  // namespace

VendorRequests::VendorRequests(const SystemProfile& profile, Facts facts)
    : profile_(&profile), facts_(std::move(facts)) {}

VendorAnswer VendorRequests::handle(const usb::ControlSetup& setup, std::uint16_t length,
                                    base::ByteView out, const Circumstances& when) {
  if (profile_->vendor == VendorScheme::none) return stalled();
  if (setup.request_type != kVendorIn && setup.request_type != kVendorOut) return stalled();
  if (setup.request == kRaw) return raw(setup, length);
  if (profile_->vendor != VendorScheme::asynchronous) return stalled();
  if (setup.request_type == kVendorIn && setup.request != kReceive && length < kServiceReply) {
    return stalled();
  }
  return asynchronous(setup, length, out, when);
}

void VendorRequests::bus_reset(base::Instant now) {
  for (const Active& active : active_) give_up(active, now);
  active_.clear();
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

VendorAnswer VendorRequests::asynchronous(const usb::ControlSetup& setup, std::uint16_t length,
                                          base::ByteView out, const Circumstances& when) {
  const bool in = setup.request_type == kVendorIn;
  if (!in) return setup.request == kSend ? send(setup.index, out, when) : stalled();
  switch (setup.request) {
    case kInit:
      return init(setup.index, setup.value, when);
    case kCheck:
      return check(setup.index, when.now);
    case kReceive:
      return receive(setup.index, length);
    case kCancel:
      return cancel(setup.index, when.now);
    default:
      return stalled();
  }
}

VendorAnswer VendorRequests::init(std::uint16_t type, std::uint16_t size,
                                  const Circumstances& when) {
  if (active_.size() >= kMostActive) return status(Status::busy);
  if (size > kLargestPayload) return status(Status::memory);
  if (kept_ + unanswered(when.now) >= profile_->vendor_memory) return status(Status::memory);
  Active active;
  active.id = ++last_id_ == 0 ? ++last_id_ : last_id_;
  active.type = type;
  active.awaited = size;
  base::Bytes bytes;
  base::append_le(bytes, kHasStatus | kHasId, 4);
  base::append_le(bytes, static_cast<std::uint32_t>(Status::ok), 2);
  base::append_le(bytes, active.id, 2);
  VendorAnswer answer = with_data(std::move(bytes));
  if (size == 0) process(active, when, answer);
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
  answer.after = found->after;
  if (!has_reply) active_.erase(found);
  return answer;
}

VendorAnswer VendorRequests::send(std::uint16_t id, base::ByteView out, const Circumstances& when) {
  const auto found = find(id);
  if (found == active_.end() || found->awaited == 0 || found->awaited != out.size())
    return stalled();
  found->awaited = 0;
  VendorAnswer answer;
  process(*found, when, answer);
  return answer;
}

VendorAnswer VendorRequests::receive(std::uint16_t id, std::uint16_t length) {
  const auto found = find(id);
  if (found == active_.end() || found->reply.empty() || found->reply.size() != length) {
    return stalled();
  }
  VendorAnswer answer = with_data(std::move(found->reply));
  active_.erase(found);
  return answer;
}

VendorAnswer VendorRequests::cancel(std::uint16_t id, base::Instant now) {
  if (id == 0) {
    for (const Active& active : active_) give_up(active, now);
    active_.clear();
    return status(Status::ok);
  }
  const auto found = find(id);
  if (found == active_.end()) return status(Status::none);
  give_up(*found, now);
  active_.erase(found);
  return status(Status::ok);
}

void VendorRequests::give_up(const Active& active, base::Instant now) {
  if (active.awaited == 0 && active.done > now) ++kept_;
}

std::size_t VendorRequests::unanswered(base::Instant now) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      active_, [&](const Active& active) { return active.awaited == 0 && active.done > now; }));
}

void VendorRequests::process(Active& active, const Circumstances& when,
                             VendorAnswer& answer) const {
  using Mode = Circumstances::Mode;
  if (when.mode == Mode::searching) return process_searching(active, when, answer);
  active.done = when.now + kAnswersAtOnce;
  switch (active.type) {
    // Work of the completion handler, which runs when CHECK has told the result.
    case 40:
      active.afterwards = SystemRequest::reset;
      active.after = 1s;
      return;
    case 50:
      active.afterwards = SystemRequest::dfu;
      active.after = when.mode == Mode::listening ? base::Micros(10ms) : base::Micros(1s);
      return;
    case 60:
      active.afterwards = SystemRequest::safe_mode;
      active.after = 1s;
      return;
    case 70:
      answer.request = SystemRequest::listen;
      answer.after = kAnswersAtOnce;
      return;
    case 71:
      answer.request = SystemRequest::stop_listening;
      answer.after = kAnswersAtOnce;
      return;
    default:
      return inform(active, when.mode == Mode::listening);
  }
}

// Questions lie unanswered until the device listens; of what it is to do, only some releases take
// what comes late enough.
void VendorRequests::process_searching(Active& active, const Circumstances& when,
                                       VendorAnswer& answer) const {
  const bool late = when.now >= when.arrived + kTakenAfter;
  const SearchingTakes takes = profile_->vendor_searching;
  if (!is_action(active.type) || takes == SearchingTakes::nothing) return;
  if (!late && takes == SearchingTakes::late_ones) return;
  Circumstances then = when;
  then.now = when.now + kAnswersSearching;
  then.mode = Circumstances::Mode::connected;
  if (!late) {
    active.done = then.now;  // and lost
    return;
  }
  process(active, then, answer);
  answer.after += answer.request == SystemRequest::none ? base::Micros(0) : kAnswersSearching;
}

void VendorRequests::inform(Active& active, bool listening) const {
  const bool messages = profile_->answers_by_message;
  switch (active.type) {
    case 20:
      active.reply = messages ? text_message(base::to_hex(facts_.unique_id))
                              : text(base::to_hex(facts_.unique_id));
      return;
    case 21:
      if (!profile_->tells_serial_by_vendor) break;
      if (facts_.serial_number.empty()) {
        active.result = kUnknown;
      } else {
        active.reply = text_message(facts_.serial_number);
      }
      return;
    case 30:
      if (!messages) break;
      active.reply = text_message(facts_.version);
      return;
    case 72:
      if (!messages) break;
      // 0 normal, 1 listening; a message leaves a 0 out.
      if (listening) active.reply = {0x08, 0x01};
      return;
    case 90:
      active.reply = facts_.modules();
      return;
    case 100:
      active.reply = facts_.diagnostics();
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
