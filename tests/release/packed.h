// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Archives and Intel HEX files, made for tests.

#include "base/bytes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <string>
#include <utility>
#include <vector>

namespace release {

using Packed = std::vector<std::pair<std::string, base::Bytes>>;

enum class Packing { zip, tgz, locked_zip };

inline base::Bytes pack(const Packed& files, Packing packing = Packing::zip) {
  std::size_t room = 64 * 1024;
  for (const auto& [name, bytes] : files) room += bytes.size() + 4096;
  base::Bytes into(room);
  std::size_t used = 0;
  ::archive* writer = ::archive_write_new();
  if (packing == Packing::tgz) {
    ::archive_write_set_format_ustar(writer);
    ::archive_write_add_filter_gzip(writer);
  } else {
    ::archive_write_set_format_zip(writer);
  }
  if (packing == Packing::locked_zip) {
    EXPECT_EQ(::archive_write_set_options(writer, "zip:encryption=zipcrypt"), ARCHIVE_OK);
    EXPECT_EQ(::archive_write_set_passphrase(writer, "secret"), ARCHIVE_OK);
  }
  EXPECT_EQ(::archive_write_open_memory(writer, into.data(), into.size(), &used), ARCHIVE_OK);
  for (const auto& [name, bytes] : files) {
    ::archive_entry* entry = ::archive_entry_new();
    ::archive_entry_set_pathname(entry, name.c_str());
    ::archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    ::archive_entry_set_filetype(entry, AE_IFREG);
    ::archive_entry_set_perm(entry, 0644);
    EXPECT_EQ(::archive_write_header(writer, entry), ARCHIVE_OK);
    EXPECT_EQ(::archive_write_data(writer, bytes.data(), bytes.size()),
              static_cast<la_ssize_t>(bytes.size()));
    ::archive_entry_free(entry);
  }
  EXPECT_EQ(::archive_write_close(writer), ARCHIVE_OK);
  ::archive_write_free(writer);
  into.resize(used);
  return into;
}

inline base::Bytes bytes_of(base::ByteView view) { return {view.begin(), view.end()}; }

inline std::string hex_record(std::uint8_t type, std::uint16_t offset, base::ByteView data) {
  base::Bytes record{static_cast<std::uint8_t>(data.size()), static_cast<std::uint8_t>(offset >> 8),
                     static_cast<std::uint8_t>(offset), type};
  record.insert(record.end(), data.begin(), data.end());
  std::uint8_t sum = 0;
  for (const std::uint8_t byte : record) sum = static_cast<std::uint8_t>(sum + byte);
  record.push_back(static_cast<std::uint8_t>(-sum));
  return ":" + base::to_hex(record) + "\n";
}

// Without the end record.
inline std::string hex_of(std::uint32_t address, base::ByteView bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 16) {
    const auto where = static_cast<std::uint32_t>(address + at);
    if (at == 0 || (where & 0xFFFF) < 16) {
      const base::Bytes base{static_cast<std::uint8_t>(where >> 24),
                             static_cast<std::uint8_t>(where >> 16)};
      text += hex_record(4, 0, base);
    }
    text += hex_record(0, static_cast<std::uint16_t>(where),
                       bytes.subspan(at, std::min<std::size_t>(16, bytes.size() - at)));
  }
  return text;
}

inline constexpr std::string_view kHexEnd = ":00000001FF\n";

}  // namespace release
