// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/libusb_transport.h"

#include "usb/descriptors.h"
#include "usb/libusb_error.h"

#include <fmt/format.h>
#include <libusb.h>

#include <utility>

namespace usb {

LibusbTransport::LibusbTransport(std::shared_ptr<LibusbContext> context,
                                 libusb_device_handle* handle)
    : context_(std::move(context)), handle_(handle) {
  queue_.emplace(context_, handle);
  // Where a kernel driver could hold the interface and cannot be detached, claiming it says so.
  libusb_set_auto_detach_kernel_driver(handle_, 1);
}

LibusbTransport::~LibusbTransport() {
  queue_.reset();
  libusb_close(handle_);
}

base::Result<> LibusbTransport::claim_interface(std::uint8_t interface) {
  const int result = libusb_claim_interface(handle_, interface);
  if (result < 0) {
    return error_from_libusb(result, fmt::format("claiming interface {}", interface));
  }
  return {};
}

base::Result<> LibusbTransport::select_alt(std::uint8_t interface, std::uint8_t alt) {
  const int result = libusb_set_interface_alt_setting(handle_, interface, alt);
  if (result < 0) {
    return error_from_libusb(result, fmt::format("selecting alternate setting {}", alt));
  }
  return {};
}

base::Result<base::Bytes> LibusbTransport::configuration() { return read_configuration(*this); }

base::Result<std::string> LibusbTransport::string(std::uint8_t index) {
  return read_string(*this, index);
}

}  // namespace usb
