// SPDX-License-Identifier: GPL-3.0-or-later
#include "board/usb_core.h"

#include <algorithm>

namespace board {
namespace {

// RM0033, 29.16: offsets and bits.
enum Offset : std::uint32_t {
  kGahbcfg = 0x008,
  kGusbcfg = 0x00C,
  kGrstctl = 0x010,
  kGintsts = 0x014,
  kGintmsk = 0x018,
  kGrxstsr = 0x01C,
  kGrxstsp = 0x020,
  kGnptxsts = 0x02C,
  kGccfg = 0x038,
  kDcfg = 0x800,
  kDctl = 0x804,
  kDsts = 0x808,
  kDiepmsk = 0x810,
  kDoepmsk = 0x814,
  kDaint = 0x818,
  kDaintmsk = 0x81C,
  kDiepempmsk = 0x834,
  kDiepctl0 = 0x900,
  kDiepint0 = 0x908,
  kDieptsiz0 = 0x910,
  kDtxfsts0 = 0x918,
  kDoepctl0 = 0xB00,
  kDoepint0 = 0xB08,
  kDoeptsiz0 = 0xB10,
  kFifo0 = 0x1000,
  kFifo0End = 0x2000,
};

constexpr std::uint32_t kGlobalInterrupts = 1U << 0U;  // GAHBCFG
constexpr std::uint32_t kCoreReset = 1U << 0U;         // GRSTCTL
constexpr std::uint32_t kFlushTransmit = 1U << 5U;
constexpr std::uint32_t kAhbIdle = 1U << 31U;
constexpr std::uint32_t kReceived = 1U << 4U;  // GINTSTS
constexpr std::uint32_t kTransmitEmpty = 1U << 5U;
constexpr std::uint32_t kBusReset = 1U << 12U;
constexpr std::uint32_t kEnumerated = 1U << 13U;
constexpr std::uint32_t kInEndpoints = 1U << 18U;
constexpr std::uint32_t kOutEndpoints = 1U << 19U;
constexpr std::uint32_t kComplete = 1U << 0U;   // DxEPINT
constexpr std::uint32_t kSetupDone = 1U << 3U;  // DOEPINT
constexpr std::uint32_t kFifoEmpty = 1U << 7U;  // DIEPINT
constexpr std::uint32_t kActive = 1U << 15U;    // DxEPCTL
constexpr std::uint32_t kNakStatus = 1U << 17U;
constexpr std::uint32_t kStall = 1U << 21U;
constexpr std::uint32_t kClearNak = 1U << 26U;
constexpr std::uint32_t kSetNak = 1U << 27U;
constexpr std::uint32_t kDisable = 1U << 30U;
constexpr std::uint32_t kEnable = 1U << 31U;
constexpr std::uint32_t kTransferSize = 0x7F;  // DxEPTSIZ0
constexpr std::uint32_t kPacketCount = 3U << 19U;
constexpr std::uint32_t kOnePacket = 1U << 19U;
constexpr std::uint32_t kFullSpeed = 3U << 1U;           // DSTS
constexpr std::uint32_t kDeviceTransceiver = 1U << 16U;  // GCCFG

// GRXSTSP, PKTSTS.
constexpr std::uint32_t kOutData = 2U << 17U;
constexpr std::uint32_t kOutDone = 3U << 17U;
constexpr std::uint32_t kSetupOver = 4U << 17U;
constexpr std::uint32_t kSetupData = 6U << 17U;

std::uint32_t count_field(std::size_t bytes) { return static_cast<std::uint32_t>(bytes) << 4U; }

}  // namespace

void UsbCore::core_reset() {
  received_.clear();
  reading_.clear();
  read_at_ = 0;
  sending_.clear();
  gintsts_ = 0;
  in_control_ = 0;
  in_interrupt_ = 0;
  in_size_ = 0;
  out_control_ = 0;
  out_interrupt_ = 0;
  out_size_ = 0;
}

std::uint32_t UsbCore::all_endpoints() const {
  const bool wants_data = (diepempmsk_ & 1U) != 0 && sending_.empty();
  const bool in = (in_interrupt_ & diepmsk_) != 0 || wants_data;
  const bool out = (out_interrupt_ & doepmsk_) != 0;
  return (in ? 1U : 0U) | (out ? 0x10000U : 0U);
}

std::uint32_t UsbCore::interrupts() const {
  std::uint32_t all = gintsts_ | kTransmitEmpty;
  if (!received_.empty()) all |= kReceived;
  const std::uint32_t endpoints = all_endpoints() & daintmsk_;
  if ((endpoints & 0xFFFFU) != 0) all |= kInEndpoints;
  if ((endpoints & 0xFFFF0000U) != 0) all |= kOutEndpoints;
  return all;
}

bool UsbCore::interrupt() const {
  return (gahbcfg_ & kGlobalInterrupts) != 0 && (interrupts() & gintmsk_) != 0;
}

void UsbCore::pop_status() {
  if (received_.empty()) return;
  const Received popped = std::move(received_.front());
  received_.pop_front();
  if (!popped.data.empty()) {
    reading_ = popped.data;
    read_at_ = 0;
  }
  const std::uint32_t what = popped.status & (0xFU << 17U);
  // What ends a stage is told when its entry is taken out of the FIFO.
  if (what == kSetupOver) out_interrupt_ |= kSetupDone;
  if (what == kOutDone) out_interrupt_ |= kComplete;
}

std::uint32_t UsbCore::read_fifo() {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4 && read_at_ < reading_.size(); ++i) {
    word |= std::uint32_t{reading_[read_at_++]} << (8U * i);
  }
  return word;
}

std::uint32_t UsbCore::read(std::uint32_t offset) {
  if (offset >= kFifo0 && offset < kFifo0End) return read_fifo();
  switch (offset) {
    case kGahbcfg:
      return gahbcfg_;
    case kGusbcfg:
      return gusbcfg_;
    case kGrstctl:
      return kAhbIdle;
    case kGintsts:
      return interrupts();
    case kGintmsk:
      return gintmsk_;
    case kGrxstsr:
      return received_.empty() ? 0 : received_.front().status;
    case kGrxstsp: {
      const std::uint32_t status = received_.empty() ? 0 : received_.front().status;
      pop_status();
      return status;
    }
    case kGnptxsts:
    case kDtxfsts0:
      return sending_.empty() ? 0x80 : 0;  // words free
    case kDcfg:
      return dcfg_;
    case kDctl:
      return dctl_;
    case kDsts:
      return kFullSpeed;
    case kDiepmsk:
      return diepmsk_;
    case kDoepmsk:
      return doepmsk_;
    case kDaint:
      return all_endpoints();
    case kDaintmsk:
      return daintmsk_;
    case kDiepempmsk:
      return diepempmsk_;
    case kDiepctl0:
      return in_control_ | kActive;
    case kDiepint0:
      return in_interrupt_ | (sending_.empty() ? kFifoEmpty : 0U);
    case kDieptsiz0:
      return in_size_;
    case kDoepctl0:
      return out_control_ | kActive;
    case kDoepint0:
      return out_interrupt_;
    case kDoeptsiz0:
      return out_size_;
    default:
      return offset / 4 < other_.size() ? other_[offset / 4] : 0;
  }
}

void UsbCore::write_in_control(std::uint32_t value) {
  if ((value & kSetNak) != 0) in_control_ |= kNakStatus;
  if ((value & kClearNak) != 0) in_control_ &= ~kNakStatus;
  // Only the core clears endpoint 0's STALL.
  in_control_ |= value & kStall;
  if ((value & kEnable) != 0) in_control_ |= kEnable;
  if ((value & kDisable) != 0) in_control_ &= ~kEnable;
}

void UsbCore::write_out_control(std::uint32_t value) {
  if ((value & kSetNak) != 0) out_control_ |= kNakStatus;
  if ((value & kClearNak) != 0) out_control_ &= ~kNakStatus;
  out_control_ |= value & kStall;
  if ((value & kEnable) != 0) out_control_ |= kEnable;
}

void UsbCore::write(std::uint32_t offset, std::uint32_t value) {
  if (offset >= kFifo0 && offset < kFifo0End) {
    base::Bytes word(4);
    base::store_le32(word, 0, value);
    sending_.insert(sending_.end(), word.begin(), word.end());
    return;
  }
  switch (offset) {
    case kGahbcfg:
      gahbcfg_ = value;
      break;
    case kGusbcfg:
      gusbcfg_ = value;
      break;
    case kGrstctl:
      if ((value & kCoreReset) != 0) core_reset();
      if ((value & kFlushTransmit) != 0) sending_.clear();
      break;
    case kGintsts:
      gintsts_ &= ~value;
      break;
    case kGintmsk:
      gintmsk_ = value;
      break;
    case kGccfg:
      powered_ = (value & kDeviceTransceiver) != 0;
      other_[offset / 4] = value;
      break;
    case kDcfg:
      dcfg_ = value;
      break;
    case kDctl:
      dctl_ = value & 0x7FU;
      break;
    case kDiepmsk:
      diepmsk_ = value;
      break;
    case kDoepmsk:
      doepmsk_ = value;
      break;
    case kDaintmsk:
      daintmsk_ = value;
      break;
    case kDiepempmsk:
      diepempmsk_ = value;
      break;
    case kDiepctl0:
      write_in_control(value);
      break;
    case kDiepint0:
      in_interrupt_ &= ~value;
      break;
    case kDieptsiz0:
      in_size_ = value;
      break;
    case kDoepctl0:
      write_out_control(value);
      break;
    case kDoepint0:
      out_interrupt_ &= ~value;
      break;
    case kDoeptsiz0:
      out_size_ = value;
      break;
    default:
      if (offset / 4 < other_.size()) other_[offset / 4] = value;
      break;
  }
}

// --- the wire ---

void UsbCore::bus_reset() {
  received_.clear();
  sending_.clear();
  dcfg_ &= ~0x7F0U;  // the address
  in_control_ = 0;
  out_control_ = 0;
  gintsts_ |= kBusReset | kEnumerated;
}

void UsbCore::setup(base::ByteView eight_bytes) {
  in_control_ = (in_control_ & ~(kStall | kEnable)) | kNakStatus;
  out_control_ = (out_control_ & ~kStall) | kNakStatus;
  sending_.clear();
  received_.push_back({kSetupData | count_field(eight_bytes.size()),
                       base::Bytes(eight_bytes.begin(), eight_bytes.end())});
  received_.push_back({kSetupOver, {}});
}

UsbCore::Handshake UsbCore::out(base::ByteView packet) {
  if ((out_control_ & kStall) != 0) return Handshake::stall;
  if ((out_control_ & kEnable) == 0 || (out_control_ & kNakStatus) != 0) return Handshake::nak;
  received_.push_back(
      {kOutData | count_field(packet.size()), base::Bytes(packet.begin(), packet.end())});
  received_.push_back({kOutDone, {}});
  const std::uint32_t room = out_size_ & kTransferSize;
  const auto size = static_cast<std::uint32_t>(packet.size());
  out_size_ = (out_size_ & ~kTransferSize) | (room - std::min(room, size));
  if ((out_size_ & kPacketCount) != 0) out_size_ -= kOnePacket;
  out_control_ = (out_control_ & ~kEnable) | kNakStatus;
  return Handshake::ack;
}

UsbCore::Handshake UsbCore::in(base::Bytes& packet) {
  if ((in_control_ & kStall) != 0) return Handshake::stall;
  const std::size_t wanted = std::min<std::size_t>(in_size_ & kTransferSize, kPacket);
  const bool armed = (in_control_ & kEnable) != 0 && (in_control_ & kNakStatus) == 0;
  if (!armed || sending_.size() < wanted) return Handshake::nak;
  packet.assign(sending_.begin(), sending_.begin() + static_cast<std::ptrdiff_t>(wanted));
  return Handshake::ack;
}

void UsbCore::taken() {
  const std::size_t size = std::min<std::size_t>(in_size_ & kTransferSize, kPacket);
  const std::size_t words = (size + 3) / 4 * 4;
  sending_.erase(sending_.begin(),
                 sending_.begin() + static_cast<std::ptrdiff_t>(std::min(words, sending_.size())));
  in_size_ -= static_cast<std::uint32_t>(size);
  if ((in_size_ & kPacketCount) != 0) in_size_ -= kOnePacket;
  if ((in_size_ & kPacketCount) == 0) {
    in_control_ &= ~kEnable;
    in_interrupt_ |= kComplete;
  }
}

}  // namespace board
