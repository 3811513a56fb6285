// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <string_view>

namespace dfu_test {

// The configuration descriptor of every Electron bootloader (device-os usbd_dfu_core.c).
inline base::Bytes electron_configuration() {
  return base::from_hex(
      "09022400010102c032"
      "0904000000fe010206"
      "0904000100fe010207"
      "09210bff0000101a01");
}

inline constexpr std::string_view kElectronMap =
    "@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg";

}  // namespace dfu_test
