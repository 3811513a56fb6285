// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A Transport on a real device, through libusb.

#include "usb/libusb_queue.h"
#include "usb/transport.h"

#include <memory>

struct libusb_context;
struct libusb_device_handle;

namespace usb {

class LibusbTransport final : public Transport {
 public:
  // Takes the open handle and closes it at the end; holds the context that it belongs to.
  LibusbTransport(std::shared_ptr<libusb_context> context, libusb_device_handle* handle);
  ~LibusbTransport() override;
  LibusbTransport(const LibusbTransport&) = delete;
  LibusbTransport& operator=(const LibusbTransport&) = delete;

  base::Result<std::size_t> control_in(const ControlSetup& setup, std::span<std::uint8_t> into,
                                       base::Millis timeout) override;
  base::Result<std::size_t> control_out(const ControlSetup& setup, base::ByteView data,
                                        base::Millis timeout) override;
  ControlQueue* queue() override { return queue_.get(); }
  base::Result<> claim_interface(std::uint8_t interface) override;
  base::Result<> select_alt(std::uint8_t interface, std::uint8_t alt) override;
  base::Result<base::Bytes> configuration() override;
  base::Result<std::string> string(std::uint8_t index) override;

 private:
  std::shared_ptr<libusb_context> context_;
  libusb_device_handle* handle_;
  std::unique_ptr<LibusbQueue> queue_;
};

}  // namespace usb
