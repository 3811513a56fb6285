// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A computer at the end of the virtual wire: it enumerates what comes, as an operating system does,
// and waits for its transfers in virtual time. serial_port.h has its serial ports.

#include "sim/bus/wire.h"
#include "usb/host.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sim {

class VirtualHost final : public usb::Host {
 public:
  // Who enumerates: this computer, or somebody outside who drives the wire (a real kernel); then
  // nothing is ever seen here.
  enum class Enumeration { here, outside };

  // The wire's time must not move any more once the host is gone.
  explicit VirtualHost(Wire& wire, Enumeration enumeration = Enumeration::here);
  ~VirtualHost() override;
  VirtualHost(const VirtualHost&) = delete;
  VirtualHost& operator=(const VirtualHost&) = delete;

  Wire& wire() { return *wire_; }
  // From now on list() tells what serial strings devices have, as Linux does; else whoever wants to
  // know opens them.
  void tell_serials() { tells_serials_ = true; }

  // --- usb::Host ---
  base::Result<std::vector<usb::DeviceInfo>> list(std::uint16_t vendor) override;
  base::Result<std::unique_ptr<usb::Transport>> open(const usb::DeviceInfo& info) override;
  void wait_for_change(base::Millis most, const base::CancelToken& cancel) override;

  // --- transfers that wait in virtual time, for transports and serial ports ---
  // `attach`: Board::attach_count() when the device was opened. Errors as usb::Transport.
  struct Address {
    std::size_t number = 0;
    std::uint32_t attach = 0;
  };
  base::Result<base::Bytes> control(Address device, const usb::ControlSetup& setup,
                                    std::uint16_t length, base::ByteView out, base::Millis timeout);
  base::Result<> bulk_out(Address device, std::uint8_t endpoint, base::ByteView data,
                          base::Millis timeout);
  base::Result<base::Bytes> bulk_in(Address device, std::uint8_t endpoint, std::size_t most,
                                    base::Millis timeout);
  bool present(Address device) const;

  // What the enumeration learnt of the device on a port; none while there is no configured device.
  struct Enumerated {
    usb::DeviceInfo info;
    std::uint32_t attach = 0;
    base::Bytes configuration;
    std::string serial;
    int serial_port = -1;                // N of /dev/ttyACMN; -1 without a CDC interface
    std::uint8_t control_interface = 0;  // CDC
    std::uint8_t bulk_in_endpoint = 0;
    std::uint8_t bulk_out_endpoint = 0;
    std::set<std::uint8_t> claimed;  // interfaces in use by an open device
    bool serial_open = false;
    std::uint32_t baud = 9600;  // the line coding last sent; the driver sends only changes
  };
  Enumerated* enumerated(std::size_t number);

 private:
  void changed(std::size_t number);
  void enumerate(std::size_t number, std::uint32_t attach);
  std::optional<Enumerated> ask(std::size_t number);
  void set_line(Board& board, const Enumerated& device);
  int free_serial_port() const;

  Wire* wire_;
  bool tells_serials_ = false;
  Enumeration enumeration_;
  std::vector<std::optional<Enumerated>> devices_;  // by the board's number
  std::uint64_t changes_ = 0;                       // arrivals and departures
  std::uint8_t next_address_ = 1;
};

}  // namespace sim
