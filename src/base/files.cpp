// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.h"

#include "os/computer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace base {
namespace {

namespace fs = std::filesystem;

Error file_error(std::string_view doing, const std::string& path, const std::string& why) {
  return make_error(Errc::bad_file, fmt::format("cannot {} {}: {}", doing, printable(path), why));
}

Error cannot_write(const std::string& path, std::error_code why) {
  Error error = file_error("write", path, why.message());
  if (why == std::errc::file_exists) error.id = "file-exists";
  return error;
}

std::error_code last_error() { return {errno, std::generic_category()}; }

fs::file_status status_of(const std::string& path) {
  std::error_code error;
  return fs::status(os::native(path), error);
}

// What nobody means when a file to write is asked for; empty if it is none of that.
std::string_view unfit_to_write(fs::file_type type) {
  switch (type) {
    case fs::file_type::directory:
      return "it is a folder";
    case fs::file_type::block:
      return "it is a disk";
    default:
      return {};
  }
}

// Where a file of this name is replaced: beside what a link leads to, not beside the link.
Result<std::string> real_place(const std::string& path, bool there) {
  std::error_code error;
  if (there) {
    const fs::path resolved = fs::canonical(os::native(path), error);
    if (error) return file_error("write", path, error.message());
    return os::name_of(resolved);
  }
  if (fs::is_symlink(fs::symlink_status(os::native(path), error))) {
    return file_error("write", path, "it is a link that leads nowhere");
  }
  return path;
}

void remove_quietly(const std::string& path) {
  std::error_code error;
  fs::remove(os::native(path), error);
}

// Writes everything, flushes and closes. An error where any of that failed.
std::error_code write_out(std::FILE* file, ByteView content) {
  std::error_code why;
  if (!content.empty() && std::fwrite(content.data(), 1, content.size(), file) != content.size()) {
    why = last_error();
  }
  if (!why) why = os::flush_to_disk(file);
  if (std::fclose(file) != 0 && !why) why = last_error();
  return why;
}

// A file of nobody else's beside a path, removed again unless it is put in its place.
class Beside {
 public:
  static Result<Beside> make(const std::string& path, Privacy privacy) {
    constexpr int kMost = 1000;  // left by that many crashes
    std::error_code why;
    for (int number = 1; number <= kMost; ++number) {
      std::string name = fmt::format("{}.{}.tmp", path, number);
      const auto file = os::create(name, privacy);
      if (file) return Beside(path, std::move(name), *file);
      why = file.error();
      if (why != std::errc::file_exists) break;
    }
    return file_error("write", path, why.message());
  }
  Beside(Beside&& other) noexcept
      : path_(std::move(other.path_)),
        name_(std::exchange(other.name_, {})),
        file_(std::exchange(other.file_, nullptr)) {}
  Beside& operator=(Beside&&) = delete;
  ~Beside() {
    if (file_ != nullptr) std::fclose(file_);
    if (!name_.empty()) remove_quietly(name_);
  }

  std::FILE* file() { return file_; }
  Result<> write(ByteView content) {
    const std::error_code why = write_out(std::exchange(file_, nullptr), content);
    if (why) return file_error("write", path_, why.message());
    return {};
  }
  Result<> put_in_place() {
    if (const std::error_code why = os::rename_over(name_, path_)) {
      return file_error("write", path_, why.message());
    }
    name_.clear();
    return {};
  }

 private:
  Beside(std::string path, std::string name, std::FILE* file)
      : path_(std::move(path)), name_(std::move(name)), file_(file) {}
  std::string path_;
  std::string name_;
  std::FILE* file_;
};

}  // namespace

Result<Bytes> read_file(const std::string& path, std::uint64_t most) {
  std::error_code error;
  const fs::file_status status = fs::status(os::native(path), error);
  if (error || !fs::exists(status)) {
    return file_error("read", path, error ? error.message() : "no such file");
  }
  if (!fs::is_regular_file(status)) return file_error("read", path, "not a regular file");
  const std::uint64_t size = fs::file_size(os::native(path), error);
  if (error) return file_error("read", path, error.message());
  if (size > most) {
    return make_error(Errc::bad_file, "file-too-large",
                      fmt::format("cannot read {}: {} bytes, more than the {} such a file may have",
                                  printable(path), size, most),
                      {});
  }
  const auto file = os::open_to_read(path);
  if (!file) return file_error("read", path, file.error().message());
  Bytes content(size);
  const std::size_t got = size == 0 ? 0 : std::fread(content.data(), 1, content.size(), *file);
  const bool failed = std::ferror(*file) != 0;
  std::fclose(*file);
  if (failed || got != content.size())
    return file_error("read", path, "it could not be read whole");
  return content;
}

Result<Bytes> read_start(const std::string& path, std::size_t most) {
  if (!fs::is_regular_file(status_of(path))) return file_error("read", path, "not a regular file");
  const auto file = os::open_to_read(path);
  if (!file) return file_error("read", path, file.error().message());
  Bytes content(most);
  content.resize(std::fread(content.data(), 1, content.size(), *file));
  const bool failed = std::ferror(*file) != 0;
  std::fclose(*file);
  if (failed) return file_error("read", path, "its first bytes could not be read");
  return content;
}

Result<> write_file(const std::string& path, ByteView content, Privacy privacy) {
  const fs::file_status status = status_of(path);
  if (const auto unfit = unfit_to_write(status.type()); !unfit.empty()) {
    return file_error("write", path, std::string(unfit));
  }
  const bool there = fs::exists(status);
  if (there && !fs::is_regular_file(status)) {
    // A device or pipe (such as /dev/stdout) cannot be replaced by a rename.
    const auto file = os::append(path);
    if (!file) return cannot_write(path, file.error());
    if (const std::error_code why = write_out(*file, content)) return cannot_write(path, why);
    return {};
  }
  TRY_ASSIGN(const std::string place, real_place(path, there));
  TRY_ASSIGN(Beside made, Beside::make(place, privacy));
  if (there && os::take_after(made.file(), place, privacy)) {
    return file_error("write", path, "it belongs to another user");
  }
  TRY(made.write(content));
  return made.put_in_place();
}

Result<> claim_file(const std::string& path) {
  const auto file = os::create(path, Privacy::owner_only);
  if (!file) return cannot_write(path, file.error());
  std::fclose(*file);
  return {};
}

Result<> try_writing(const std::string& path, std::uint64_t size) {
  const fs::file_status status = status_of(path);
  if (const auto unfit = unfit_to_write(status.type()); !unfit.empty()) {
    return file_error("write", path, std::string(unfit));
  }
  // What is no regular file, such as /dev/stdout, is not tried: it may not forget.
  const bool there = fs::exists(status);
  if (there && !fs::is_regular_file(status)) return {};
  TRY_ASSIGN(const std::string place, real_place(path, there));
  TRY_ASSIGN(Beside made, Beside::make(place, Privacy::owner_only));
  if (there && os::take_after(made.file(), place, Privacy::owner_only)) {
    return file_error("write", path, "it belongs to another user");
  }
  return made.write(Bytes(static_cast<std::size_t>(size)));
}

Result<LineFile> LineFile::append(const std::string& path, Privacy privacy) {
  auto file = os::create(path, privacy);
  if (!file && file.error() == std::errc::file_exists) {
    const auto unfit = unfit_to_write(status_of(path).type());
    if (!unfit.empty()) return file_error("write", path, std::string(unfit));
    file = os::append(path);
  }
  if (!file) return cannot_write(path, file.error());
  return LineFile(*file);
}

Result<LineFile> LineFile::create_new(const std::string& path, Privacy privacy) {
  const auto file = os::create(path, privacy);
  if (!file) return cannot_write(path, file.error());
  return LineFile(*file);
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
  if (!good && problem_.empty()) problem_ = last_error().message();
}

Result<std::vector<std::string>> list_files(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> paths;
  fs::directory_iterator it(os::native(directory), error);
  if (error) return file_error("read the folder", directory, error.message());
  for (; it != fs::directory_iterator(); it.increment(error)) {
    if (error) return file_error("read the folder", directory, error.message());
    std::error_code ignored;
    if (it->is_regular_file(ignored)) paths.push_back(os::name_of(it->path()));
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Result<std::vector<std::string>> list_folders(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> paths;
  fs::directory_iterator it(os::native(directory), error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    std::error_code ignored;
    if (it->is_symlink(ignored) || !it->is_directory(ignored)) continue;
    if (!os::name_of(it->path().filename()).starts_with('.')) {
      paths.push_back(os::name_of(it->path()));
    }
  }
  if (error) return file_error("read the folder", directory, error.message());
  std::sort(paths.begin(), paths.end());
  return paths;
}

Result<std::vector<std::string>> list_names(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> names;
  fs::directory_iterator it(os::native(directory), error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    names.push_back(os::name_of(it->path().filename()));
  }
  if (error) return file_error("read the folder", directory, error.message());
  std::sort(names.begin(), names.end());
  return names;
}

std::string read_kernel_text(const std::string& path) {
  const auto file = os::open_to_read(path);
  if (!file) return {};
  std::array<char, 255> text{};
  const std::size_t got = std::fread(text.data(), 1, text.size(), *file);
  std::fclose(*file);
  const std::string_view all(text.data(), got);
  return std::string(all.substr(0, all.find('\n')));
}

Result<std::uint64_t> free_space(const std::string& path) {
  std::error_code why;
  const fs::space_info space = fs::space(os::native(path), why);
  if (why) return file_error("ask the disk of", path, why.message());
  return space.available;
}

bool is_directory(const std::string& path) { return fs::is_directory(status_of(path)); }

bool exists(const std::string& path) { return fs::exists(status_of(path)); }

std::string folder_of(const std::string& path) {
  const std::string folder = os::name_of(os::native(path).parent_path());
  return folder.empty() ? "." : folder;
}

Result<> make_directories(const std::string& path, Privacy privacy) {
  const std::string above = folder_of(path);
  if (above != path && above != "." && !exists(above)) TRY(make_directories(above, privacy));
  if (path.empty()) return {};
  const std::error_code why = os::make_folder(path, privacy);
  if (why) return file_error("make the folder", path, why.message());
  return {};
}

Result<> remove_file(const std::string& path) {
  std::error_code error;
  fs::remove(os::native(path), error);
  if (error) return file_error("remove", path, error.message());
  return {};
}

std::string canonical_path(const std::string& path) {
  std::error_code error;
  const fs::path resolved = fs::canonical(os::native(path), error);
  return error ? std::string() : os::name_of(resolved);
}

std::string file_name(const std::string& path) { return os::name_of(os::native(path).filename()); }

std::string join(const std::string& directory, const std::string& name) {
  return os::name_of(os::native(directory) / os::native(name));
}

bool process_is_running(const std::string& name) { return os::process_is_running(name); }

std::string environment(const std::string& name) { return os::environment(name); }

namespace {

std::string ours(const std::string& root) {
  return root.empty() ? root : join(root, "electron-rescue");
}

}  // namespace

std::string cache_directory() {
  std::string folder = ours(os::cache_root());
  // Windows has one root for both: whoever looks for firmware must not read through all backups.
  return folder.empty() || folder != state_directory() ? folder : join(folder, "firmware");
}

std::string state_directory() { return ours(os::state_root()); }

}  // namespace base
