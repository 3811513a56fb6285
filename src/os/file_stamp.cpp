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
  stamp.modified = std::filesystem::last_write_time(path, error).time_since_epoch().count();
  if (error) return tl::unexpected(error);
  return stamp;
}

}  // namespace os
