// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The STM32F205's OTG FS core in device mode, endpoint 0 (RM0033, chapter 29): registers and FIFOs
// on the chip's side, packets on the wire's. No DMA (this core has none), no other endpoints.

#include "base/bytes.h"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>

namespace board {

class UsbCore {
 public:
  static constexpr unsigned kInterrupt = 67;  // OTG_FS, RM0033, table 61
  static constexpr std::size_t kPacket = 64;

  // --- the chip's side; offsets from 0x50000000 ---
  std::uint32_t read(std::uint32_t offset);
  void write(std::uint32_t offset, std::uint32_t value);
  bool interrupt() const;
  // The core shows itself once it is powered and device mode is forced.
  bool pull_up() const {
    return powered_ && (gusbcfg_ & kForceDevice) != 0 && (dctl_ & kSoftDisconnect) == 0;
  }

  // --- the wire's side ---
  void bus_reset();
  // A SETUP packet is always taken; it ends what was going on on endpoint 0.
  void setup(base::ByteView eight_bytes);
  enum class Handshake { ack, nak, stall };
  // OUT token with at most 64 bytes.
  Handshake out(base::ByteView packet);
  // IN token: with ack the packet is in `packet`. The host's own acknowledgement comes with
  // taken(); without it the packet stays, as after a host that gave up.
  Handshake in(base::Bytes& packet);
  void taken();

 private:
  static constexpr std::uint32_t kSoftDisconnect = 1U << 1U;  // DCTL
  static constexpr std::uint32_t kForceDevice = 1U << 30U;    // GUSBCFG
  struct Received {
    std::uint32_t status = 0;
    base::Bytes data;
  };

  std::uint32_t read_fifo();
  void pop_status();
  std::uint32_t interrupts() const;
  std::uint32_t all_endpoints() const;
  void write_in_control(std::uint32_t value);
  void write_out_control(std::uint32_t value);
  void core_reset();

  bool powered_ = false;
  std::uint32_t gahbcfg_ = 0;
  std::uint32_t gusbcfg_ = 0;
  std::uint32_t gintsts_ = 0;
  std::uint32_t gintmsk_ = 0;
  std::uint32_t dcfg_ = 0;
  std::uint32_t dctl_ = 0;
  std::uint32_t diepmsk_ = 0;
  std::uint32_t doepmsk_ = 0;
  std::uint32_t daintmsk_ = 0;
  std::uint32_t diepempmsk_ = 0;
  std::uint32_t in_control_ = 0;
  std::uint32_t in_interrupt_ = 0;
  std::uint32_t in_size_ = 0;
  std::uint32_t out_control_ = 0;
  std::uint32_t out_interrupt_ = 0;
  std::uint32_t out_size_ = 0;
  std::array<std::uint32_t, 1024> other_{};  // registers that only keep what is written
  std::deque<Received> received_;
  base::Bytes reading_;  // what GRXSTSP has popped, not yet read from the FIFO
  std::size_t read_at_ = 0;
  base::Bytes sending_;  // the IN FIFO
};

}  // namespace board
