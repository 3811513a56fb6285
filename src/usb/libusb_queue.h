// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The ControlQueue of a real device, through libusb's asynchronous calls. Results come from the
// context's event thread.

#include "usb/libusb_context.h"
#include "usb/transport.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

struct libusb_device_handle;

namespace usb {

class LibusbQueue final : public ControlQueue {
 public:
  // The handle outlives the queue.
  LibusbQueue(std::shared_ptr<LibusbContext> context, libusb_device_handle* handle);
  // Withdraws what is pending and waits until libusb has let go of it.
  ~LibusbQueue() override;
  LibusbQueue(const LibusbQueue&) = delete;
  LibusbQueue& operator=(const LibusbQueue&) = delete;

  // libusb and the kernel take as many as they are given; this is more than anybody needs.
  std::size_t depth() const override { return 16; }
  void start_in(const ControlSetup& setup, std::size_t length, base::Millis timeout) override;
  void start_out(const ControlSetup& setup, base::ByteView data, base::Millis timeout) override;
  base::Result<std::size_t> finish(std::span<std::uint8_t> into) override;
  std::size_t pending() const override { return entries_.size(); }

 private:
  struct Signal {
    std::mutex mutex;
    std::condition_variable over;
  };
  struct Entry;

  void start(const ControlSetup& setup, std::size_t length, base::ByteView data,
             base::Millis timeout);
  bool is_over(const Entry& entry) const;
  void withdraw_all();

  std::shared_ptr<LibusbContext> context_;
  libusb_device_handle* handle_;
  std::shared_ptr<Signal> signal_ = std::make_shared<Signal>();
  std::deque<std::shared_ptr<Entry>> entries_;
};

}  // namespace usb
