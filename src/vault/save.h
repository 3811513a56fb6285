// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Saving sectors of a device into a backup file, and where such files go.

#include "medium/reading.h"
#include "vault/backup_file.h"

#include <span>
#include <string>

namespace vault {

struct Place {
  std::string path;
  std::string device;   // id, or port where it has none to tell
  std::string made_at;  // time of day, as text
};

// Reads what `image` does not have of the sectors and writes them into a file for its owner only,
// which is on the disk when this returns. Errors: bad_file (no space, no such folder) and those of
// reading.
base::Result<> save_sectors(const medium::Reading& reading, medium::FlashImage& image,
                            std::span<const base::AddressRange> sectors, const Place& place,
                            work::StepScope& step);

// state_directory()/backups/<id or port>-<when>.erbackup
std::string default_path(const discovery::Device& device, const std::string& when);

// `path`, or with a number if something is there already: an older backup is never replaced. The
// name is taken by an empty file, so that no other job takes it; save_sectors() fills it, or
// removes it where it fails. A folder that is missing is made, for its owner only.
std::string free_path(const std::string& path);

// Can a backup be written there? Makes the folder. Errors: bad_file.
base::Result<> try_place(const std::string& path);

}  // namespace vault
