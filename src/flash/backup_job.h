// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Saving sectors: inner part of backup() and of every job that erases.

#include "flash/backup_file.h"
#include "flash/job.h"
#include "flash/session.h"
#include "flash/voice.h"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flash {

struct BackupPlace {
  std::string path;
  std::string device;
  std::string made_at;
};

// Session::open(), tried again where a transfer failed: one that was refused or lost says nothing
// about the device.
base::Result<std::unique_ptr<Session>> open_patiently(const Bench& bench, Voice& voice,
                                                      const discovery::Device& device,
                                                      Totals& totals);

// Does something that only reads, again and again where that fails, the session opened anew in
// between if need be. What was read is in an image and is not read again.
base::Result<> read_patiently(const Bench& bench, Voice& voice, Session& session,
                              std::string_view what, const std::function<base::Result<>()>& read);

// Reads the installed state as a phase of its own.
base::Result<plan::InstalledState> read_state(Bench& bench, Voice& voice, Session& session,
                                              FlashImage& image);

// Reads what `image` does not have of the sectors, again and again where that fails. `subject` is
// what the phase is called.
base::Result<> read_sectors(Bench& bench, Voice& voice, Session& session, FlashImage& image,
                            std::span<const base::AddressRange> sectors,
                            std::string_view subject = "what will be erased");

// Reads the sectors and writes them into a file, which is on the disk when this returns. Errors:
// bad_file (no space, no such folder) and those of reading.
base::Result<> save_sectors(Bench& bench, Voice& voice, Session& session, FlashImage& image,
                            std::span<const base::AddressRange> sectors, const BackupPlace& place);

// `path`, or with a number if something is there already: an older backup is never replaced. The
// name is taken by an empty file, so that no other job takes it; save_sectors() fills it, or
// removes it where it fails. A folder that is missing is made.
std::string free_path(const std::string& path);

}  // namespace flash
