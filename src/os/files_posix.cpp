// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/files_posix.h"

#include "os/files.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace os {
namespace {

Outcome<std::FILE*> opened(const std::string& name, int flags, mode_t mode, const char* how) {
  const int handle = ::open(name.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode);
  if (handle < 0) return tl::unexpected(last_error());
  std::FILE* file = ::fdopen(handle, how);
  if (file != nullptr) return file;
  const std::error_code why = last_error();
  ::close(handle);
  return tl::unexpected(why);
}

}  // namespace

std::filesystem::path native(std::string_view name) { return name; }

std::string name_of(const std::filesystem::path& path) { return path.native(); }

Outcome<std::FILE*> create(const std::string& name, Privacy privacy) {
  const mode_t mode = privacy == Privacy::owner_only ? 0600 : 0666;
  return opened(name, O_WRONLY | O_CREAT | O_EXCL, mode, "wb");
}

Outcome<std::FILE*> append(const std::string& name) {
  return opened(name, O_WRONLY | O_APPEND, 0, "ab");
}

Outcome<std::FILE*> open_to_read(const std::string& name) {
  return opened(name, O_RDONLY, 0, "rb");
}

std::error_code take_after(std::FILE* file, const std::string& old, Privacy privacy) {
  const int handle = ::fileno(file);
  struct stat before {};
  struct stat now {};
  if (::stat(old.c_str(), &before) != 0 || ::fstat(handle, &now) != 0) return last_error();
  if (before.st_uid != now.st_uid && ::fchown(handle, before.st_uid, before.st_gid) != 0) {
    return last_error();
  }
  // A group that its owner is not in cannot be kept, and a private file has no use for one.
  if (before.st_gid != now.st_gid && before.st_uid == now.st_uid &&
      ::fchown(handle, now.st_uid, before.st_gid) != 0 && errno != EPERM) {
    return last_error();
  }
  if (privacy == Privacy::normal && ::fchmod(handle, before.st_mode & 0777U) != 0) {
    return last_error();
  }
  return {};
}

std::error_code flush_to_disk(std::FILE* file) {
  if (std::fflush(file) != 0) return last_error();
  if (flush_descriptor(::fileno(file)) || errno == EINVAL || errno == EROFS || errno == ENOTSUP) {
    return {};
  }
  return last_error();
}

std::error_code rename_over(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return last_error();
  // The file is whole on the disk, but whether under this name the folder decides. Some file
  // systems cannot tell, and a folder that may be written but not read cannot be asked.
  const auto slash = to.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : to.substr(0, slash + 1);
  const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return {};
  const bool good = flush_descriptor(handle) || errno != EIO;
  const std::error_code why = last_error();
  ::close(handle);
  return good ? std::error_code() : why;
}

std::error_code make_folder(const std::string& name, Privacy privacy) {
  if (::mkdir(name.c_str(), privacy == Privacy::owner_only ? 0700 : 0777) == 0) return {};
  const std::error_code why = last_error();
  struct stat there {};
  const bool folder = ::stat(name.c_str(), &there) == 0 && S_ISDIR(there.st_mode);
  return folder ? std::error_code() : why;
}

std::string environment(const std::string& name) {
  // Nothing in this program changes the environment.
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::string() : std::string(value);
}

std::string user_folder(const std::string& variable, const std::string& below_home) {
  const std::string set = environment(variable);
  if (set.starts_with('/')) return set;
  const std::string home = environment("HOME");
  return home.empty() ? home : home + "/" + below_home;
}

}  // namespace os
