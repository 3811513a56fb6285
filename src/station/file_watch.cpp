// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/file_watch.h"

#include "base/files.h"

namespace station {
namespace {

// A module of an archive or an Intel HEX is named FILE/NAME (release/images.h): it is that file
// that changes.
std::string file_of(const std::string& source) {
  for (std::string path = source; base::folder_of(path) != path; path = base::folder_of(path)) {
    if (base::exists(path) && !base::is_directory(path)) return path;
  }
  return source;
}

}  // namespace

FileWatch::FileWatch(const Work& work) {
  for (const firmware::CheckedModule& module : work.modules) {
    const std::string file = file_of(module.source());
    if (const auto stamp = os::file_stamp(file)) stamps_[file] = *stamp;
  }
}

std::string FileWatch::changed() const {
  for (const auto& [file, was] : stamps_) {
    const auto now = os::file_stamp(file);
    if (!now || !(*now == was)) return file;
  }
  return {};
}

}  // namespace station
