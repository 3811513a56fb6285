// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/libusb_error.h"

#include "os/advice.h"

#include <fmt/format.h>
#include <libusb.h>

namespace usb {
namespace {

using base::Errc;

struct Meaning {
  int code;
  Errc kind;
  std::string_view message;
  std::string_view hint;
};

constexpr Meaning kMeanings[] = {
    {LIBUSB_ERROR_ACCESS, Errc::access_denied, "no permission to use the USB device", ""},
    {LIBUSB_ERROR_NO_DEVICE, Errc::device_gone, "the device is no longer there",
     "check the cable and the device's power"},
    {LIBUSB_ERROR_PIPE, Errc::usb_stall, "the device refuses the request (STALL)", ""},
    {LIBUSB_ERROR_TIMEOUT, Errc::timeout, "the device does not answer",
     "unplug the device, bring it back to DFU mode and try again"},
    {LIBUSB_ERROR_BUSY, Errc::busy, "another program is using the device",
     "close it (dfu-util, particle, another electron-rescue) and try again"},
    {LIBUSB_ERROR_NOT_FOUND, Errc::protocol, "the device has no such interface or setting", ""},
    {LIBUSB_ERROR_NOT_SUPPORTED, Errc::unsupported,
     "this computer's USB driver for the device cannot do it", ""},
    {LIBUSB_ERROR_IO, Errc::usb_io, "the USB transfer failed",
     "check the cable; use another port, without a hub"},
    {LIBUSB_ERROR_OVERFLOW, Errc::usb_io, "the device sent more than was asked for",
     "unplug the device, plug it in again and try again"},
};

}  // namespace

base::Error error_from_libusb(int code, std::string_view doing) {
  base::Error error;
  for (const Meaning& meaning : kMeanings) {
    if (meaning.code != code) continue;
    std::string_view hint = meaning.hint;
    if (code == LIBUSB_ERROR_ACCESS) hint = os::advice().access;
    if (code == LIBUSB_ERROR_NOT_SUPPORTED) hint = os::advice().no_driver;
    error = base::make_error(meaning.kind, std::string(meaning.message), std::string(hint));
  }
  if (error.message.empty()) {
    error = base::make_error(Errc::usb_io,
                             fmt::format("the USB transfer failed ({})", libusb_error_name(code)),
                             "check the cable; use another port, without a hub");
  }
  return doing.empty() ? error : base::in_context(std::move(error), doing);
}

}  // namespace usb
