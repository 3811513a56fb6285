// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// USB vendor requests of the running firmware, in the scheme of its release
// (device-os v0.6.0, v0.6.4: system/src/system_control.cpp; v2.3.1: system/inc/system_control.h,
// system/src/usb_control_request_channel.cpp). Firmware update by these requests (types 250 to
// 253), module info and diagnostics are not modelled: they answer "not supported".

#include "sim/board/program.h"
#include "sim/firmware/firmware_profiles.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sim {

// What a request asks of the system.
enum class SystemRequest { none, reset, dfu, safe_mode, listen, stop_listening };

struct VendorAnswer {
  ControlReply reply;
  SystemRequest request = SystemRequest::none;
  base::Micros after{0};  // how much later it takes effect
};

class VendorRequests {
 public:
  struct Facts {
    base::Bytes unique_id;
    std::string version;
    std::string serial_number;
  };

  VendorRequests(const SystemProfile& profile, Facts facts);

  VendorAnswer handle(const usb::ControlSetup& setup, std::uint16_t length, base::ByteView out,
                      base::Instant now, bool listening);
  void bus_reset() { active_.clear(); }

 private:
  struct Active {
    std::uint16_t id = 0;
    std::uint16_t type = 0;
    std::size_t awaited = 0;  // payload that is still to come
    base::Instant done{};
    std::int32_t result = 0;
    base::Bytes reply;
    SystemRequest afterwards = SystemRequest::none;  // once the result was fetched
  };

  VendorAnswer raw(const usb::ControlSetup& setup, std::uint16_t length) const;
  VendorAnswer raw_information(std::uint16_t what, const usb::ControlSetup& setup) const;
  VendorAnswer raw_action(SystemRequest request) const;
  VendorAnswer asynchronous(const usb::ControlSetup& setup, base::ByteView out, base::Instant now,
                            bool listening);
  VendorAnswer init(std::uint16_t type, std::uint16_t size, base::Instant now, bool listening);
  VendorAnswer check(std::uint16_t id, base::Instant now);
  VendorAnswer send(std::uint16_t id, base::ByteView out, base::Instant now, bool listening);
  VendorAnswer receive(std::uint16_t id);
  VendorAnswer cancel(std::uint16_t id);
  void process(Active& active, base::Instant now, bool listening, VendorAnswer& answer) const;
  std::vector<Active>::iterator find(std::uint16_t id);

  const SystemProfile* profile_;
  Facts facts_;
  std::vector<Active> active_;
  std::uint16_t last_id_ = 0;
};

}  // namespace sim
