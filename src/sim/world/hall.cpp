// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/world/hall.h"

#include "usb/one_at_a_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace sim {

class Hall::Turn {
 public:
  Turn(Hall& hall, std::size_t number) : wire_(*hall.wires_[number]), lock_(wire_.mutex) {
    const base::Instant now = hall.clock_->now();
    Wire& wire = wire_.world->wire();
    wire.advance_to(wire.now() + (now - wire_.seen));
    wire_.seen = now;
  }
  SimWorld& world() { return *wire_.world; }

 private:
  OwnWire& wire_;
  std::lock_guard<std::mutex> lock_;
};

namespace {

// On its own wire every board is on the same port.
usb::PortPath inner_port() { return {1, {1}}; }
usb::PortPath outer_port(std::size_t number) {
  return {1, {static_cast<std::uint8_t>(number + 1)}};
}
std::string outer_path(std::size_t number) { return fmt::format("/dev/ttyACM{}", number); }

class HallTransport final : public usb::OneAtATimeTransport {
 public:
  HallTransport(std::shared_ptr<Hall> hall, std::size_t number,
                std::unique_ptr<usb::Transport> inner)
      : hall_(std::move(hall)), number_(number), inner_(std::move(inner)) {}
  ~HallTransport() override {
    const Hall::Turn turn(*hall_, number_);
    inner_.reset();
  }
  HallTransport(const HallTransport&) = delete;
  HallTransport& operator=(const HallTransport&) = delete;

  base::Result<> claim_interface(std::uint8_t interface) override {
    const Hall::Turn turn(*hall_, number_);
    return inner_->claim_interface(interface);
  }
  base::Result<> select_alt(std::uint8_t interface, std::uint8_t alt) override {
    const Hall::Turn turn(*hall_, number_);
    return inner_->select_alt(interface, alt);
  }
  base::Result<base::Bytes> configuration() override {
    const Hall::Turn turn(*hall_, number_);
    return inner_->configuration();
  }
  base::Result<std::string> string(std::uint8_t index) override {
    const Hall::Turn turn(*hall_, number_);
    return inner_->string(index);
  }

 protected:
  base::Result<std::size_t> carry_in(const usb::ControlSetup& setup, std::span<std::uint8_t> into,
                                     base::Millis timeout) override {
    const Hall::Turn turn(*hall_, number_);
    return inner_->control_in(setup, into, timeout);
  }
  base::Result<std::size_t> carry_out(const usb::ControlSetup& setup, base::ByteView data,
                                      base::Millis timeout) override {
    const Hall::Turn turn(*hall_, number_);
    return inner_->control_out(setup, data, timeout);
  }

 private:
  std::shared_ptr<Hall> hall_;
  std::size_t number_;
  std::unique_ptr<usb::Transport> inner_;
};

class HallPort final : public serial::Port {
 public:
  HallPort(std::shared_ptr<Hall> hall, std::size_t number, std::unique_ptr<serial::Port> inner)
      : hall_(std::move(hall)), number_(number), inner_(std::move(inner)) {}
  ~HallPort() override {
    const Hall::Turn turn(*hall_, number_);
    inner_.reset();
  }
  HallPort(const HallPort&) = delete;
  HallPort& operator=(const HallPort&) = delete;

  base::Result<> set_baud(std::uint32_t baud) override {
    const Hall::Turn turn(*hall_, number_);
    return inner_->set_baud(baud);
  }
  base::Result<> write(base::ByteView bytes, base::Millis timeout) override {
    const Hall::Turn turn(*hall_, number_);
    return inner_->write(bytes, timeout);
  }
  base::Result<base::Bytes> read(std::size_t most, base::Millis timeout) override {
    const Hall::Turn turn(*hall_, number_);
    return inner_->read(most, timeout);
  }
  void discard_input() override {
    const Hall::Turn turn(*hall_, number_);
    inner_->discard_input();
  }

 private:
  std::shared_ptr<Hall> hall_;
  std::size_t number_;
  std::unique_ptr<serial::Port> inner_;
};

}  // namespace

class HallHost final : public usb::Host {
 public:
  explicit HallHost(std::shared_ptr<Hall> hall) : hall_(std::move(hall)) {}

  base::Result<std::vector<usb::DeviceInfo>> list(std::uint16_t vendor) override {
    std::vector<usb::DeviceInfo> all;
    for (std::size_t number = 0; number < hall_->size(); ++number) {
      Hall::Turn turn(*hall_, number);
      TRY_ASSIGN(auto devices, turn.world().usb().list(vendor));
      for (usb::DeviceInfo& device : devices) {
        device.port = outer_port(number);
        all.push_back(std::move(device));
      }
    }
    return all;
  }

  base::Result<std::unique_ptr<usb::Transport>> open(const usb::DeviceInfo& info) override {
    const std::size_t step = info.port.ports.size() == 1 ? info.port.ports[0] : 0;
    if (info.port.bus != 1 || step == 0 || step > hall_->size()) {
      return base::make_error(base::Errc::device_gone, "no device is on this port");
    }
    Hall::Turn turn(*hall_, step - 1);
    usb::DeviceInfo inner = info;
    inner.port = inner_port();
    TRY_ASSIGN(auto transport, turn.world().usb().open(inner));
    return std::make_unique<HallTransport>(hall_, step - 1, std::move(transport));
  }

  void wait_for_change(base::Millis most, const base::CancelToken& cancel) override {
    // Nobody tells of a change: it is a short wait, which the seam allows.
    constexpr base::Millis kShort{50};
    hall_->clock_->sleep(std::min(most, kShort), cancel);
  }

 private:
  std::shared_ptr<Hall> hall_;
};

class HallPorts final : public serial::Ports {
 public:
  explicit HallPorts(std::shared_ptr<Hall> hall) : hall_(std::move(hall)) {}

  base::Result<std::vector<serial::PortInfo>> list() override {
    std::vector<serial::PortInfo> all;
    for (std::size_t number = 0; number < hall_->size(); ++number) {
      Hall::Turn turn(*hall_, number);
      TRY_ASSIGN(auto ports, turn.world().serial().list());
      for (serial::PortInfo& port : ports) {
        port.usb_port = usb::to_string(outer_port(number));
        port.path = outer_path(number);
        all.push_back(std::move(port));
      }
    }
    return all;
  }

  base::Result<std::unique_ptr<serial::Port>> open(const std::string& path) override {
    for (std::size_t number = 0; number < hall_->size(); ++number) {
      if (path != outer_path(number)) continue;
      Hall::Turn turn(*hall_, number);
      TRY_ASSIGN(const auto ports, turn.world().serial().list());
      if (ports.empty()) break;
      TRY_ASSIGN(auto port, turn.world().serial().open(ports.front().path));
      return std::make_unique<HallPort>(hall_, number, std::move(port));
    }
    return base::make_error(base::Errc::device_gone, path + " is not there");
  }

 private:
  std::shared_ptr<Hall> hall_;
};

base::Result<std::shared_ptr<Hall>> Hall::make(const std::vector<ElectronSpec>& electrons,
                                               const release::Library& library,
                                               base::Clock& clock) {
  if (electrons.empty() || electrons.size() > kMostBoards) {
    return base::make_error(base::Errc::usage,
                            fmt::format("{} virtual Electrons are asked for", electrons.size()),
                            fmt::format("there may be 1 to {}", kMostBoards));
  }
  auto hall = std::make_shared<Hall>(Key{});
  hall->clock_ = &clock;
  for (const ElectronSpec& electron : electrons) {
    auto wire = std::make_unique<OwnWire>();
    TRY_ASSIGN(wire->world, SimWorld::make({electron}, library, VirtualHost::Enumeration::here));
    wire->world->usb().tell_serials();
    wire->seen = clock.now();
    hall->wires_.push_back(std::move(wire));
  }
  return hall;
}

std::unique_ptr<usb::Host> Hall::host() { return std::make_unique<HallHost>(shared_from_this()); }
std::unique_ptr<serial::Ports> Hall::ports() {
  return std::make_unique<HallPorts>(shared_from_this());
}

}  // namespace sim
