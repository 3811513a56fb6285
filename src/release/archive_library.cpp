// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/archive_library.h"

#include "os/advice.h"
#include "os/library.h"

#include <optional>

namespace release {
namespace {

std::optional<ArchiveLibrary> load() {
  const os::SharedLibrary file(ER_ARCHIVE_LIBRARY);
  ArchiveLibrary in;
  const bool whole = file.find(in.error_string, "archive_error_string") &&
                     file.find(in.read_new, "archive_read_new") &&
                     file.find(in.read_free, "archive_read_free") &&
                     file.find(in.read_support_format_zip, "archive_read_support_format_zip") &&
                     file.find(in.read_support_format_tar, "archive_read_support_format_tar") &&
                     file.find(in.read_support_filter_gzip, "archive_read_support_filter_gzip") &&
                     file.find(in.read_open_memory, "archive_read_open_memory") &&
                     file.find(in.read_next_header, "archive_read_next_header") &&
                     file.find(in.read_data, "archive_read_data") &&
                     file.find(in.write_new, "archive_write_new") &&
                     file.find(in.write_free, "archive_write_free") &&
                     file.find(in.write_set_format_zip, "archive_write_set_format_zip") &&
                     file.find(in.write_open, "archive_write_open") &&
                     file.find(in.write_header, "archive_write_header") &&
                     file.find(in.write_data, "archive_write_data") &&
                     file.find(in.write_close, "archive_write_close") &&
                     file.find(in.entry_new, "archive_entry_new") &&
                     file.find(in.entry_free, "archive_entry_free") &&
                     file.find(in.entry_pathname, "archive_entry_pathname") &&
                     file.find(in.entry_size, "archive_entry_size") &&
                     file.find(in.entry_size_is_set, "archive_entry_size_is_set") &&
                     file.find(in.entry_filetype, "archive_entry_filetype") &&
                     file.find(in.entry_is_encrypted, "archive_entry_is_encrypted") &&
                     file.find(in.entry_set_pathname, "archive_entry_set_pathname") &&
                     file.find(in.entry_set_size, "archive_entry_set_size") &&
                     file.find(in.entry_set_filetype, "archive_entry_set_filetype") &&
                     file.find(in.entry_set_perm, "archive_entry_set_perm") &&
                     file.find(in.entry_set_mtime, "archive_entry_set_mtime");
  return whole ? std::optional(in) : std::nullopt;
}

}  // namespace

base::Result<const ArchiveLibrary*> archive_library() {
  static const std::optional<ArchiveLibrary> kLoaded = load();
  if (kLoaded) return &*kLoaded;
  return base::make_error(
      base::Errc::unsupported, "no-libarchive",
      std::string("archives cannot be read or made here: there is no ") + ER_ARCHIVE_LIBRARY,
      os::how_to_get(
          {.name = "libarchive", .package = "libarchive13", .file = ER_ARCHIVE_LIBRARY}) +
          ", or unpack the archive and name the folder");
}

}  // namespace release
