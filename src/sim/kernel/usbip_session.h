// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// One client of a USB/IP server (Linux Documentation/usb/usbip_protocol.rst, version 1.1.1): shown
// the boards that are on the bus, or given one of them; from then on the connection carries its
// transfers. Holds no socket: bytes in, bytes out, time from the bus.

#include "base/bytes.h"
#include "base/result.h"
#include "sim/bus/wire.h"
#include "sim/kernel/usbip_device.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace sim {

// "1-3" for board number 2: what a client names it by.
std::string usbip_bus_id(std::size_t number);

class UsbipSession {
 public:
  // `taken` are the boards that clients have; shared by all sessions of a server. Both it and the
  // bus, which lets somebody outside enumerate, outlive the session.
  UsbipSession(Wire& wire, std::set<std::size_t>& taken, const BusTiming& timing);
  ~UsbipSession();
  UsbipSession(const UsbipSession&) = delete;
  UsbipSession& operator=(const UsbipSession&) = delete;

  // What came from the client. Errors: protocol, the connection must be closed.
  base::Result<> receive(base::ByteView bytes);
  // To be called after everything that happens on the bus, and at next_event().
  base::Result<> run();
  std::optional<base::Instant> next_event() const;
  // What is to be sent to the client; taken away by the call.
  base::Bytes take_output();
  // The connection is of no more use once the output is sent: the list was given, the board was
  // refused, or it has left the bus (a device that restarts is to be attached again).
  bool over() const { return over_; }

 private:
  enum class Asked { nothing, list, import };

  base::Result<> read_request();
  void answer_list();
  void answer_import();
  std::optional<base::Instant> busy_until() const;

  Wire* wire_;
  std::set<std::size_t>* taken_;
  BusTiming timing_;
  base::Bytes input_;
  base::Bytes output_;
  Asked asked_ = Asked::nothing;
  std::string wanted_;  // bus id
  std::optional<std::size_t> number_;
  std::optional<UsbipDevice> device_;
  std::uint32_t attach_ = 0;
  bool over_ = false;
};

}  // namespace sim
