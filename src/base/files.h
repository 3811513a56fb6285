// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The file system: everything above this room touches it through here. Names are UTF-8. What was
// there before keeps its mode and its owner, whatever is done and whoever runs it.

#include "base/bytes.h"
#include "base/result.h"
#include "os/files.h"

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace base {

using os::Privacy;  // normal, owner_only: mode 0600 from the moment it exists

// The whole file. Refused, without being read, when it is larger than `most` bytes or is not a
// regular file. Errors: bad_file.
Result<Bytes> read_file(const std::string& path, std::uint64_t most);

// The first bytes of a file, `most` of them or all that there are. Errors: bad_file.
Result<Bytes> read_start(const std::string& path, std::size_t most);

// Writes beside the target and renames, so that a full disk or a crash never leaves half a file;
// file and folder are on the disk when it returns. A file that is replaced hands its owner on, and
// its mode unless the new one is private; through a link, what it leads to is replaced. What is no
// regular file, such as /dev/stdout, is written to as it is. Refused: a disk, a folder, a link that
// leads nowhere, and a file whose owner cannot be kept. Errors: bad_file.
Result<> write_file(const std::string& path, ByteView content, Privacy privacy);

// An empty file of that name, for its owner only until it is written, so that no other process
// takes the name. Errors: bad_file; id "file-exists" where something is there already.
Result<> claim_file(const std::string& path);

// Writes `size` bytes beside `path` and removes them again: can a file be written there? Errors:
// bad_file.
Result<> try_writing(const std::string& path, std::uint64_t size);

// Opened once, appended to, flushed after each line. For logs and traces.
class LineFile {
 public:
  // Made if it is not there. What is there already is kept, and gets its lines at the end;
  // `privacy` is for a file that is made. Refused: a disk, a folder.
  static Result<LineFile> append(const std::string& path, Privacy privacy);
  // Refused where something is there already (id "file-exists").
  static Result<LineFile> create_new(const std::string& path, Privacy privacy);
  LineFile(LineFile&& other) noexcept;
  LineFile& operator=(LineFile&& other) noexcept;
  ~LineFile();
  void line(std::string_view text);
  // Why a line could not be written; empty if all of them were.
  const std::string& problem() const { return problem_; }

 private:
  explicit LineFile(std::FILE* file) : file_(file) {}
  std::FILE* file_;
  std::string problem_;
};

// Regular files directly in `directory`, as paths, sorted by name. Errors: bad_file.
Result<std::vector<std::string>> list_files(const std::string& directory);

// The folders directly in `directory`, as paths, sorted by name; no links, and none whose name
// begins with a dot. Errors: bad_file.
Result<std::vector<std::string>> list_folders(const std::string& directory);

// The names of everything directly in `directory`, links and folders too, sorted. Errors: bad_file.
Result<std::vector<std::string>> list_names(const std::string& directory);
// One of the kernel's small texts (/proc, /sys), which tell no size before they are read, without
// the end of its line; empty if it cannot be read, 255 bytes at most.
std::string read_kernel_text(const std::string& path);

// Bytes that this user may still write on the disk that holds `path`, which exists. Errors:
// bad_file.
Result<std::uint64_t> free_space(const std::string& path);

bool is_directory(const std::string& path);
bool exists(const std::string& path);
// The folder that a file of this name lies in; "." if the name has none.
std::string folder_of(const std::string& path);
// With all that are missing above it. `privacy` is for those that are made.
Result<> make_directories(const std::string& path, Privacy privacy = Privacy::normal);
Result<> remove_file(const std::string& path);

// The path with every symbolic link resolved; empty if there is no such file.
std::string canonical_path(const std::string& path);

std::string file_name(const std::string& path);
std::string join(const std::string& directory, const std::string& name);

// A process with this name is running now. False where the system does not tell.
bool process_is_running(const std::string& name);

// The value of an environment variable, empty if there is none.
std::string environment(const std::string& name);
// $XDG_CACHE_HOME/electron-rescue, by default ~/.cache/electron-rescue (macOS: ~/Library/Caches,
// Windows: %LOCALAPPDATA%\electron-rescue\firmware): never the folder of state_directory(), which
// is full of other things. Empty if the user has no home.
std::string cache_directory();
// $XDG_STATE_HOME/electron-rescue, by default ~/.local/state/electron-rescue (macOS:
// ~/Library/Application Support, Windows: %LOCALAPPDATA%).
std::string state_directory();

}  // namespace base
