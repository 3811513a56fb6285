// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The released bootloaders, out of the release files in ER_FIRMWARE_DIR (scripts/get-firmware):
// those that are files of their own, and those that a system part carries. Each is checked against
// the catalogue's SHA-256; none is ever in the source tree.

#include "base/address_range.h"
#include "base/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace board {

struct Image {
  std::uint16_t version = 0;  // module version
  std::string from;           // the file it was taken from
  base::Bytes bytes;
};

// Oldest first, each version once; empty where no files are.
const std::vector<Image>& released_bootloaders();
// Why there are none, for GTEST_SKIP().
std::string no_images();
// Of this version; null if its file is not there.
const Image* released_bootloader(std::uint16_t version);

struct Part {
  base::AddressRange range;
  base::Bytes bytes;
};
// The released system parts, in the order of the catalogue; empty where one of the files is not
// there.
std::vector<Part> released_parts(std::string_view release);

// The folder with the files; empty if there is none.
std::string firmware_folder();

}  // namespace board
