// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// ZIP archives and compressed tar archives, read in memory: nothing is ever unpacked onto the disk.

#include "base/bytes.h"
#include "base/result.h"
#include "firmware/module.h"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace release {

// An archive may be made to unpack into far more than anybody wants. The defaults leave room for
// every release that there ever was in one archive.
struct ArchiveLimits {
  std::size_t entries = 20'000;
  std::uint64_t entry = firmware::kLargestFile * 4;  // an Intel HEX file is text
  std::uint64_t read = 256ULL * 1024 * 1024;         // of all entries that are read, unpacked
  std::uint64_t passed = 1024ULL * 1024 * 1024;      // of all entries, as the archive states it
};

// A larger archive is refused without being read.
inline constexpr std::uint64_t kLargestArchive = 256ULL * 1024 * 1024;

struct ArchiveEntry {
  std::string name;  // with its folders, as the archive has it
  base::Bytes bytes;
};

struct ArchiveContent {
  std::size_t files = 0;
  std::vector<ArchiveEntry> entries;  // those that were wanted
  // Wanted, but not to be had: too long, protected by a password.
  std::vector<std::pair<std::string, firmware::Problem>> left_out;
};

// By its first bytes (kArchiveHead of them, or the whole file): a ZIP or a gzip archive.
inline constexpr std::size_t kArchiveHead = 512;
bool is_archive(base::ByteView head);

// `wanted` is asked with each file's name. Errors: bad_file, id "bad-archive" (damaged or cut
// short), "archive-too-large" (beyond a limit); unsupported (no library for it here).
base::Result<ArchiveContent> read_archive(base::ByteView archive,
                                          const std::function<bool(const std::string&)>& wanted,
                                          const ArchiveLimits& limits = {});

// A ZIP archive of these files; the same files make the same bytes. Errors: unsupported, internal.
base::Result<base::Bytes> make_zip(const std::vector<ArchiveEntry>& entries);

}  // namespace release
