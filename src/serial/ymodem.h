// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Sends one module by YMODEM, as the Electron's system firmware receives it (device-os v0.6.4 and
// v2.3.1: system/src/system_ymodem.cpp). YMODEM.md tells how that differs from the books.

#include "base/bytes.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "serial/port.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace serial {

// Payload bytes that the device has acknowledged; never falls.
using SendProgress = std::function<void(std::uint64_t done)>;

// How a session ended. None of them is proof of anything: releases up to 0.6.0 claim success for a
// module that they then refuse, and 2.3.1 refuses without a word. Ask the device afterwards.
struct Claimed {};    // "Downloaded file successfully!"; it restarts now
struct NoWord {       // all bytes taken, then it said nothing that makes sense
  bool gone = false;  // because it left the bus
};
struct Refused {           // it judged the module and said no; it is still listening
  std::uint32_t mask = 0;  // ValidityBits that do not hold; 0 if it gave a number instead
  std::int32_t code = 0;   // system error number; 0 if it gave a mask instead
  base::Error error;       // Errc::refused, id "device-refused-…"
};
struct Failed {  // the module did not get across
  base::Error error;
  bool listening = false;  // the device answers again, so that another session may follow
};
using Outcome = std::variant<Claimed, NoWord, Refused, Failed>;

// One session, from `f` to the device's last word. No packet is sent twice: the receiver has no
// notion of a repeated packet. After any disturbance the session is aborted, and the caller may
// begin another. `block` is 128 or 1024; `name` at most 64 characters.
Outcome send_module(Port& port, base::Clock& clock, std::string_view name, base::ByteView module,
                    std::size_t block, const SendProgress& progress,
                    const base::CancelToken& cancel);

// --- parts of it, pure ---

// CRC-16 of YMODEM (XMODEM's: polynomial 0x1021, starting at 0).
std::uint16_t crc16(base::ByteView bytes);
// Packet number `number` (modulo 256) with `data`, padded to 128 or 1024 bytes.
base::Bytes packet(unsigned number, base::ByteView data, std::size_t block);
// Packet 0: name, size ended by a space.
base::Bytes header_packet(std::string_view name, std::size_t size);
// What the device printed at the end; none if it is none of the texts known.
std::optional<Outcome> parse_ending(std::string_view text);
// The failed bits, and the system error number, in words and as our error.
base::Error refusal_of_mask(std::uint32_t mask);
base::Error refusal_of_code(std::int32_t code);

}  // namespace serial
