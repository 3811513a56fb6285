// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/console.h"

#include "sim/firmware/describe_json.h"
#include "sim/firmware/ymodem_receiver.h"

#include <fmt/format.h>

namespace sim {
namespace {

constexpr std::size_t kClaimCodeLength = 63;

}  // namespace

Console::Console(Hardware& hardware, const SystemProfile& profile, const FirmwareOptions& options,
                 std::string version, SerialOutbox& outbox)
    : hardware_(hardware),
      profile_(profile),
      options_(options),
      version_(std::move(version)),
      outbox_(outbox) {}

Console::Wish Console::take(std::uint8_t byte) {
  if (claim_code_) {
    claim_code(static_cast<char>(byte));
    return Wish::none;
  }
  switch (byte) {
    case 'i':
      identity();
      break;
    case 'v':
      print(fmt::format("system firmware version: {}\n\r\n", version_));
      break;
    case 's':
      // In larger pieces also where the rest comes character by character.
      outbox_.send(base::as_bytes(describe_modules(hardware_.flash(), profile_, options_) + "\r\n"),
                   hardware_.now());
      break;
    case 'm':
      print(fmt::format(
          "Your device MAC address is\r\n{0:02x}:{0:02x}:{0:02x}:{0:02x}:{0:02x}:{0:02x}\r\n",
          profile_.mac_filler));
      break;
    case 'c':
      if (profile_.has_claim_commands) {
        print(fmt::format("Device claimed: {}\r\n", options_.claimed ? "yes" : "no"));
      }
      break;
    case 'C':
      if (!profile_.has_claim_commands) break;
      print("Enter 63-digit claim code: ");
      claim_code_.emplace();
      break;
    case 'd':
      if (profile_.has_diagnostics) diagnostics();
      break;
    case 'f':
      print("Waiting for the binary file to be sent ... (press 'a' to abort)\r\n");
      return Wish::receive_file;
    case 'x':
      return Wish::leave;
    case 'L':
      if (profile_.has_listening_reset) return Wish::restart_listening;
      break;
    case kSoh:
    case kStx:
      if (profile_.has_listening_reset) return Wish::receive_packet;
      break;
    default:
      break;  // unknown ones are ignored without a word
  }
  return Wish::none;
}

void Console::print(std::string_view text) { outbox_.print(text, hardware_.now()); }

// Lower case in every release, also where the USB serial is in upper case.
void Console::identity() {
  const std::string id = base::to_hex(hardware_.unique_id());
  std::string keys;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) keys += fmt::format("{}: {}\r\n", name, value);
  };
  if (profile_.has_secret) {
    add("Device Secret", options_.device_secret);
    add("Serial Number", options_.serial_number);
  }
  add("IMEI", options_.imei);
  add("ICCID", options_.iccid);
  if (profile_.has_modem_firmware) add("Cell Radio Version", options_.modem_firmware);
  if (keys.empty()) {
    print(fmt::format("Your device id is {}\r\n", id));
  } else {
    print(fmt::format("Device ID: {}\r\n{}", id, keys));
  }
}

void Console::diagnostics() { print(diagnostics_text(hardware_.now()) + "\r\n"); }

// Only the form is the device's; a real one lists some twenty values.
std::string diagnostics_text(base::Instant now) {
  const auto seconds = now.time_since_epoch() / std::chrono::seconds(1);
  return fmt::format(R"({{"sys":{{"uptime":{}}}}})", seconds);
}

void Console::claim_code(char byte) {
  if (byte == '\r' || byte == '\n') {
    print("\r\n");
    if (claim_code_->size() == kClaimCodeLength) {
      print(fmt::format("Claim code set to: {}\r\n", *claim_code_));
    } else {
      print("Sorry, claim code is not 63 characters long. Claim code unchanged.\r\n");
    }
    claim_code_.reset();
    return;
  }
  if (claim_code_->size() >= kClaimCodeLength) return;
  claim_code_->push_back(byte);
  print(std::string_view(&byte, 1));
}

}  // namespace sim
