// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bus/serial_port.h"

#include <fmt/format.h>

#include <utility>

namespace sim {
namespace {

using base::Errc;

// PSTN 1.2, table 13
constexpr std::uint8_t kSetControlLineState = 0x22;
constexpr std::uint16_t kDtrAndRts = 3;
constexpr base::Millis kControlTimeout{5000};  // Linux: USB_CTRL_SET_TIMEOUT

std::string path_of(int port) { return fmt::format("/dev/ttyACM{}", port); }

class SimPort final : public serial::Port {
 public:
  SimPort(VirtualHost& host, VirtualHost::Address device) : host_(&host), device_(device) {
    VirtualHost::Enumerated& here = *host.enumerated(device.number);
    here.serial_open = true;
    interface_ = here.control_interface;
    in_ = here.bulk_in_endpoint;
    out_ = here.bulk_out_endpoint;
    line_state(kDtrAndRts);
  }
  ~SimPort() override {
    if (VirtualHost::Enumerated* here = mine()) {
      line_state(0);
      here = mine();
      if (here != nullptr) here->serial_open = false;
    }
  }
  SimPort(const SimPort&) = delete;
  SimPort& operator=(const SimPort&) = delete;

  base::Result<> set_baud(std::uint32_t baud) override {
    VirtualHost::Enumerated* here = mine();
    if (here == nullptr) return gone();
    if (here->baud == baud) return {};  // as cdc_acm: only a change is sent
    here->baud = baud;
    base::Bytes coding(7, 0);
    base::store_le32(coding, 0, baud);
    coding[6] = 8;
    TRY(host_->control(device_, {0x21, kSetLineCoding, 0, interface_}, 7, coding, kControlTimeout));
    return {};
  }

  base::Result<> write(base::ByteView bytes, base::Millis timeout) override {
    return host_->bulk_out(device_, out_, bytes, timeout);
  }

  base::Result<base::Bytes> read(std::size_t most, base::Millis timeout) override {
    return host_->bulk_in(device_, in_, most, timeout);
  }

  void discard_input() override {
    constexpr std::size_t kMuch = 4096;
    while (host_->present(device_) &&
           !host_->wire().submit_bulk_in(device_.number, in_, kMuch).empty()) {
    }
  }

 private:
  static base::Error gone() {
    return base::make_error(Errc::device_gone, "the serial port is gone",
                            "check the cable, then run the same command again");
  }
  VirtualHost::Enumerated* mine() const {
    return host_->present(device_) ? host_->enumerated(device_.number) : nullptr;
  }
  void line_state(std::uint16_t value) {
    // Nothing hangs on the answer; a device that is gone shows at the next transfer.
    [[maybe_unused]] const auto result = host_->control(
        device_, {0x21, kSetControlLineState, value, interface_}, 0, {}, kControlTimeout);
  }

  VirtualHost* host_;
  VirtualHost::Address device_;
  std::uint8_t interface_ = 0;
  std::uint8_t in_ = 0;
  std::uint8_t out_ = 0;
};

}  // namespace

base::Result<std::vector<serial::PortInfo>> SimPorts::list() {
  std::vector<serial::PortInfo> ports;
  for (std::size_t i = 0; i < host_->wire().size(); ++i) {
    const VirtualHost::Enumerated* device = host_->enumerated(i);
    if (device == nullptr || device->serial_port < 0) continue;
    ports.push_back({path_of(device->serial_port), device->info.vendor, device->info.product,
                     usb::to_string(device->info.port), device->serial});
  }
  return ports;
}

base::Result<std::unique_ptr<serial::Port>> SimPorts::open(const std::string& path) {
  for (std::size_t i = 0; i < host_->wire().size(); ++i) {
    const VirtualHost::Enumerated* device = host_->enumerated(i);
    if (device == nullptr || device->serial_port < 0 || path_of(device->serial_port) != path) {
      continue;
    }
    if (device->serial_open) {
      return base::make_error(Errc::busy, fmt::format("{} is in use", path));
    }
    return std::make_unique<SimPort>(*host_, VirtualHost::Address{i, device->attach});
  }
  return base::make_error(Errc::device_gone, fmt::format("there is no port {}", path));
}

}  // namespace sim
