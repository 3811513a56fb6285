// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What went over the virtual bus, for a log as JSON lines and for the proof that two runs are the
// same.

#include "base/bytes.h"
#include "base/clock.h"
#include "usb/setup.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace sim {

enum class TransferKind {
  control,  // any that is not one of the following
  detach,
  dnload,
  upload,
  getstatus,
  clrstatus,
  getstate,
  abort,
  line_coding,
  bulk_out,
  bulk_in,
};
std::string_view name(TransferKind kind);
bool parse_transfer_kind(std::string_view text, TransferKind& kind);

struct TransferRecord {
  base::Instant begin;
  base::Instant end;  // when the device is done; the host may have given up before
  std::size_t board = 0;
  std::uint32_t attach = 0;  // Board::attach_count() at the time
  TransferKind kind = TransferKind::control;
  usb::ControlSetup setup;    // control transfers
  std::uint8_t endpoint = 0;  // bulk transfers
  std::uint16_t length = 0;   // wLength, or bytes offered or asked for
  base::ByteView data;        // what went over, valid during the call
  std::string_view outcome;   // "done", "stall", "stall-status", "never", "gone", "nak"
  std::string_view fault;     // the fault that was applied, "" for none
};
using TransferObserver = std::function<void(const TransferRecord&)>;

// One JSON object without a line end. Data are given as length, CRC-32 and up to 16 first bytes.
std::string to_json_line(const TransferRecord& record);

}  // namespace sim
