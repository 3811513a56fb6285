// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What operating systems do differently with files. Names are UTF-8 everywhere; Linux and macOS
// take the bytes of a name as they are. Nothing here throws: an error is the system's own code.

#include <tl/expected.hpp>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace os {

template <class T>
using Outcome = tl::expected<T, std::error_code>;

// owner_only: for nobody but its owner (mode 0600, a folder 0700) from the moment it exists.
enum class Privacy { normal, owner_only };

// A name as the system's own calls take it, and back.
std::filesystem::path native(std::string_view name);
std::string name_of(const std::filesystem::path& path);

// A new file to write. std::errc::file_exists where something is there, whatever it is.
Outcome<std::FILE*> create(const std::string& name, Privacy privacy);
// Something that is there already, to write at its end: its content, mode and owner stay.
Outcome<std::FILE*> append(const std::string& name);
Outcome<std::FILE*> open_to_read(const std::string& name);

// Before a new file replaces the one called `old`: gives it the owner of that and, unless it must
// be private, the mode. An error where the owner cannot be kept.
std::error_code take_after(std::FILE* file, const std::string& old, Privacy privacy);
// What was written is on the disk. Pipes and devices, which cannot promise that, need not.
std::error_code flush_to_disk(std::FILE* file);
// Renames over what is there, and returns once the folder is on the disk as well.
std::error_code rename_over(const std::string& from, const std::string& to);

// What tells a file that was written since from what it was.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t modified = 0;  // in the system's own units
  bool operator==(const FileStamp&) const = default;
};
Outcome<FileStamp> file_stamp(const std::string& name);

// One folder; no error where it is there already, which then stays as it is.
std::error_code make_folder(const std::string& name, Privacy privacy);

// The value of an environment variable, empty if there is none.
std::string environment(const std::string& name);
// Where programs keep what they can make again, and what they must not lose: for this user, without
// a program's name. Empty where the user has no such folder.
std::string cache_root();
std::string state_root();

}  // namespace os
