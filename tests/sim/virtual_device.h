// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// One board with a bootloader and no system firmware, on a bus: what most tests of this room need.

#include "firmware/build.h"
#include "sim/bootloader/bootloader.h"
#include "sim/bus/serial_port.h"
#include "sim/bus/virtual_clock.h"
#include "sim/bus/virtual_host.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace sim {

inline constexpr UniqueId kTestId{0x2B, 0x00, 0x36, 0x00, 0x0A, 0x47,
                                  0x33, 0x35, 0x34, 0x39, 0x33, 0x38};
inline constexpr std::uint32_t kIndex1 = 0x08020000;
inline constexpr std::uint32_t kIndex2 = 0x08040000;
inline constexpr std::uint32_t kUserPart = 0x08080000;
inline constexpr std::uint32_t kFactory = 0x080A0000;
inline constexpr std::uint32_t kStaging = 0x080C0000;

inline base::Bytes make_module(platform::ModuleId id, std::uint16_t version, std::uint32_t size) {
  firmware::BuildRequest request;
  request.id = id;
  request.version = version;
  request.size = size;
  return firmware::build(request, platform::electron());
}

// Bytes that differ from their neighbours.
inline base::Bytes pattern(std::size_t size, std::uint8_t first) {
  base::Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::uint8_t>(first + i * 7 + i / 256);
  }
  return bytes;
}
inline base::Bytes copy_of(base::ByteView view) { return {view.begin(), view.end()}; }

struct Answer {
  base::Result<base::Bytes> result;
  bool ok() const { return result.has_value(); }
  bool stalled() const { return !result && result.error().code == base::Errc::usb_stall; }
  bool timed_out() const { return !result && result.error().code == base::Errc::timeout; }
  bool gone() const { return !result && result.error().code == base::Errc::device_gone; }
  const base::Bytes& data() const { return *result; }
};

class VirtualDevice {
 public:
  explicit VirtualDevice(std::string_view profile,
                         VirtualHost::Enumeration enumeration = VirtualHost::Enumeration::here)
      : wire(base::Instant{}),
        host(wire, enumeration),
        board(platform::electron(), kTestId,
              Programs{[this, found = find_bootloader_profile(profile)](Hardware& hardware,
                                                                        ResetCause cause) {
                         last_cause = cause;
                         return std::make_unique<Bootloader>(hardware, cause, *found);
                       },
                       [this](Hardware&) {
                         ++firmware_starts;
                         return nullptr;
                       }},
              base::Instant{}),
        clock(wire) {
    wire.add(board);
  }

  // With power, blank flash: in DFU mode and enumerated.
  VirtualDevice& start() {
    board.power(true);
    pass(base::Millis(2000));
    return *this;
  }
  void pass(base::Micros duration) { wire.advance_to(wire.now() + duration); }

  Answer in(std::uint8_t type, std::uint8_t request, std::uint16_t value, std::uint16_t index,
            std::uint16_t length) {
    return {host.control(here(), {type, request, value, index}, length, {}, timeout)};
  }
  Answer out(std::uint8_t type, std::uint8_t request, std::uint16_t value, std::uint16_t index,
             base::ByteView data) {
    return {host.control(here(), {type, request, value, index},
                         static_cast<std::uint16_t>(data.size()), data, timeout)};
  }

  // --- DFU ---
  Answer dnload(std::uint16_t block, base::ByteView data) { return out(0x21, 1, block, 0, data); }
  Answer upload(std::uint16_t block, std::uint16_t length) { return in(0xA1, 2, block, 0, length); }
  Answer get_status() { return in(0xA1, 3, 0, 0, 6); }
  Answer clear_status() { return out(0x21, 4, 0, 0, {}); }
  Answer get_state() { return in(0xA1, 5, 0, 0, 1); }
  Answer abort() { return out(0x21, 6, 0, 0, {}); }
  Answer detach() { return out(0x21, 0, 1000, 0, {}); }
  Answer select_alt(std::uint8_t alt) { return out(0x01, 11, alt, 0, {}); }
  int state() {
    const Answer answer = get_state();
    return answer.ok() && answer.data().size() == 1 ? answer.data()[0] : -1;
  }
  // DNLOAD, then the GETSTATUS that does the work.
  Answer command(std::uint16_t block, base::ByteView data) {
    const Answer sent = dnload(block, data);
    return sent.ok() ? get_status() : sent;
  }
  static base::Bytes address_command(std::uint8_t command, std::uint32_t address) {
    base::Bytes bytes{command, 0, 0, 0, 0};
    base::store_le32(bytes, 1, address);
    return bytes;
  }
  Answer set_address(std::uint32_t address) { return command(0, address_command(0x21, address)); }
  Answer erase(std::uint32_t address) { return command(0, address_command(0x41, address)); }

  VirtualHost::Address here() { return {0, board.attach_count()}; }
  base::ByteView flash(std::uint32_t address, std::uint32_t size) {
    return board.flash().view({address, address + size});
  }

  Wire wire;
  VirtualHost host;
  ResetCause last_cause = ResetCause::power_on;
  int firmware_starts = 0;
  Board board;
  VirtualClock clock;
  base::Millis timeout{10'000};
};

inline bool in_dfu(const VirtualDevice& device) {
  return device.board.running() == Board::Running::bootloader && device.board.attached();
}

inline void load(VirtualDevice& device, std::uint32_t address, const base::Bytes& image) {
  device.board.flash().load(address, image);
}

// A device whose index 1 the bootloader takes for good.
inline void give_index1(VirtualDevice& device) {
  load(device, kIndex1, make_module(platform::kSystemPart1, 110, 8192));
}

}  // namespace sim
