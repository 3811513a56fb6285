// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Module files out of folders, archives and single files, and an account of what was looked at.

#include "firmware/check.h"
#include "release/images.h"

#include <map>
#include <string>
#include <vector>

namespace release {

// Folders below the one that is named; what lies deeper is not looked at.
inline constexpr int kDeepest = 3;
// More files than this are no firmware folder.
inline constexpr std::size_t kMostFiles = 10'000;

// One folder or file that was searched.
struct Looked {
  std::string path;
  bool there = false;
  bool cut = false;         // it has more than kMostFiles files; the rest was not looked at
  std::size_t files = 0;    // in it and below, those in archives too
  std::size_t modules = 0;  // sound modules of this platform among them
  // What the rest is (PassedOver::what), and how often.
  std::map<std::string, std::size_t> others;
};

// Something worth knowing about a file that is used: a DFU suffix or erased flash behind it.
using FileNote = PassedOver;

struct Collected {
  std::vector<firmware::CheckedModule> modules;
  std::vector<PassedOver> passed_over;
  std::vector<FileNote> notes;
  std::vector<Looked> places;  // in the order of `paths`
};

// Reads every folder kDeepest levels deep, and every file given by name; files that are no sound
// module of the platform are passed over, each with its reason, and so is what cannot be read. A
// path that is missing is skipped. Errors: bad_file (a folder that may not be read).
base::Result<Collected> collect(const std::vector<std::string>& paths,
                                const platform::Platform& platform);

// Every file in a folder and below, as collect() looks at them; `cut` tells if there were more.
struct FolderFiles {
  std::vector<std::string> files;
  bool cut = false;
};
base::Result<FolderFiles> files_below(const std::string& folder);

}  // namespace release
