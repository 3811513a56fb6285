// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/result.h"

namespace base {

std::string_view name(Errc code) {
  switch (code) {
    case Errc::internal:
      return "internal";
    case Errc::usage:
      return "usage";
    case Errc::no_device:
      return "no-device";
    case Errc::ambiguous_device:
      return "ambiguous-device";
    case Errc::bad_file:
      return "bad-file";
    case Errc::bad_module:
      return "bad-module";
    case Errc::refused:
      return "refused";
    case Errc::access_denied:
      return "access-denied";
    case Errc::busy:
      return "busy";
    case Errc::usb_io:
      return "usb-io";
    case Errc::usb_stall:
      return "usb-stall";
    case Errc::device_gone:
      return "device-gone";
    case Errc::protocol:
      return "protocol";
    case Errc::timeout:
      return "timeout";
    case Errc::write_failed:
      return "write-failed";
    case Errc::verify_mismatch:
      return "verify-mismatch";
    case Errc::not_back:
      return "not-back";
    case Errc::cancelled:
      return "cancelled";
    case Errc::unsupported:
      return "unsupported";
  }
  return "internal";
}

Error make_error(Errc code, std::string message, std::string hint) {
  return {code, std::string(name(code)), std::move(message), std::move(hint)};
}

Error make_error(Errc code, std::string id, std::string message, std::string hint) {
  return {code, std::move(id), std::move(message), std::move(hint)};
}

Error in_context(Error error, std::string_view context) {
  error.message = std::string(context) + ": " + error.message;
  return error;
}

}  // namespace base
