// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Makes module images: whole, right, and without any firmware in them. For the virtual Electron
// (releases whose files are not at hand) and for tests.

#include "firmware/module.h"

#include <array>

namespace firmware {

struct BuildRequest {
  platform::ModuleId id{};
  std::uint16_t version = 1;
  Dependency dependency1{};
  Dependency dependency2{};
  std::uint32_t size = 1024;  // of the file, CRC included; rounded up to a multiple of 4
  std::uint32_t seed = 0;     // of the pseudo-random filling
};

// A module image for `platform`, with vector table (bootloader, system parts 1 and 2), header,
// suffix and checksums. A size too small for them is raised to the smallest possible; the size must
// fit the slot, and the platform must have one for the module. Monolithic firmware begins in the
// slot of system part 1 and may reach over the others.
base::Bytes build(const BuildRequest& request, const platform::Platform& platform);

// The header's 24 bytes for an image.
std::array<std::uint8_t, 24> encode(const ModuleHeader& header);

// Computes suffix and CRC of `image` anew, after a change to its header or content. Leaves an image
// alone whose header does not fit it.
void seal(base::Bytes& image);

}  // namespace firmware
