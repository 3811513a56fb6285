// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The backup file: a manifest, the bytes, a checksum over all of it. BACKUP.md describes it.

#include "base/address_range.h"
#include "base/bytes.h"
#include "base/result.h"
#include "platform/platform.h"

#include <string>
#include <vector>

namespace vault {

struct BackupRegion {
  std::string name;  // "system-part-1", "user-part", "factory", "configuration"
  base::AddressRange range;
  base::Bytes content;
};

struct Backup {
  std::uint16_t platform = 0;
  std::string device;   // id, or port where it has none to tell
  std::string made_at;  // time of day, as whoever made it wrote it
  std::vector<BackupRegion> regions;
};

// The region's name by its place in `platform`; empty if a backup has no business there.
std::string region_name(const platform::Platform& platform, base::AddressRange range);
bool holds_keys(const platform::Platform& platform, const Backup& backup);

base::Bytes encode(const Backup& backup, const platform::Platform& platform);

// A larger file is refused without being read.
inline constexpr std::uint64_t kLargestBackup = 2 * 1024 * 1024;

// Trusts nothing in the file: every checksum is computed, every region must be one of the
// platform's and end in it. Errors: bad_file with id "no-backup", "backup-damaged" or
// "backup-version"; bad_module with id "wrong-platform".
base::Result<Backup> decode(base::ByteView file, const platform::Platform& platform);

}  // namespace vault
