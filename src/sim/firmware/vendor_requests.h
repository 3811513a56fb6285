// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// USB vendor requests of the running firmware, in the scheme of its release
// (device-os v0.6.0, v0.6.4: system/src/system_control.cpp; v2.3.1: system/inc/system_control.h,
// system/src/usb_control_request_channel.cpp), and what the released code of 1.0.1, 1.1.0, 1.2.1,
// 1.5.2 and 2.3.1 was seen to do when it was executed. Firmware update by these requests (types 250
// to 253) is not modelled: it answers "not supported".

#include "sim/board/program.h"
#include "sim/firmware/firmware_profiles.h"

#include <cstdint>
#include <functional>
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

// When a request comes.
struct Circumstances {
  enum class Mode { searching, listening, connected };

  base::Instant now;
  base::Instant arrived;  // the pull-up
  Mode mode = Mode::searching;
};

class VendorRequests {
 public:
  struct Facts {
    base::Bytes unique_id;
    std::string version;
    std::string serial_number;
    std::function<base::Bytes()> modules;      // what type 90 answers
    std::function<base::Bytes()> diagnostics;  // what type 100 answers
  };

  VendorRequests(const SystemProfile& profile, Facts facts);

  VendorAnswer handle(const usb::ControlSetup& setup, std::uint16_t length, base::ByteView out,
                      const Circumstances& when);
  void bus_reset(base::Instant now);

 private:
  struct Active {
    std::uint16_t id = 0;
    std::uint16_t type = 0;
    std::size_t awaited = 0;  // payload that is still to come
    base::Instant done = base::Instant::max();
    std::int32_t result = 0;
    base::Bytes reply;
    SystemRequest afterwards = SystemRequest::none;  // once the result was fetched …
    base::Micros after{0};                           // … and so much later
  };

  VendorAnswer raw(const usb::ControlSetup& setup, std::uint16_t length) const;
  VendorAnswer raw_information(std::uint16_t what, const usb::ControlSetup& setup) const;
  VendorAnswer raw_action(SystemRequest request) const;
  VendorAnswer asynchronous(const usb::ControlSetup& setup, std::uint16_t length,
                            base::ByteView out, const Circumstances& when);
  VendorAnswer init(std::uint16_t type, std::uint16_t size, const Circumstances& when);
  VendorAnswer check(std::uint16_t id, base::Instant now);
  VendorAnswer send(std::uint16_t id, base::ByteView out, const Circumstances& when);
  VendorAnswer receive(std::uint16_t id, std::uint16_t length);
  VendorAnswer cancel(std::uint16_t id, base::Instant now);
  void process(Active& active, const Circumstances& when, VendorAnswer& answer) const;
  void process_searching(Active& active, const Circumstances& when, VendorAnswer& answer) const;
  void inform(Active& active, bool listening) const;
  void give_up(const Active& active, base::Instant now);
  std::size_t unanswered(base::Instant now) const;
  std::vector<Active>::iterator find(std::uint16_t id);

  const SystemProfile* profile_;
  Facts facts_;
  std::vector<Active> active_;
  std::uint16_t last_id_ = 0;
  std::size_t kept_ = 0;  // requests that were given up unanswered: their memory is not free again
};

}  // namespace sim
