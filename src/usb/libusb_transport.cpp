// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/libusb_transport.h"

#include "usb/descriptors.h"
#include "usb/libusb_error.h"

#include <fmt/format.h>
#include <libusb.h>

#include <algorithm>
#include <limits>

namespace usb {
namespace {

// To libusb a timeout of 0 means: for ever.
unsigned int milliseconds(base::Millis timeout) {
  constexpr base::Millis::rep kMost = std::numeric_limits<int>::max();
  return static_cast<unsigned int>(std::clamp<base::Millis::rep>(timeout.count(), 1, kMost));
}

base::Result<std::size_t> transfer(libusb_device_handle* handle, const ControlSetup& setup,
                                   unsigned char* data, std::size_t length, base::Millis timeout) {
  if (length > std::numeric_limits<std::uint16_t>::max()) {
    return base::make_error(base::Errc::internal,
                            fmt::format("a control transfer of {} bytes", length));
  }
  const int moved =
      libusb_control_transfer(handle, setup.request_type, setup.request, setup.value, setup.index,
                              data, static_cast<std::uint16_t>(length), milliseconds(timeout));
  if (moved < 0) return error_from_libusb(moved, {});
  return static_cast<std::size_t>(moved);
}

}  // namespace

LibusbTransport::LibusbTransport(std::shared_ptr<libusb_context> context,
                                 libusb_device_handle* handle)
    : context_(std::move(context)),
      handle_(handle),
      queue_(std::make_unique<LibusbQueue>(context_.get(), handle)) {
  // Where a kernel driver could hold the interface and cannot be detached, claiming it says so.
  libusb_set_auto_detach_kernel_driver(handle_, 1);
}

LibusbTransport::~LibusbTransport() {
  queue_.reset();
  libusb_close(handle_);
}

base::Result<std::size_t> LibusbTransport::control_in(const ControlSetup& setup,
                                                      std::span<std::uint8_t> into,
                                                      base::Millis timeout) {
  return transfer(handle_, setup, into.data(), into.size(), timeout);
}

base::Result<std::size_t> LibusbTransport::control_out(const ControlSetup& setup,
                                                       base::ByteView data, base::Millis timeout) {
  // libusb's parameter serves both directions; for this one it only reads.
  return transfer(handle_, setup, const_cast<unsigned char*>(data.data()), data.size(), timeout);
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
