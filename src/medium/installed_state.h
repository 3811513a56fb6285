// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Reading out of flash what is installed: the header and the checksum of every module, and what the
// device configuration tells without its keys (configuration.h). Lengths in headers are never
// believed beyond a slot.

#include "base/result.h"
#include "medium/configuration.h"
#include "medium/flash_image.h"
#include "plan/state.h"

#include <vector>

namespace medium {

// Most bytes that read_slots() asks for: an upper bound for its progress.
std::uint64_t most_to_read(const platform::Platform& platform);

// Of every module slot and the factory place, as much as its header speaks of. What looks damaged
// is forgotten and asked for a second time, to tell a bit that flipped on the way from wrong flash.
base::Result<> read_slots(const platform::Platform& platform, FlashImage& image,
                          const ReadRange& read);

// What is installed by what `image` has: pure. A slot that is not known is left out.
plan::InstalledState state_from_image(const platform::Platform& platform, const FlashImage& image);

// The extents of the modules of `state` that a checksum vouches for.
std::vector<base::AddressRange> vouched_for(const plan::InstalledState& state);

}  // namespace medium
