// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A ControlQueue on a real device, through libusb's asynchronous calls.

#include "usb/transport.h"

#include <deque>
#include <memory>

struct libusb_context;
struct libusb_device_handle;

namespace usb {

class LibusbQueue final : public ControlQueue {
 public:
  // Both outlive the queue.
  LibusbQueue(libusb_context* context, libusb_device_handle* handle);
  // Withdraws what is pending and waits until libusb has let go of it.
  ~LibusbQueue() override;
  LibusbQueue(const LibusbQueue&) = delete;
  LibusbQueue& operator=(const LibusbQueue&) = delete;

  void start_in(const ControlSetup& setup, std::size_t length, base::Millis timeout) override;
  void start_out(const ControlSetup& setup, base::ByteView data, base::Millis timeout) override;
  base::Result<std::size_t> finish(std::span<std::uint8_t> into) override;
  std::size_t pending() const override { return entries_.size(); }

 private:
  struct Entry;

  void start(const ControlSetup& setup, std::size_t length, base::ByteView data,
             base::Millis timeout);
  void wait_for(Entry& entry, const base::Millis* timeout);
  void withdraw_all();

  libusb_context* context_;
  libusb_device_handle* handle_;
  std::deque<std::unique_ptr<Entry>> entries_;
};

}  // namespace usb
