// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The module list as the USB request of type 90 answers it since 1.1.0: a Protocol Buffers message
// (particle-iot/device-os-protobuf: control/storage.proto, GetModuleInfoReply), one field 1 per
// module in its main store: type (1 bootloader, 2 system part, 3 user part, 4 monolithic), index,
// version, size, validity (1: checksum wrong, 2: dependency unmet), dependencies (type, index,
// version). Fields that are 0 are left out.

#include "sim/board/flash_memory.h"
#include "sim/firmware/firmware_profiles.h"

namespace sim {

base::Bytes describe_message(const FlashMemory& flash, const platform::Platform& platform,
                             const SystemProfile& profile);

}  // namespace sim
