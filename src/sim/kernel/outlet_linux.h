// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The port of the kernel's virtual host controller that one board is plugged into: attaches and
// detaches as the board pulls up and down, always at the same port, and carries the transfers.

#include "sim/bus/wire.h"
#include "sim/kernel/usbip_device.h"
#include "sim/kernel/vhci_linux.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace sim {

class Outlet {
 public:
  // Board `number` of `wire` at `port`. `vhci` and `wire` outlive the outlet.
  Outlet(const Vhci& vhci, int port, Wire& wire, std::size_t number, const BusTiming& timing);

  // After everything that may have changed the board: connects, disconnects, carries out transfers,
  // sends answers. Errors: those of Vhci::attach() but busy.
  base::Result<> follow();
  // The descriptor can be read. The kernel having closed the connection is no error: it is made
  // anew. Errors: protocol, usb_io.
  base::Result<> receive();
  // When follow() should be called even if nothing happens.
  std::optional<base::Instant> next_event() const;

  int descriptor() const { return socket_.number(); }  // -1: not connected
  bool connected() const { return socket_.number() >= 0; }
  // The board's attach_count() that the connection stands for; 0: not connected.
  std::uint32_t attachment() const { return connected() ? attach_ : 0; }
  usb::PortPath path() const { return vhci_->path(port_); }

 private:
  base::Result<> connect();
  void disconnect();

  const Vhci* vhci_;
  int port_;
  Wire* wire_;
  std::size_t number_;
  BusTiming timing_;
  Descriptor socket_;
  std::optional<UsbipDevice> device_;
  std::uint32_t attach_ = 0;               // the board's attach_count() that socket_ stands for
  std::optional<base::Instant> retry_at_;  // the kernel had not let the port go yet
};

}  // namespace sim
