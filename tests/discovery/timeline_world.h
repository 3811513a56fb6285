// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A bus that changes by a timetable, in virtual time: what discovery sees of the world.

#include "discovery/device.h"
#include "usb/one_at_a_time.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace discovery::test {

using std::chrono::milliseconds;

class ManualClock final : public base::Clock {
 public:
  base::Instant now() const override { return now_; }
  void sleep(base::Micros duration, const base::CancelToken& cancel) override {
    if (!cancel.requested()) now_ += duration;
  }
  void advance(base::Micros by) { now_ += by; }

 private:
  base::Instant now_{};
};

// One device as the operating system sees it between two moments.
struct Presence {
  base::Micros from{};
  base::Micros until{std::chrono::hours(1)};
  usb::DeviceInfo info;
  std::string serial;                       // string descriptor
  std::string tty;                          // "" while there is no serial port
  std::string second_tty;                   // of the application, on a later interface
  std::string tty_usb_port = "as the bus";  // what the operating system says of it
  base::Micros may_open_from{};
};

class TextTransport final : public usb::OneAtATimeTransport {
 public:
  explicit TextTransport(std::string serial) : serial_(std::move(serial)) {}
  base::Result<std::size_t> carry_in(const usb::ControlSetup&, std::span<std::uint8_t>,
                                     base::Millis) override {
    return base::make_error(base::Errc::usb_stall, "not asked here");
  }
  base::Result<std::size_t> carry_out(const usb::ControlSetup&, base::ByteView,
                                      base::Millis) override {
    return base::make_error(base::Errc::usb_stall, "not asked here");
  }
  base::Result<> claim_interface(std::uint8_t) override { return {}; }
  base::Result<> select_alt(std::uint8_t, std::uint8_t) override { return {}; }
  base::Result<base::Bytes> configuration() override { return base::Bytes(); }
  base::Result<std::string> string(std::uint8_t) override { return serial_; }

 private:
  std::string serial_;
};

class TimelineWorld final : public usb::Host, public serial::Ports {
 public:
  std::vector<Presence> timetable;
  int opened = 0;
  std::vector<usb::PortPath> opened_ports;
  bool tells_serials = false;  // as Linux does
  int listed = 0;

  World world() { return {*this, *this, clock_}; }
  ManualClock& clock() { return clock_; }

  base::Result<std::vector<usb::DeviceInfo>> list(std::uint16_t vendor) override {
    ++listed;
    std::vector<usb::DeviceInfo> infos;
    for (const Presence& p : now()) {
      if (p.info.vendor != vendor) continue;
      infos.push_back(p.info);
      if (tells_serials) infos.back().serial = p.serial;
    }
    return infos;
  }
  base::Result<std::unique_ptr<usb::Transport>> open(const usb::DeviceInfo& info) override {
    ++opened;
    opened_ports.push_back(info.port);
    for (const Presence& p : now()) {
      if (p.info.port != info.port || p.info.address != info.address) continue;
      if (clock_.now() < base::Instant() + p.may_open_from) {
        return base::make_error(base::Errc::access_denied, "no permission to open it");
      }
      return std::unique_ptr<usb::Transport>(std::make_unique<TextTransport>(p.serial));
    }
    return base::make_error(base::Errc::device_gone, "it is gone");
  }
  base::Result<> may_open(const usb::DeviceInfo& info) override {
    for (const Presence& p : now()) {
      if (p.info.port == info.port && clock_.now() < base::Instant() + p.may_open_from) {
        return base::make_error(base::Errc::access_denied, "no permission to open it");
      }
    }
    return {};
  }
  // As a system that tells of arrivals and departures.
  void wait_for_change(base::Millis most, const base::CancelToken&) override {
    base::Instant until = clock_.now() + most;
    for (const Presence& p : timetable) {
      for (const base::Micros edge : {p.from, p.until}) {
        const base::Instant at = base::Instant() + edge;
        if (at > clock_.now()) until = std::min(until, at);
      }
    }
    clock_.advance(until - clock_.now());
  }

  base::Result<std::vector<serial::PortInfo>> list() override {
    std::vector<serial::PortInfo> ports;
    for (const Presence& p : now()) {
      if (p.tty.empty()) continue;
      const std::string bus = usb::to_string(p.info.port);
      serial::PortInfo info{p.tty, p.info.vendor, p.info.product,
                            p.tty_usb_port == "as the bus" ? bus : p.tty_usb_port, p.serial};
      ports.push_back(info);
      if (p.second_tty.empty()) continue;
      info.path = p.second_tty;
      info.usb_interface = 3;
      ports.insert(ports.begin(), info);
    }
    return ports;
  }
  base::Result<std::unique_ptr<serial::Port>> open(const std::string&) override {
    return base::make_error(base::Errc::busy, "not opened here");
  }

 private:
  std::vector<Presence> now() const {
    std::vector<Presence> present;
    for (const Presence& p : timetable) {
      const base::Instant from = base::Instant() + p.from;
      const base::Instant until = base::Instant() + p.until;
      if (from <= clock_.now() && clock_.now() < until) present.push_back(p);
    }
    return present;
  }

  ManualClock clock_;
};

inline const platform::Platform& electron() { return platform::electron(); }

inline Presence in_dfu(int port, std::string serial = "00000000010C") {
  Presence p;
  p.info.port = {1, {static_cast<std::uint8_t>(port)}};
  p.info.vendor = electron().usb.vendor;
  p.info.product = electron().usb.dfu_product;
  p.info.serial_string = 3;
  p.info.address = static_cast<std::uint8_t>(10 + port);
  p.serial = std::move(serial);
  return p;
}

inline Presence running(int port, std::string tty, std::string serial = "00000000050C") {
  Presence p = in_dfu(port, std::move(serial));
  p.info.product = electron().usb.serial_product;
  p.info.address = static_cast<std::uint8_t>(30 + port);
  p.tty = std::move(tty);
  return p;
}

inline Presence between(Presence p, base::Micros from, base::Micros until) {
  p.from = from;
  p.until = until;
  return p;
}

}  // namespace discovery::test
