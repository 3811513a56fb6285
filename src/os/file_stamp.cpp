// SPDX-License-Identifier: GPL-3.0-or-later
//
// Every system.
#include "os/files.h"

namespace os {

Outcome<FileStamp> file_stamp(const std::string& name) {
  std::error_code error;
  const std::filesystem::path path = native(name);
  FileStamp stamp;
  stamp.size = std::filesystem::file_size(path, error);
  if (error) return tl::unexpected(error);
  // 128 bits in libc++; 64 are enough for 292 years.
  stamp.modified = static_cast<std::int64_t>(
      std::filesystem::last_write_time(path, error).time_since_epoch().count());
  if (error) return tl::unexpected(error);
  return stamp;
}

}  // namespace os
