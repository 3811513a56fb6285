// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/ymodem_receiver.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace sim {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::uint8_t kEot = 0x04;
constexpr std::uint8_t kAck = 0x06;
constexpr std::uint8_t kNak = 0x15;
constexpr std::uint8_t kCan = 0x18;
constexpr std::uint8_t kReady = 'C';

constexpr std::size_t kHeader = 3;    // kind, number, its complement
constexpr std::size_t kOverhead = 5;  // and the CRC
constexpr base::Micros kPatience = 5s;
constexpr base::Micros kPacketWork = 6ms;  // reading byte by byte; measured on released firmware
constexpr int kMostErrors = 5;
constexpr std::size_t kLongestSize = 16;

}  // namespace

YmodemReceiver::YmodemReceiver(Hardware& hardware, const SystemProfile& profile,
                               base::AddressRange staging, SerialOutbox& outbox, bool takes_updates)
    : hardware_(hardware),
      profile_(profile),
      staging_(staging),
      outbox_(outbox),
      takes_updates_(takes_updates) {
  wait_for_byte();
}

void YmodemReceiver::feed(base::ByteView bytes) {
  for (const std::uint8_t byte : bytes) {
    if (end_ != End::none) return;
    take(byte);
  }
}

void YmodemReceiver::run(base::Instant now) {
  if (end_ == End::none && now >= deadline_) bad_packet();
}

void YmodemReceiver::take(std::uint8_t byte) {
  wait_for_byte();
  if (packet_size_ == 0) {
    first_byte(byte);
    return;
  }
  packet_.push_back(byte);
  if (packet_.size() == packet_size_) packet_complete();
}

void YmodemReceiver::first_byte(std::uint8_t byte) {
  if (cancel_seen_) {
    cancel_seen_ = false;
    if (byte == kCan) {
      answer({kAck});
      finish(End::failed);
    } else {
      bad_packet();
    }
    return;
  }
  switch (byte) {
    case kSoh:
    case kStx:
      packet_ = {byte};
      packet_size_ = (byte == kSoh ? 128 : 1024) + kOverhead;
      return;
    case kEot:
      errors_ = 0;
      packets_ = 0;  // the next packet is a header
      answer({kAck});
      return;
    case kCan:
      cancel_seen_ = true;
      return;
    case 'a':
    case 'A':
      for (int i = 0; i < profile_.cancels_on_abort; ++i) answer({kCan});
      finish(End::aborted);
      return;
    case ' ':
      answer({kAck});
      return;
    default:
      bad_packet();
  }
}

void YmodemReceiver::packet_complete() {
  packet_size_ = 0;
  hardware_.spend(kPacketWork);
  wait_for_byte();
  const bool large = packet_[0] == kStx;
  // Up to 0.4.8 the second block of 1024 bytes is not understood.
  if (large && !profile_.large_blocks && ++large_blocks_ > 1) {
    bad_packet();
    return;
  }
  const std::uint8_t number = packet_[1];
  if (number != static_cast<std::uint8_t>(~packet_[2])) {
    bad_packet();
    return;
  }
  errors_ = 0;
  if (number != (packets_ & 0xFF)) {
    answer({kNak});
    return;
  }
  if (packets_ == 0) {
    header_packet();
  } else {
    data_packet();
  }
}

// "name\0size " : the number ends with a space.
void YmodemReceiver::header_packet() {
  const std::string_view text(reinterpret_cast<const char*>(packet_.data()) + kHeader,
                              packet_.size() - kOverhead);
  const std::string_view name = text.substr(0, text.find('\0'));
  if (name.empty()) {
    if (profile_.refusal == Refusal::claims_success) answer({kAck});
    finish(End::complete);
    return;
  }
  name_ = name;
  size_ = 0;
  const std::string_view rest = text.substr(std::min(name.size() + 1, text.size()));
  const std::size_t space = rest.substr(0, kLongestSize).find(' ');
  if (space != std::string_view::npos) {
    std::from_chars(rest.data(), rest.data() + space, size_);
  }
  if (!takes_updates_) {
    answer({kCan, kCan});
    finish(End::not_begun);
    return;
  }
  written_ = 0;
  header_seen_ = true;
  packets_ = 1;
  if (!hardware_.flash().erase_sector(hardware_.flash().sector_of(staging_.begin))) {
    answer({kCan, kCan});
    finish(End::save_failed);
    return;
  }
  wait_for_byte();
  answer({kAck, kReady});
}

void YmodemReceiver::data_packet() {
  // The size in the header is not compared with the room; it only cuts the last block short.
  const std::uint32_t left = size_ - std::min(size_, written_);
  const std::size_t length = std::min<std::size_t>(packet_.size() - kOverhead, left);
  base::Bytes words(packet_.begin() + kHeader,
                    packet_.begin() + static_cast<std::ptrdiff_t>(kHeader + length));
  words.resize((words.size() + 3) / 4 * 4, 0xFF);
  const std::uint32_t address = staging_.begin + written_;
  if (words.size() > staging_.end - address ||
      hardware_.flash().program(address, words) != words.size()) {
    answer({kCan, kCan});
    finish(End::save_failed);
    return;
  }
  wait_for_byte();
  written_ += static_cast<std::uint32_t>(length);
  ++packets_;
  answer({kAck});
}

void YmodemReceiver::bad_packet() {
  packet_size_ = 0;
  cancel_seen_ = false;
  wait_for_byte();
  if (!profile_.patient || header_seen_) ++errors_;
  if (errors_ > kMostErrors) {
    answer({kCan, kCan});
    finish(End::failed);
    return;
  }
  answer({kReady});
}

void YmodemReceiver::answer(std::initializer_list<std::uint8_t> bytes) {
  outbox_.send(base::ByteView(bytes.begin(), bytes.size()), hardware_.now());
}

void YmodemReceiver::finish(End end) { end_ = end; }

void YmodemReceiver::wait_for_byte() { deadline_ = hardware_.now() + kPatience; }

}  // namespace sim
