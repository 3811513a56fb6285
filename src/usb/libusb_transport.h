// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A Transport on a real device, through libusb.

#include "usb/libusb_queue.h"
#include "usb/transport.h"

#include <memory>
#include <optional>

struct libusb_device_handle;

namespace usb {

class LibusbTransport final : public Transport {
 public:
  // Takes the open handle and closes it at the end; holds the context that it belongs to.
  LibusbTransport(std::shared_ptr<LibusbContext> context, libusb_device_handle* handle);
  ~LibusbTransport() override;
  LibusbTransport(const LibusbTransport&) = delete;
  LibusbTransport& operator=(const LibusbTransport&) = delete;

  ControlQueue& queue() override { return *queue_; }
  base::Result<> claim_interface(std::uint8_t interface) override;
  base::Result<> select_alt(std::uint8_t interface, std::uint8_t alt) override;
  base::Result<base::Bytes> configuration() override;
  base::Result<std::string> string(std::uint8_t index) override;

 private:
  std::shared_ptr<LibusbContext> context_;
  libusb_device_handle* handle_;
  std::optional<LibusbQueue> queue_;
};

}  // namespace usb
