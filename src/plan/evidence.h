// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What is known of the contents of a module's place, and how sure that is. A device in DFU mode is
// read; one that runs is asked, and an answer names a version, not bytes.

#include "firmware/module.h"

#include <array>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace plan {

// Erased: every byte that was read is 0xFF.
struct Blank {
  bool operator==(const Blank&) const = default;
};

// Something is there, and it is not whole: header, range, platform or checksum is wrong.
struct Corrupt {
  // As the firmware would see it, which looks at no checksum; none: not known, or there is none.
  std::optional<firmware::ModuleHeader> header;
  std::vector<firmware::Problem> problems;
  bool operator==(const Corrupt&) const = default;
};

// Somebody named it: the running device, or a person who says which release is there.
struct Told {
  std::uint16_t version = 0;
  bool passed = true;  // its checksum, range and platform are right, as it was told
  std::array<firmware::Dependency, 2> dependencies{};
  std::optional<base::Sha256> sha256;  // of an application's suffix; system parts tell none
  std::vector<firmware::Problem> problems;
  bool operator==(const Told&) const = default;
};

// Read and found whole: header right for the place, checksum right.
struct Read {
  firmware::ModuleHeader header;
  std::uint32_t header_offset = 0;
  std::uint32_t crc32 = 0;
  std::optional<firmware::Product> product = {};  // of an application
  bool operator==(const Read&) const = default;
};

using Seen = std::variant<Blank, Corrupt, Told, Read>;

enum class Sameness { same, different, cannot_tell };

// Is the very module `wanted` what was seen? Only bytes prove bytes: a version that was told proves
// no system part and no bootloader. Whoever is not told "same" writes.
Sameness compare(const Seen& seen, const firmware::CheckedModule& wanted);

// The short form of Seen: `valid` for what is whole, as read or as told.
enum class Health { blank, corrupt, valid };

// The place of a module, and what is in it.
struct InstalledModule {
  platform::ModuleId id;
  Seen seen = Blank{};

  Health health() const;
  bool blank() const { return std::holds_alternative<Blank>(seen); }
  bool valid() const { return health() == Health::valid; }
  // Null unless its bytes were read and are right.
  const Read* read() const { return std::get_if<Read>(&seen); }
  // What it says, if it says anything: 0 and no dependencies for what is blank or has no header.
  std::uint16_t version() const;
  std::array<firmware::Dependency, 2> dependencies() const;
  // As it lies there, of Read and Corrupt; null if nobody has seen one.
  const firmware::ModuleHeader* header() const;
  std::vector<firmware::Problem> problems() const;
  bool operator==(const InstalledModule&) const = default;
};

// What a place holds once `module` has been written to it and read back.
InstalledModule installed(const firmware::CheckedModule& module);

}  // namespace plan
