// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/kernel/usbip_device.h"

#include <algorithm>
#include <set>
#include <utility>

namespace sim {
namespace {

constexpr std::size_t kPacket = 64;  // full-speed bulk and control endpoints of the STM32F2

// Setup packet, USB 2.0 section 9.3.
struct Setup {
  usb::ControlSetup head;
  std::uint16_t length;
};

Setup unpack(const UsbipSubmit& submit) {
  const base::ByteView raw(submit.setup);
  return {.head = {.request_type = raw[0],
                   .request = raw[1],
                   .value = base::load_le16(raw, 2),
                   .index = base::load_le16(raw, 4)},
          .length = base::load_le16(raw, 6)};
}

// The kernel's host controller does not say when it resets the port. But Linux asks for 64 bytes of
// the device descriptor (drivers/usb/core/hub.c: get_bMaxPacketSize0) just after a reset and at no
// other time.
bool comes_after_reset(const Setup& setup) {
  constexpr std::uint8_t kDeviceToHost = 0x80;
  constexpr std::uint8_t kGetDescriptor = 6;
  constexpr std::uint16_t kDeviceDescriptor = 0x0100;
  return setup.head.request_type == kDeviceToHost && setup.head.request == kGetDescriptor &&
         setup.head.value == kDeviceDescriptor && setup.length == kPacket;
}

UsbipStatus status_of(ControlReply::Kind kind) {
  switch (kind) {
    case ControlReply::Kind::stall:
    case ControlReply::Kind::stall_status:
      return UsbipStatus::stall;
    case ControlReply::Kind::gone:
      return UsbipStatus::protocol_error;
    case ControlReply::Kind::done:
    case ControlReply::Kind::never:
      break;
  }
  return UsbipStatus::ok;
}

}  // namespace

UsbipDevice::UsbipDevice(Wire& wire, std::size_t number, const BusTiming& timing)
    : wire_(&wire), number_(number), timing_(timing) {}

base::Result<> UsbipDevice::receive(base::ByteView bytes) {
  decoder_.append(bytes);
  while (true) {
    TRY_ASSIGN(std::optional<UsbipCommand> command, decoder_.next());
    if (!command) return {};
    if (const auto* gone = std::get_if<UsbipUnlink>(&*command)) {
      unlink(*gone);
    } else {
      auto& submit = std::get<UsbipSubmit>(*command);
      auto& queue = submit.endpoint == 0 ? control_ : bulk_;
      queue.push_back({.submit = std::move(submit), .taken = 0});
    }
  }
}

void UsbipDevice::unlink(const UsbipUnlink& unlink) {
  const auto take = [&](auto& queue) {
    const auto found = std::find_if(queue.begin(), queue.end(), [&](const auto& waiting) {
      return waiting.submit.sequence == unlink.victim;
    });
    if (found == queue.end()) return false;
    queue.erase(found);
    return true;
  };
  const bool first_is_silent = silent_ && control_.front().submit.sequence == unlink.victim;
  const bool found = take(control_) || take(bulk_) || take(finishing_);
  if (first_is_silent) silent_ = false;
  // Not found: its answer is on its way already, and the kernel knows what that means.
  const auto reply = encode_unlink_reply(unlink, found ? UsbipStatus::unlinked : UsbipStatus::ok);
  output_.insert(output_.end(), reply.begin(), reply.end());
}

void UsbipDevice::run() {
  deliver();
  while (free_at_ <= wire_->now() && wire_->ready_at(number_) <= wire_->now()) {
    if (!start_control() && !start_bulk()) break;
    deliver();
  }
}

void UsbipDevice::deliver() {
  while (!finishing_.empty() && finishing_.front().due <= wire_->now()) {
    const Finishing& done = finishing_.front();
    const auto reply = encode_submit_reply(done.submit, done.status, done.transferred, done.data);
    output_.insert(output_.end(), reply.begin(), reply.end());
    finishing_.pop_front();
  }
}

bool UsbipDevice::start_control() {
  if (control_.empty() || silent_) return false;
  UsbipSubmit& submit = control_.front().submit;
  const Setup setup = unpack(submit);
  if (comes_after_reset(setup)) wire_->board(number_).bus_reset();
  Wire::Pending pending = wire_->submit_control(number_, setup.head, setup.length, submit.data);
  ControlReply& reply = pending.reply;
  if (reply.kind == ControlReply::Kind::never) {
    silent_ = true;
    return false;
  }
  auto status = status_of(reply.kind);
  std::size_t moved = submit.in ? reply.data.size() : submit.data.size();
  if (reply.kind == ControlReply::Kind::stall || reply.kind == ControlReply::Kind::gone) moved = 0;
  if (moved > submit.length) {
    status = UsbipStatus::overflow;
    moved = submit.length;
  }
  reply.data.resize(submit.in ? moved : 0);
  free_at_ = pending.done;
  finishing_.push_back({.submit = std::move(submit),
                        .due = pending.done,
                        .status = status,
                        .transferred = static_cast<std::uint32_t>(moved),
                        .data = std::move(reply.data)});
  control_.pop_front();
  return true;
}

// The first transfer of each endpoint may go on; the next of the same endpoint waits behind it.
bool UsbipDevice::start_bulk() {
  std::set<std::pair<std::uint8_t, bool>> seen;
  for (auto waiting = bulk_.begin(); waiting != bulk_.end(); ++waiting) {
    const UsbipSubmit& submit = waiting->submit;
    if (!seen.insert({submit.endpoint, submit.in}).second) continue;
    if (submit.in ? start_bulk_in(*waiting) : start_bulk_out(*waiting)) {
      bulk_.erase(waiting);
      return true;
    }
  }
  return false;
}

bool UsbipDevice::start_bulk_in(const Waiting& waiting) {
  constexpr std::uint8_t kIn = 0x80;
  const auto endpoint = static_cast<std::uint8_t>(waiting.submit.endpoint | kIn);
  base::Bytes data = wire_->submit_bulk_in(number_, endpoint, waiting.submit.length);
  if (data.empty()) return false;
  use_wire(data.size());
  const auto moved = static_cast<std::uint32_t>(data.size());
  finishing_.push_back({.submit = waiting.submit,
                        .due = free_at_,
                        .status = UsbipStatus::ok,
                        .transferred = moved,
                        .data = std::move(data)});
  return true;
}

bool UsbipDevice::start_bulk_out(Waiting& waiting) {
  const base::ByteView all(waiting.submit.data);
  const std::size_t before = waiting.taken;
  do {
    const auto packet = all.subspan(waiting.taken, std::min(kPacket, all.size() - waiting.taken));
    if (!wire_->submit_bulk_out(number_, waiting.submit.endpoint, packet)) {
      if (waiting.taken > before) use_wire(waiting.taken - before);
      return false;
    }
    waiting.taken += static_cast<std::uint32_t>(packet.size());
  } while (waiting.taken < all.size());
  use_wire(all.size() - before);
  finishing_.push_back({.submit = waiting.submit,
                        .due = free_at_,
                        .status = UsbipStatus::ok,
                        .transferred = waiting.taken,
                        .data = {}});
  return true;
}

void UsbipDevice::use_wire(std::size_t bytes) {
  constexpr int kUnit = 1000;
  free_at_ = wire_->now() + timing_.per_1000_bytes * static_cast<int>(bytes) / kUnit;
}

std::optional<base::Instant> UsbipDevice::next_event() const {
  std::optional<base::Instant> next;
  const auto consider = [&](base::Instant when) {
    if (!next || when < *next) next = when;
  };
  if (!finishing_.empty()) consider(finishing_.front().due);
  const base::Instant free = std::max(free_at_, wire_->ready_at(number_));
  const bool waits = (!control_.empty() && !silent_) || !bulk_.empty();
  if (waits && free > wire_->now()) consider(free);
  return next;
}

base::Bytes UsbipDevice::take_output() { return std::exchange(output_, {}); }

}  // namespace sim
