// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The one thread that handles libusb's events, for all devices of the process.

#include "base/clock.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace usb {

class EventLoop {
 public:
  // Waits for events and handles them; true if that went well. Called again and again.
  using Handle = std::function<bool()>;
  // Makes a handle() that waits come back, also one that is only about to wait.
  using Interrupt = std::function<void()>;
  EventLoop(Handle handle, Interrupt interrupt);
  // Returns when handle() has returned for the last time.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // handle() has failed for a while without once going well: what waits for an event may wait for
  // ever.
  bool is_stuck() const { return failures_.load() >= kStuck; }

 private:
  // An error that lasts must not take the processor: after each one there is a pause.
  static constexpr base::Millis kPause{50};
  static constexpr std::uint64_t kStuck = 20;  // failures in a row: about a second

  void run();

  Handle handle_;
  Interrupt interrupt_;
  std::atomic<std::uint64_t> failures_{0};
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace usb
