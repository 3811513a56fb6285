// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A serial port whose other end is a function of the test, and the time both live in.

#include "serial/port.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace serial_test {

class ManualClock final : public base::Clock {
 public:
  base::Instant now() const override { return now_; }
  void sleep(base::Micros duration, const base::CancelToken&) override { now_ += duration; }

 private:
  base::Instant now_{};
};

class ScriptedPort final : public serial::Port {
 public:
  explicit ScriptedPort(ManualClock& clock) : clock_(&clock) {}

  // What the device does with bytes that it takes; it answers with say().
  std::function<void(std::string_view)> on_bytes = [](std::string_view) {};
  // What becomes of the N-th byte on the way to the device (from 0); and from it.
  std::function<std::string(std::size_t, char)> to_device;
  std::function<std::string(std::size_t, char)> from_device;
  bool takes_bytes = true;
  std::string written;  // everything the host wrote

  void say(std::string_view text) { say_later(text, base::Micros(0)); }
  void say_later(std::string_view text, base::Micros delay) {
    coming_.emplace_back(clock_->now() + delay, damaged(text, from_device, heard_));
  }
  // Everything said before is still read.
  void vanish() { gone_ = true; }
  // Runs when the host has waited until `delay` from now.
  void later(base::Micros delay, std::function<void()> what) {
    timers_.emplace_back(clock_->now() + delay, std::move(what));
  }

  base::Result<> set_baud(std::uint32_t) override { return gone_ ? gone() : base::Result<>(); }

  base::Result<> write(base::ByteView bytes, base::Millis timeout) override {
    if (gone_) return gone();
    if (!takes_bytes) {
      pass(timeout);
      return base::make_error(base::Errc::timeout, "not taken");
    }
    const std::string text = base::as_text(bytes);
    written += text;
    on_bytes(damaged(text, to_device, sent_));
    return {};
  }

  base::Result<base::Bytes> read(std::size_t most, base::Millis timeout) override {
    const base::Instant end = clock_->now() + timeout;
    while (true) {
      if (!coming_.empty() && coming_.front().first <= clock_->now()) {
        std::string& text = coming_.front().second;
        const std::string part = text.substr(0, most);
        text.erase(0, part.size());
        if (text.empty()) coming_.pop_front();
        if (part.empty()) continue;
        const base::ByteView view = base::as_bytes(part);
        return base::Bytes(view.begin(), view.end());
      }
      if (gone_ && coming_.empty()) return gone();
      if (clock_->now() >= end) return base::make_error(base::Errc::timeout, "nothing");
      pass(std::min<base::Micros>(end - clock_->now(), base::Millis(1)));
    }
  }

  void discard_input() override {
    while (!coming_.empty() && coming_.front().first <= clock_->now()) coming_.pop_front();
  }

 private:
  static base::Error gone() { return base::make_error(base::Errc::device_gone, "gone"); }

  static std::string damaged(std::string_view text,
                             const std::function<std::string(std::size_t, char)>& how,
                             std::size_t& count) {
    std::string result;
    for (const char c : text) {
      const std::size_t number = count++;
      if (how) {
        result += how(number, c);
      } else {
        result += c;
      }
    }
    return result;
  }

  void pass(base::Micros time) {
    const base::CancelToken never;
    clock_->sleep(time, never);
    for (std::size_t i = 0; i < timers_.size();) {
      if (timers_[i].first > clock_->now()) {
        ++i;
        continue;
      }
      const auto what = std::move(timers_[i].second);
      timers_.erase(timers_.begin() + static_cast<std::ptrdiff_t>(i));
      what();
    }
  }

  ManualClock* clock_;
  std::deque<std::pair<base::Instant, std::string>> coming_;
  std::deque<std::pair<base::Instant, std::function<void()>>> timers_;
  std::size_t sent_ = 0;
  std::size_t heard_ = 0;
  bool gone_ = false;
};

}  // namespace serial_test
