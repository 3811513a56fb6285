// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/files.h"
#include "os/files_posix.h"

#include <fcntl.h>
#include <unistd.h>

namespace os {

// fsync() of macOS leaves the bytes in the drive's own memory; disks that cannot do better say so.
bool flush_descriptor(int descriptor) {
  return ::fcntl(descriptor, F_FULLFSYNC) == 0 || ::fsync(descriptor) == 0;
}

std::string cache_root() { return user_folder("XDG_CACHE_HOME", "Library/Caches"); }

std::string state_root() { return user_folder("XDG_STATE_HOME", "Library/Application Support"); }

}  // namespace os
