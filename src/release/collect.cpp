// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/collect.h"

#include "base/files.h"

#include <utility>

namespace release {

base::Result<Collected> collect(const std::vector<std::string>& folders,
                                const platform::Platform& platform) {
  Collected collected;
  for (const std::string& folder : folders) {
    if (!base::exists(folder)) continue;
    std::vector<std::string> files{folder};
    if (base::is_directory(folder)) {
      TRY_ASSIGN(files, base::list_files(folder));
    }
    for (const std::string& file : files) {
      auto module = firmware::load(file, platform);
      if (module) {
        collected.modules.push_back(std::move(*module));
      } else {
        collected.passed_over.push_back({file, {module.error().id, module.error().message}});
      }
    }
  }
  return collected;
}

}  // namespace release
