// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Reading descriptors from a device that may lie about their lengths. What every Transport on real
// transfers does in configuration() and string().

#include "base/bytes.h"
#include "base/result.h"
#include "usb/transport.h"

#include <cstdint>
#include <string>

namespace usb {

// The configuration descriptor with all that belongs to it, wTotalLength bytes, by GET_DESCRIPTOR:
// the first configuration, the only one of the devices meant here. Errors: protocol, and
// transport's.
base::Result<base::Bytes> read_configuration(Transport& transport);

// The string with this index in the only language of the devices meant here (0x0409), fit for a
// terminal. Errors: protocol (among others for index 0, which says that there is no string), and
// transport's.
base::Result<std::string> read_string(Transport& transport, std::uint8_t index);

// The text in a string descriptor (USB 2.0, section 9.6.7) as UTF-8. bLength is not trusted: no
// more is taken than is there. Errors: protocol.
base::Result<std::string> decode_string(base::ByteView descriptor);

}  // namespace usb
