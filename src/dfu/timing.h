// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// How long the device may take. Flash times are the greatest of the STM32F205 datasheet (DS6329,
// flash memory programming, 32-bit parallelism, 2.7 to 3.6 V): programming a word 100 us, erasing
// 128 KiB 2 s.

#include "base/clock.h"

namespace dfu {

// A request that starts no work in flash, its data included (4096 bytes take 5 ms at full speed).
inline constexpr base::Millis kRequestTimeout{3000};

// GETSTATUS that runs an erase: 2 s, before it option bytes where the sector is write-protected
// (erased and programmed like a small sector), and as much again for worn flash.
inline constexpr base::Millis kEraseTimeout{6000};

// GETSTATUS that programs 4096 bytes: 1024 words of 100 us, twice in each of up to three passes
// (device-os v0.5.0: usbd_flash_if.c), verification, and as much again and more.
inline constexpr base::Millis kProgramTimeout{3000};

// After an operation whose GETSTATUS was lost: how long the device may stay silent until it is
// given up. Longer than any operation that may still be running.
inline constexpr base::Millis kSettleTimeout{8000};

// No wait that a device asks for is longer than this; bwPollTimeout may say 4.6 hours.
inline constexpr base::Millis kLongestPoll = kEraseTimeout;

// Between two questions to a device that does not answer yet.
inline constexpr base::Millis kSettlePause{50};

}  // namespace dfu
