// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Modules made up where no released file is at hand: with the version, size and dependencies of the
// real one, and no firmware in them. The same every time.

#include "base/bytes.h"
#include "platform/platform.h"
#include "release/catalogue.h"

#include <cstdint>
#include <vector>

namespace sim {

// The system parts of a release, in index order 1, 2 (, 3). Empty if its module version is not
// known. Sizes and dependencies from the catalogue, or by the rules of its time (device-os:
// modules/shared/stm32f2xx/part1_build.mk and its neighbours).
std::vector<base::Bytes> synthesise_release(const release::CatalogueRelease& release,
                                            const platform::Platform& platform);

base::Bytes synthesise_bootloader_image(std::uint16_t version, const platform::Platform& platform);

// A small application that any release from 0.4.6 on runs.
base::Bytes synthesise_user_app(const platform::Platform& platform);

// The bootloader that a device at this release has: the one the release installs, else the one of
// its source tree.
std::uint16_t bootloader_of(const release::CatalogueRelease& release);

}  // namespace sim
