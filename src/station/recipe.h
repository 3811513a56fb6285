// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a station makes of every board: release, application, options. The files are read once, and
// known by their hashes from then on.

#include "firmware/module.h"
#include "records/row.h"
#include "release/release_set.h"
#include "station/config.h"

#include <memory>
#include <optional>

namespace station {

struct Work {
  records::Recipe recipe;
  release::Version target;
  std::shared_ptr<const release::Library> library;
  std::optional<firmware::CheckedModule> application;
  bool accept_safe_mode = false;
  // What a device has in the end: the release's parts, then the application.
  std::vector<firmware::CheckedModule> modules;
};

// Reads all files that the configuration names, and checks that the release is whole. `cache`: the
// user's cache folder, searched last; empty: none. Errors: usage, bad_file, bad_module, as for
// `flash`.
base::Result<Work> prepare_work(const Config& config, const std::string& cache,
                                std::int64_t now_ms);

// The same of what is at hand already.
base::Result<Work> make_work(const Config& config, std::shared_ptr<const release::Library> library,
                             std::optional<firmware::CheckedModule> application,
                             std::int64_t now_ms);

}  // namespace station
