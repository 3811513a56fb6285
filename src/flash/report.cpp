// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/report.h"

namespace flash {

std::string_view name(ConfirmedBy by) {
  switch (by) {
    case ConfirmedBy::none:
      return "none";
    case ConfirmedBy::dfu:
      return "dfu";
    case ConfirmedBy::listening:
      return "listening";
    case ConfirmedBy::enumeration:
      return "enumeration";
  }
  return "none";
}

}  // namespace flash
