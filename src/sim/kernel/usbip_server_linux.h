// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// USB/IP over TCP: boards for computers that attach them with their own drivers, another Linux by
// `usbip attach`, Windows by usbip-win. The protocol has neither passwords nor encryption: whoever
// reaches the port has the boards.

#include "sim/bus/wire.h"
#include "sim/kernel/usbip_session.h"
#include "sim/kernel/vhci_linux.h"

#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace sim {

class UsbipServer {
 public:
  // `wire` outlives it. Errors: busy (the port is in use), access_denied, usb_io.
  static base::Result<std::unique_ptr<UsbipServer>> listen(Wire& wire, const sockaddr& address,
                                                           socklen_t size);
  std::uint16_t port() const { return port_; }

  // What to wait for: readable, and of those with something left to send, writable.
  void add_descriptors(std::vector<int>& readable, std::vector<int>& writable) const;
  // One of them is ready.
  void ready(int descriptor);
  // After everything that happens on the bus, and at next_event().
  void follow();
  std::optional<base::Instant> next_event() const;
  bool attached(std::size_t number) const { return taken_.contains(number); }

 private:
  struct Key {};  // only listen() makes servers
  struct Client {
    Client(Descriptor connection, Wire& wire, std::set<std::size_t>& taken)
        : socket(std::move(connection)), session(wire, taken, BusTiming{}) {}
    Descriptor socket;
    UsbipSession session;
    base::Bytes unsent{};
    bool lost = false;
  };

 public:
  UsbipServer(Key, Wire& wire, Descriptor socket, std::uint16_t port)
      : wire_(&wire), socket_(std::move(socket)), port_(port) {}

 private:
  void accept();
  static void receive(Client& client);
  static void send(Client& client);

  Wire* wire_;
  Descriptor socket_;
  std::uint16_t port_;
  std::set<std::size_t> taken_;
  std::list<Client> clients_;
};

}  // namespace sim
