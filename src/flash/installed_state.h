// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Reading out of flash what is installed: the header and the checksum of every module. The device
// configuration (keys) is never read here, and lengths in headers are never believed beyond a slot.

#include "base/cancel.h"
#include "dfu/dfuse.h"
#include "flash/flash_image.h"
#include "plan/state.h"

namespace flash {

// Reads the part of `range` that `image` does not have. Errors: the transport's, cancelled.
base::Result<> read_into(dfu::DfuseTarget& target, FlashImage& image, base::AddressRange range,
                         const dfu::Progress& progress, const base::CancelToken& cancel);

// Most bytes that read_installed_state() reads: an upper bound for its progress.
std::uint64_t most_to_read(const platform::Platform& platform);

// Every module slot and the factory image. What looks damaged is read a second time, to tell a bit
// that flipped on the way from wrong flash. Progress counts bytes. Errors: the transport's,
// cancelled.
base::Result<plan::InstalledState> read_installed_state(dfu::DfuseTarget& target,
                                                        const platform::Platform& platform,
                                                        FlashImage& image,
                                                        const dfu::Progress& progress,
                                                        const base::CancelToken& cancel);

// The same out of what `image` has already: pure. A slot that is not known is left out.
plan::InstalledState state_from_image(const platform::Platform& platform, const FlashImage& image);

}  // namespace flash
