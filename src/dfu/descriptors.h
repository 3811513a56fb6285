// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>

namespace dfu {

// A DFU-mode interface as the configuration descriptor tells it (USB DFU 1.1, section 4.2).
struct Interface {
  std::uint8_t number = 0;
  std::uint8_t alt = 0;
  std::uint8_t name_string = 0;  // iInterface: the memory map, by ST's extension
  bool can_download = false;
  bool can_upload = false;
  std::uint16_t transfer_size = 0;
};

// The DFU-mode interface with alternate setting `alt`. The functional descriptor may stand after
// any of the alternate settings: the Electron's comes once, after the last. The bytes come from a
// device and are not trusted. Errors: protocol.
base::Result<Interface> find_interface(base::ByteView configuration, std::uint8_t alt);

}  // namespace dfu
