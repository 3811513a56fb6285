// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/files.h"
#include "os/files_posix.h"

#include <unistd.h>

namespace os {

bool flush_descriptor(int descriptor) { return ::fsync(descriptor) == 0; }

std::string cache_root() { return user_folder("XDG_CACHE_HOME", ".cache"); }

std::string state_root() { return user_folder("XDG_STATE_HOME", ".local/state"); }

}  // namespace os
