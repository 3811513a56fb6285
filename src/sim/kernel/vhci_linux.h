// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The kernel's virtual USB host controller (Linux, module vhci_hcd) and the few system calls around
// it. Compiled on Linux only; nothing else in the room knows of it.

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "usb/device_info.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sim {

// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int number() const { return number_; }  // -1: none

 private:
  int number_ = -1;
};

inline constexpr std::size_t kMostAtOnce = std::size_t{64} * 1024;  // bytes
// What is there to read, empty at the end of the stream. Waits if nothing is there. Errors: usb_io.
base::Result<base::Bytes> read_some(int descriptor);
// Everything. Errors: usb_io.
base::Result<> write_all(int descriptor, base::ByteView bytes);
// Returns as soon as one of them can be read, or has ended, or one of `writable` can be written to;
// or after `most` (none: no limit). The numbers of those that can. Errors: internal.
base::Result<std::vector<int>> wait_readable(const std::vector<int>& descriptors,
                                             std::optional<base::Micros> most,
                                             const std::vector<int>& writable = {});

// The lowest numbers first, which fills one root hub after the other; or one of each hub in turn.
enum class PortOrder { lowest, spread };

class Vhci {
 public:
  // Errors: unsupported (the module is not loaded), access_denied (attaching needs root).
  static base::Result<Vhci> open();
  // The ports at which nothing is attached and a full-speed device can be.
  std::vector<int> free_ports(PortOrder order) const;
  // A full-speed device appears at `port`; what speaks USB/IP for it does so at the returned
  // socket. Closing that socket pulls the device out, a moment later: until then the port is busy.
  // Errors: busy, access_denied, usb_io.
  base::Result<Descriptor> attach(int port) const;
  // Where that port is for everybody else.
  usb::PortPath path(int port) const;

 private:
  Vhci() = default;
  // The USB 2 root hub of one of its controllers, and which of all ports are at it.
  struct Hub {
    int bus;
    int first;
    int count;
  };
  std::vector<Hub> hubs_;
};

}  // namespace sim
