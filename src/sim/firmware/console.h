// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The listening console: single characters in, text out (device-os: system/src/system_setup.cpp).

#include "sim/firmware/firmware_profiles.h"
#include "sim/firmware/serial_outbox.h"
#include "sim/firmware/surroundings.h"

#include <optional>
#include <string>

namespace sim {

// What `d` and the USB request of type 100 answer.
std::string diagnostics_text(base::Instant now);

class Console {
 public:
  // What a command asks of the system.
  enum class Wish {
    none,
    leave,              // x
    restart_listening,  // L
    receive_file,       // f: the prompt is out
    receive_packet,     // SOH, STX: the byte itself begins a YMODEM packet
  };

  // All must outlive the console.
  Console(Hardware& hardware, const SystemProfile& profile, const FirmwareOptions& options,
          std::string version, SerialOutbox& outbox);

  Wish take(std::uint8_t byte);

 private:
  void print(std::string_view text);
  void identity();
  void diagnostics();
  void claim_code(char byte);

  Hardware& hardware_;
  const SystemProfile& profile_;
  const FirmwareOptions& options_;
  std::string version_;
  SerialOutbox& outbox_;
  std::optional<std::string> claim_code_;  // being read
};

}  // namespace sim
