// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "usb/transport.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace usb_test {

// A device that is one function: what it answers to an IN request. Queued transfers are carried out
// when their results are asked for.
class FakeTransport final : public usb::Transport, private usb::ControlQueue {
 public:
  using Answer = std::function<base::Result<base::Bytes>(const usb::ControlSetup&, std::size_t)>;
  explicit FakeTransport(Answer answer) : answer_(std::move(answer)) {}

  struct Request {
    usb::ControlSetup setup;
    std::size_t length;
  };
  const std::vector<Request>& requests() const { return requests_; }

  base::Result<std::size_t> control_in(const usb::ControlSetup& setup, std::span<std::uint8_t> into,
                                       base::Millis) override {
    requests_.push_back({setup, into.size()});
    TRY_ASSIGN(const base::Bytes bytes, answer_(setup, into.size()));
    const std::size_t count = std::min(bytes.size(), into.size());
    std::copy_n(bytes.begin(), count, into.begin());
    return count;
  }
  base::Result<std::size_t> control_out(const usb::ControlSetup& setup, base::ByteView data,
                                        base::Millis) override {
    requests_.push_back({setup, data.size()});
    TRY(answer_(setup, data.size()));
    return data.size();
  }
  usb::ControlQueue* queue() override { return this; }
  base::Result<> claim_interface(std::uint8_t) override { return {}; }
  base::Result<> select_alt(std::uint8_t, std::uint8_t alt) override {
    if (alt > 1) return base::make_error(base::Errc::usb_stall, "no such alternate setting");
    return {};
  }
  base::Result<base::Bytes> configuration() override { return base::Bytes{9, 2, 9, 0}; }
  base::Result<std::string> string(std::uint8_t) override { return std::string("a name"); }

 private:
  struct Queued {
    usb::ControlSetup setup;
    std::size_t length;
  };

  void start_in(const usb::ControlSetup& setup, std::size_t length, base::Millis) override {
    queued_.push_back({setup, length});
  }
  void start_out(const usb::ControlSetup& setup, base::ByteView data, base::Millis) override {
    queued_.push_back({setup, data.size()});
  }
  base::Result<std::size_t> finish(std::span<std::uint8_t> into) override {
    const Queued one = queued_.front();
    queued_.erase(queued_.begin());
    requests_.push_back({one.setup, one.length});
    TRY_ASSIGN(const base::Bytes bytes, answer_(one.setup, one.length));
    const std::size_t count = std::min(bytes.size(), into.size());
    std::copy_n(bytes.begin(), count, into.begin());
    return (one.setup.request_type & 0x80U) != 0 ? count : one.length;
  }
  std::size_t pending() const override { return queued_.size(); }

  Answer answer_;
  std::vector<Request> requests_;
  std::vector<Queued> queued_;
};

}  // namespace usb_test
