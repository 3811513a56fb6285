// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The firmware's YMODEM receiver (device-os v0.6.4: system/src/system_ymodem.cpp): writes what
// comes into the staging area. Its oddities are the released ones: the CRC of a packet is read and
// not looked at, a repeated packet is refused, one EOT ends the file, a second header starts over.

#include "base/bytes.h"
#include "sim/board/hardware.h"
#include "sim/firmware/firmware_profiles.h"
#include "sim/firmware/serial_outbox.h"

#include <deque>
#include <string>

namespace sim {

// What a packet begins with: 128 bytes follow, or 1024.
inline constexpr std::uint8_t kSoh = 0x01;
inline constexpr std::uint8_t kStx = 0x02;

class YmodemReceiver {
 public:
  enum class End {
    none,      // still at it
    complete,  // the empty header came; since 0.6.1 its ACK is the caller's, after validation
    aborted,   // 'a'
    failed,    // too many errors, or the sender gave up
    save_failed,
    not_begun,  // updates are switched off
  };

  // Writes to `staging`, answers into `outbox`. `takes_updates`: no update is begun without.
  YmodemReceiver(Hardware& hardware, const SystemProfile& profile, base::AddressRange staging,
                 SerialOutbox& outbox, bool takes_updates = true);

  // The CPU works while this runs: erasing and programming take their time. Bytes after the end of
  // the session are dropped.
  void feed(base::ByteView bytes);
  void run(base::Instant now);
  base::Instant next_event() const { return deadline_; }

  End end() const { return end_; }
  const std::string& name() const { return name_; }
  std::uint32_t size() const { return size_; }
  bool receiving() const { return header_seen_; }

 private:
  void take(std::uint8_t byte);
  void first_byte(std::uint8_t byte);
  void packet_complete();
  void header_packet();
  void data_packet();
  void bad_packet();
  void answer(std::initializer_list<std::uint8_t> bytes);
  void finish(End end);
  void wait_for_byte();

  Hardware& hardware_;
  const SystemProfile& profile_;
  base::AddressRange staging_;
  SerialOutbox& outbox_;
  bool takes_updates_;
  End end_ = End::none;
  base::Instant deadline_{};
  base::Bytes packet_;
  std::size_t packet_size_ = 0;  // of the whole packet being collected; 0: none
  bool cancel_seen_ = false;
  bool header_seen_ = false;
  int large_blocks_ = 0;
  int errors_ = 0;
  std::uint32_t packets_ = 0;
  std::uint32_t written_ = 0;
  std::uint32_t size_ = 0;
  std::string name_;
};

}  // namespace sim
