// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "usb/one_at_a_time.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace usb_test {

// A device that is one function: what it answers to an IN request.
class FakeTransport final : public usb::OneAtATimeTransport {
 public:
  using Answer = std::function<base::Result<base::Bytes>(const usb::ControlSetup&, std::size_t)>;
  explicit FakeTransport(Answer answer) : answer_(std::move(answer)) {}

  struct Request {
    usb::ControlSetup setup;
    std::size_t length;
  };
  const std::vector<Request>& requests() const { return requests_; }

  base::Result<> claim_interface(std::uint8_t) override { return {}; }
  base::Result<> select_alt(std::uint8_t, std::uint8_t alt) override {
    if (alt > 1) return base::make_error(base::Errc::usb_stall, "no such alternate setting");
    return {};
  }
  base::Result<base::Bytes> configuration() override { return base::Bytes{9, 2, 9, 0}; }
  base::Result<std::string> string(std::uint8_t) override { return std::string("a name"); }

 private:
  base::Result<std::size_t> carry_in(const usb::ControlSetup& setup, std::span<std::uint8_t> into,
                                     base::Millis) override {
    requests_.push_back({setup, into.size()});
    TRY_ASSIGN(const base::Bytes bytes, answer_(setup, into.size()));
    const std::size_t count = std::min(bytes.size(), into.size());
    std::copy_n(bytes.begin(), count, into.begin());
    return count;
  }
  base::Result<std::size_t> carry_out(const usb::ControlSetup& setup, base::ByteView data,
                                      base::Millis) override {
    requests_.push_back({setup, data.size()});
    TRY(answer_(setup, data.size()));
    return data.size();
  }

  Answer answer_;
  std::vector<Request> requests_;
};

}  // namespace usb_test
