// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/exit_code.h"

namespace report {

ExitCode exit_code(base::Errc code) {
  using base::Errc;
  switch (code) {
    case Errc::internal:
      return kInternalError;
    case Errc::usage:
      return kWrongUsage;
    case Errc::no_device:
    case Errc::ambiguous_device:
      return kNoDevice;
    case Errc::bad_file:
    case Errc::bad_module:
      return kBadFile;
    case Errc::refused:
      return kRefused;
    case Errc::access_denied:
      return kNoPermission;
    case Errc::busy:
    case Errc::usb_io:
    case Errc::usb_stall:
    case Errc::device_gone:
    case Errc::protocol:
    case Errc::timeout:
    case Errc::write_failed:
    case Errc::unsupported:
      return kDeviceError;
    case Errc::verify_mismatch:
      return kMismatch;
    case Errc::not_back:
      return kNotBack;
    case Errc::cancelled:
      return kInterrupted;
  }
  return kInternalError;
}

}  // namespace report
