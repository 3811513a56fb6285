// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Whether the files that a station's work was read from are still what they were: told by their
// time and size.

#include "os/files.h"
#include "station/recipe.h"

#include <map>
#include <string>

namespace station {

class FileWatch {
 public:
  explicit FileWatch(const Work& work);
  // A file that has changed or gone; empty: none.
  std::string changed() const;

 private:
  std::map<std::string, os::FileStamp> stamps_;
};

}  // namespace station
