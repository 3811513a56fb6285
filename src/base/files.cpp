// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#include <sys/stat.h>
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include <fmt/format.h>

namespace base {
namespace {

namespace fs = std::filesystem;

std::string reason(int error) { return std::generic_category().message(error); }

Error file_error(std::string_view doing, const std::string& path, const std::string& why) {
  return make_error(Errc::bad_file, fmt::format("cannot {} {}: {}", doing, printable(path), why));
}

enum class IfThere { empty_it, fail };

// A new file that nobody else may open before its mode is set.
std::FILE* open_new(const std::string& path, Privacy privacy, IfThere if_there) {
#ifdef _WIN32
  const int kind = if_there == IfThere::fail ? _O_EXCL : _O_TRUNC;
  const int handle =
      ::_open(path.c_str(), _O_CREAT | kind | _O_WRONLY | _O_BINARY, _S_IREAD | _S_IWRITE);
  static_cast<void>(privacy);
  return handle < 0 ? nullptr : ::_fdopen(handle, "wb");
#else
  const mode_t mode = privacy == Privacy::owner_only ? 0600 : 0666;
  const int kind = if_there == IfThere::fail ? O_EXCL : O_TRUNC;
  const int handle = ::open(path.c_str(), O_CREAT | kind | O_WRONLY | O_CLOEXEC, mode);
  if (handle < 0) return nullptr;
  // An older file of the same name keeps its mode through O_TRUNC.
  if (privacy == Privacy::owner_only && ::fchmod(handle, mode) != 0) {
    ::close(handle);
    return nullptr;
  }
  return ::fdopen(handle, "wb");
#endif
}

bool flush_to_disk(std::FILE* file) {
  if (std::fflush(file) != 0) return false;
#ifdef _WIN32
  return ::_commit(::_fileno(file)) == 0;
#else
  // A pipe or a device cannot be synchronised, and need not be.
  return ::fsync(::fileno(file)) == 0 || errno == EINVAL || errno == EROFS;
#endif
}

}  // namespace

Result<Bytes> read_file(const std::string& path, std::uint64_t most) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (error || !fs::exists(status)) {
    return file_error("read", path, error ? error.message() : "no such file");
  }
  if (!fs::is_regular_file(status)) return file_error("read", path, "not a regular file");
  const std::uint64_t size = fs::file_size(path, error);
  if (error) return file_error("read", path, error.message());
  if (size > most) {
    return make_error(Errc::bad_file, "file-too-large",
                      fmt::format("cannot read {}: {} bytes, more than the {} such a file may have",
                                  printable(path), size, most),
                      {});
  }
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return file_error("read", path, reason(errno));
  Bytes content(size);
  const std::size_t got = size == 0 ? 0 : std::fread(content.data(), 1, content.size(), file);
  const bool failed = std::ferror(file) != 0;
  std::fclose(file);
  if (failed || got != content.size())
    return file_error("read", path, "it could not be read whole");
  return content;
}

namespace {

// A file of nobody else's beside `path`; `name` is what it is called then.
std::FILE* open_beside(const std::string& path, Privacy privacy, std::string& name) {
  constexpr int kMost = 1000;  // left by that many crashes
  for (int number = 1; number <= kMost; ++number) {
    name = fmt::format("{}.{}.tmp", path, number);
    std::FILE* file = open_new(name, privacy, IfThere::fail);
    if (file != nullptr || errno != EEXIST) return file;
  }
  return nullptr;
}

Error cannot_make(const std::string& path, int why) {
  Error error = file_error("write", path, reason(why));
  if (why == EEXIST) error.id = "file-exists";
  return error;
}

}  // namespace

Result<> write_file(const std::string& path, ByteView content, Privacy privacy) {
  // A device or pipe (such as /dev/stdout) cannot be replaced by a rename.
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  const bool replace = !fs::exists(status) || fs::is_regular_file(status);
  std::string target = path;
  std::FILE* file =
      replace ? open_beside(path, privacy, target) : open_new(path, privacy, IfThere::empty_it);
  if (file == nullptr) return file_error("write", path, reason(errno));
  bool good =
      content.empty() || std::fwrite(content.data(), 1, content.size(), file) == content.size();
  good = good && flush_to_disk(file);
  const int why = errno;
  good = std::fclose(file) == 0 && good;
  if (!good) {
    if (replace) fs::remove(target, error);
    return file_error("write", path, reason(why));
  }
  if (replace) {
    fs::rename(target, path, error);
    if (error) {
      const std::string message = error.message();
      fs::remove(target, error);
      return file_error("write", path, message);
    }
  }
  return {};
}

Result<> claim_file(const std::string& path) {
  std::FILE* file = open_new(path, Privacy::owner_only, IfThere::fail);
  if (file == nullptr) return cannot_make(path, errno);
  std::fclose(file);
  return {};
}

Result<> try_writing(const std::string& path, std::uint64_t size) {
  std::error_code error;
  if (fs::is_directory(path, error)) return file_error("write", path, "it is a folder");
  // What is no regular file, such as /dev/stdout, is not tried: it may not forget.
  if (fs::exists(path, error) && !fs::is_regular_file(path, error)) return {};
  std::string name;
  std::FILE* file = open_beside(path, Privacy::owner_only, name);
  if (file == nullptr) return file_error("write", path, reason(errno));
  const Bytes content(static_cast<std::size_t>(size));
  bool good = std::fwrite(content.data(), 1, content.size(), file) == content.size();
  good = good && flush_to_disk(file);
  const int why = errno;
  good = std::fclose(file) == 0 && good;
  fs::remove(name, error);
  if (!good) return file_error("write", path, reason(why));
  return {};
}

Result<LineFile> LineFile::create(const std::string& path, Privacy privacy) {
  std::FILE* file = open_new(path, privacy, IfThere::empty_it);
  if (file == nullptr) return cannot_make(path, errno);
  return LineFile(file);
}

Result<LineFile> LineFile::create_new(const std::string& path, Privacy privacy) {
  std::FILE* file = open_new(path, privacy, IfThere::fail);
  if (file == nullptr) return cannot_make(path, errno);
  return LineFile(file);
}

LineFile::LineFile(LineFile&& other) noexcept
    : file_(std::exchange(other.file_, nullptr)), problem_(std::move(other.problem_)) {}

LineFile& LineFile::operator=(LineFile&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(problem_, other.problem_);
  return *this;
}

LineFile::~LineFile() {
  if (file_ != nullptr) std::fclose(file_);
}

void LineFile::line(std::string_view text) {
  const bool good = std::fwrite(text.data(), 1, text.size(), file_) == text.size() &&
                    std::fputc('\n', file_) != EOF && std::fflush(file_) == 0;
  if (!good && problem_.empty()) problem_ = reason(errno);
}

Result<std::vector<std::string>> list_files(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> paths;
  fs::directory_iterator it(directory, error);
  if (error) return file_error("read the folder", directory, error.message());
  for (; it != fs::directory_iterator(); it.increment(error)) {
    if (error) return file_error("read the folder", directory, error.message());
    std::error_code ignored;
    if (it->is_regular_file(ignored)) paths.push_back(it->path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Result<std::vector<std::string>> list_names(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> names;
  fs::directory_iterator it(directory, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  if (error) return file_error("read the folder", directory, error.message());
  std::sort(names.begin(), names.end());
  return names;
}

std::string read_kernel_text(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return {};
  std::array<char, 255> text{};
  const std::size_t got = std::fread(text.data(), 1, text.size(), file);
  std::fclose(file);
  const std::string_view all(text.data(), got);
  return std::string(all.substr(0, all.find('\n')));
}

bool is_directory(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

std::string folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

Result<> make_directories(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return file_error("make the folder", path, error.message());
  return {};
}

Result<> remove_file(const std::string& path) {
  std::error_code error;
  fs::remove(path, error);
  if (error) return file_error("remove", path, error.message());
  return {};
}

std::string canonical_path(const std::string& path) {
  std::error_code error;
  const fs::path resolved = fs::canonical(path, error);
  return error ? std::string() : resolved.string();
}

std::string file_name(const std::string& path) { return fs::path(path).filename().string(); }

std::string join(const std::string& directory, const std::string& name) {
  return (fs::path(directory) / name).string();
}

bool process_is_running(const std::string& name) {
  std::error_code error;
  for (fs::directory_iterator it("/proc", error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    // The kernel keeps fifteen characters of a name.
    const std::string found = read_kernel_text((it->path() / "comm").string());
    if (!found.empty() && found == std::string_view(name).substr(0, 15)) return true;
  }
  return false;
}

std::string environment(const std::string& name) {
  // Nothing here changes the environment.
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::string() : std::string(value);
}

namespace {

std::string user_directory(const std::string& variable, const std::string& below_home) {
#ifdef _WIN32
  static_cast<void>(variable);
  static_cast<void>(below_home);
  const std::string local = environment("LOCALAPPDATA");
  return local.empty() ? local : join(local, "electron-rescue");
#else
  const std::string set = environment(variable);
  if (!set.empty() && set.front() == '/') return join(set, "electron-rescue");
  const std::string home = environment("HOME");
  return home.empty() ? home : join(join(home, below_home), "electron-rescue");
#endif
}

}  // namespace

std::string cache_directory() {
#ifdef __APPLE__
  return user_directory("XDG_CACHE_HOME", "Library/Caches");
#else
  return user_directory("XDG_CACHE_HOME", ".cache");
#endif
}

std::string state_directory() { return user_directory("XDG_STATE_HOME", ".local/state"); }

}  // namespace base
