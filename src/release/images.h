// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What may be modules, out of the files that people have: a module, an archive of modules, an Intel
// HEX file with modules at their addresses.

#include "base/bytes.h"
#include "base/result.h"
#include "firmware/module.h"
#include "platform/platform.h"

#include <string>
#include <vector>

namespace release {

// Bytes to be parsed and checked as a module: nothing is known of them yet.
struct Image {
  // For messages: the file, or FILE/NAME for one in an archive, FILE/0x… for one in an Intel HEX.
  std::string source;
  base::Bytes bytes;
};

struct PassedOver {
  std::string file;
  firmware::Problem problem;
  // What it is, for people: "a web page", "a module for the Photon", "a damaged module".
  std::string what;
};

struct Images {
  std::vector<Image> images;
  std::vector<PassedOver> passed_over;  // in a container, and surely no module
  bool container = false;               // an archive or Intel HEX: it may hold other things, too
};

// Reads one file. Errors: bad_file (unreadable, too large, damaged container).
base::Result<Images> images_in(const std::string& path, const platform::Platform& platform);

}  // namespace release
