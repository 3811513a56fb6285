// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the device configuration (DCT) tells without its keys: whether there are any, and whether it
// names a factory application. Two copies of it lie in two sectors, one of them live (device-os
// v0.6.4: dct.h, v0.7.0: services/inc/dcd.h). No byte that is secret is read for it.

#include "base/result.h"
#include "medium/flash_image.h"
#include "plan/state.h"
#include "platform/platform.h"

#include <functional>
#include <optional>

namespace medium {

// Makes sure that an image has the range. Errors: the transport's, cancelled.
using ReadRange = std::function<base::Result<>(base::AddressRange)>;

// What update slot 0 names: an image, and where the bootloader copies it to (device-os v0.6.4:
// flash_mal.h).
struct FactorySlot {
  base::AddressRange image;
  std::uint32_t destination = 0;
};

struct ConfigurationFacts {
  plan::Configuration state = plan::Configuration::unknown;
  bool slot_known = false;             // then `factory` means something
  std::optional<FactorySlot> factory;  // none: no factory application is registered
};

// Of both copies the seal, and of a live one the factory slot and the first bytes of the device's
// key, which are the same in every key. What makes no sense is asked for a second time.
base::Result<> read_configuration(const platform::Platform& platform, FlashImage& image,
                                  const ReadRange& read);

// By what `image` has: pure.
ConfigurationFacts configuration_from_image(const platform::Platform& platform,
                                            const FlashImage& image);

}  // namespace medium
