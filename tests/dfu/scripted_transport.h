// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A usb::Transport that expects a list of requests, written as a protocol analyser would print
// them, and answers each as the list says.

#include "base/bytes.h"
#include "base/clock.h"
#include "usb/one_at_a_time.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dfu_test {

// Moves only when somebody sleeps or waits for an answer that does not come.
class StepClock final : public base::Clock {
 public:
  base::Instant now() const override { return now_; }
  void sleep(base::Micros duration, const base::CancelToken&) override {
    slept_ += duration;
    now_ += duration;
  }
  void pass(base::Micros duration) { now_ += duration; }
  base::Micros slept() const { return slept_; }

 private:
  base::Instant now_{};
  base::Micros slept_{0};
};

// "DNLOAD 0 4100000208" (a command), "DNLOAD 2 [4096]" (data), "UPLOAD 2 [4096]", "GETSTATUS",
// "CLRSTATUS", "GETSTATE", "ABORT", "CLAIM 0", "ALT 0 0", "CONFIGURATION", "STRING 6".
struct Exchange {
  std::string request;
  base::Bytes answer = {};
  std::optional<base::Errc> error = {};
};

inline base::Bytes status(std::uint8_t state, std::uint32_t poll = 0, std::uint8_t code = 0) {
  return {code,
          static_cast<std::uint8_t>(poll),
          static_cast<std::uint8_t>(poll >> 8),
          static_cast<std::uint8_t>(poll >> 16),
          state,
          0};
}

class ScriptedTransport final : public usb::OneAtATimeTransport {
 public:
  ScriptedTransport(StepClock& clock, std::vector<Exchange> script)
      : clock_(&clock), script_(script.begin(), script.end()) {}
  ~ScriptedTransport() override {
    for (const Exchange& missing : script_) ADD_FAILURE() << "never asked: " << missing.request;
  }

  void then(std::vector<Exchange> more) { script_.insert(script_.end(), more.begin(), more.end()); }
  bool done() const { return script_.empty(); }
  // The timeout that was given with the request at this place of the script, from 0.
  base::Millis timeout(std::size_t number) const { return timeouts_.at(number); }
  // What the DNLOADs of data blocks have carried, one after the other.
  const base::Bytes& downloaded() const { return downloaded_; }

  base::Result<> claim_interface(std::uint8_t interface) override {
    TRY(next(fmt::format("CLAIM {}", interface), base::Millis(0)));
    return {};
  }
  base::Result<> select_alt(std::uint8_t interface, std::uint8_t alt) override {
    TRY(next(fmt::format("ALT {} {}", interface, alt), base::Millis(0)));
    return {};
  }
  base::Result<base::Bytes> configuration() override {
    return next("CONFIGURATION", base::Millis(0));
  }
  base::Result<std::string> string(std::uint8_t index) override {
    TRY_ASSIGN(const base::Bytes answer, next(fmt::format("STRING {}", index), base::Millis(0)));
    return base::as_text(answer);
  }

 private:
  base::Result<std::size_t> carry_in(const usb::ControlSetup& setup, std::span<std::uint8_t> into,
                                     base::Millis timeout) override {
    const std::string length = fmt::format(" {} [{}]", setup.value, into.size());
    TRY_ASSIGN(const base::Bytes answer,
               next(setup.request == 2 ? "UPLOAD" + length : name(setup), timeout));
    const std::size_t count = std::min(answer.size(), into.size());
    std::copy_n(answer.begin(), count, into.begin());
    return count;
  }
  base::Result<std::size_t> carry_out(const usb::ControlSetup& setup, base::ByteView data,
                                      base::Millis timeout) override {
    std::string request = name(setup);
    if (setup.request == 1) {
      request += fmt::format(" {}", setup.value);
      if (!data.empty() && setup.value == 0) request += " " + base::to_hex(data);
      if (setup.value != 0) request += fmt::format(" [{}]", data.size());
      if (setup.value >= 2) downloaded_.insert(downloaded_.end(), data.begin(), data.end());
    }
    TRY(next(request, timeout));
    return data.size();
  }
  static std::string name(const usb::ControlSetup& setup) {
    constexpr const char* kNames[] = {"DETACH",    "DNLOAD",   "UPLOAD", "GETSTATUS",
                                      "CLRSTATUS", "GETSTATE", "ABORT"};
    const bool in = setup.request == 2 || setup.request == 3 || setup.request == 5;
    EXPECT_EQ(setup.request_type, in ? 0xA1 : 0x21);
    EXPECT_EQ(setup.index, 0);
    return setup.request < 7 ? kNames[setup.request] : fmt::format("request {}", setup.request);
  }

  base::Result<base::Bytes> next(const std::string& request, base::Millis timeout) {
    timeouts_.push_back(timeout);
    if (script_.empty()) {
      ADD_FAILURE() << "one request too many: " << request;
      return base::make_error(base::Errc::device_gone, "the script is over");
    }
    const Exchange exchange = std::move(script_.front());
    script_.pop_front();
    EXPECT_EQ(request, exchange.request);
    if (!exchange.error) return exchange.answer;
    if (*exchange.error == base::Errc::timeout) clock_->pass(timeout);
    return base::make_error(*exchange.error, "as the script says");
  }

  StepClock* clock_;
  std::deque<Exchange> script_;
  std::vector<base::Millis> timeouts_;
  base::Bytes downloaded_;
};

}  // namespace dfu_test
