// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/event_loop.h"

#include <utility>

namespace usb {

EventLoop::EventLoop(Handle handle, Interrupt interrupt)
    : handle_(std::move(handle)), interrupt_(std::move(interrupt)), thread_([this] { run(); }) {}

EventLoop::~EventLoop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    stopped_.notify_all();
  }
  interrupt_();
  thread_.join();
}

void EventLoop::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    lock.unlock();
    const bool good = handle_();
    failures_ = good ? 0 : failures_ + 1;
    lock.lock();
    if (!good) stopped_.wait_for(lock, kPause, [this] { return stop_; });
  }
}

}  // namespace usb
