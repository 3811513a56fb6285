// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The module list as a device in listening mode answers it to a USB request since 1.1.0: a Protocol
// Buffers message (particle-iot/device-os-protobuf: control/storage.proto, GetModuleInfoReply). It
// tells of each module in its main store what the console's `s` tells, but neither the size of the
// store nor an application's SHA-256.

#include "base/bytes.h"
#include "base/result.h"
#include "serial/console_text.h"

#include <vector>

namespace way {

// Whatever a device sent. Errors: protocol.
base::Result<std::vector<serial::DescribedModule>> parse_module_message(base::ByteView bytes);

}  // namespace way
