// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a console sends, read. CONSOLE.md shows the answers of every generation. Pure functions on
// whatever a device sent: text may be partial, garbled or hostile. A device secret that is in the
// text does not leave them.

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace serial {

// Answer to `i`. Fields that the device did not give are empty.
struct Identity {
  std::string device_id;  // 24 hexadecimal digits, lower case
  std::string imei;
  std::string iccid;
  std::string radio;  // version of the cell radio's firmware, since 2.1.0
  bool operator==(const Identity&) const = default;
};

// Bits of "vc" and "vv" (device-os v2.3.1: services/inc/module_info.h).
enum ValidityBit : std::uint32_t {
  kIntegrity = 2,
  kDependencies = 4,
  kRange = 8,
  kPlatform = 16,
  kProduct = 32,
  kDependenciesFull = 64,
};

struct DescribedDependency {
  char function = 0;  // as DescribedModule::function
  std::uint8_t index = 0;
  std::uint16_t version = 0;
  bool operator==(const DescribedDependency&) const = default;
};

// One store of the answer to `s`. A store without a valid module has no function.
struct DescribedModule {
  std::uint32_t store_size = 0;  // bytes
  char location = 0;             // 'm' main, 'f' factory, 'b' backup, 't' scratch
  std::uint32_t checked = 0;     // "vc": ValidityBits that were looked at
  std::uint32_t passed = 0;      // "vv": of them, those that hold
  char function = 0;             // 'b' bootloader, 's' system part, 'u' user part, …; 0: none
  std::uint8_t index = 0;
  std::uint16_t version = 0;
  std::vector<DescribedDependency> dependencies;
  std::string user_sha256;  // of a user part: 64 hexadecimal digits, lower case

  bool ok() const { return function != 0 && (passed & checked) == checked; }
  bool operator==(const DescribedModule&) const = default;
};

struct Described {
  int platform = 0;
  std::string imei;
  std::string iccid;
  std::vector<DescribedModule> modules;
  bool operator==(const Described&) const = default;
};

// Each takes the text that came in answer to its command, with anything before and after it.
// Errors: protocol. No error text repeats the device's text.
base::Result<std::string> parse_version(std::string_view text);
base::Result<Identity> parse_identity(std::string_view text);
// Entries that make no sense (3.2.0 and later list two) are left out.
base::Result<Described> parse_modules(std::string_view text);
// None: no answer to `c` in the text (up to 0.5.5 there is none).
std::optional<bool> parse_claimed(std::string_view text);

// Where the first whole answer to `v` begins in `text` (its line end included in the search), or
// npos.
std::size_t find_version_answer(std::string_view text);

// The first balanced {…} of `text` at or after `from`, strings respected; empty if there is none.
std::string_view find_json_object(std::string_view text, std::size_t from);

}  // namespace serial
