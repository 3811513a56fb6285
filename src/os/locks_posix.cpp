// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/files_posix.h"
#include "os/locks.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <signal.h>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace os {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  bool open() const { return number_ >= 0; }

 private:
  int number_;
};

// The text of a holder: its number, a line end, its note.
std::optional<LockHolder> holder_in(int file) {
  std::array<char, 256> text{};
  const ssize_t size = ::pread(file, text.data(), text.size(), 0);
  if (size <= 0) return std::nullopt;
  const std::string_view all(text.data(), static_cast<std::size_t>(size));
  LockHolder holder;
  const auto [end, error] = std::from_chars(all.data(), all.data() + all.size(), holder.process);
  if (error != std::errc() || holder.process <= 0) return std::nullopt;
  const std::string_view rest = all.substr(static_cast<std::size_t>(end - all.data()));
  if (!rest.empty()) holder.note = rest.substr(1, rest.find('\n', 1) - 1);
  return holder;
}

void write_holder(int file, const std::string& note) {
  const std::string text = std::to_string(::getpid()) + '\n' + note + '\n';
  // Where another user's file takes no word from us, the lock holds without one.
  if (::ftruncate(file, 0) != 0) return;
  [[maybe_unused]] const ssize_t written = ::pwrite(file, text.data(), text.size(), 0);
}

// Creating and opening are two things: in a folder that all may write to, Linux refuses to open
// another user's file with O_CREAT, even to root (fs.protected_regular).
Descriptor open_or_create(const std::string& path) {
  constexpr int kFlags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  constexpr mode_t kForAll = 0666;
  for (int tries = 0; tries < 8; ++tries) {
    Descriptor file(::open(path.c_str(), O_RDWR | kFlags));
    if (!file.open() && errno == EACCES) file = Descriptor(::open(path.c_str(), O_RDONLY | kFlags));
    if (file.open() || errno != ENOENT) return file;
    file = Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | kFlags, kForAll));
    if (file.open()) {
      // Ours, and new: whoever has the lock next shall be able to write its name, too.
      [[maybe_unused]] const int whatever = ::fchmod(file.number(), kForAll);
      return file;
    }
    if (errno != EEXIST) return file;
  }
  return Descriptor(-1);
}

// The file that was locked is still the one that has the name.
bool has_the_name(int file, const std::string& path) {
  struct stat locked {};
  struct stat named {};
  return ::fstat(file, &locked) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

class LockedFile final : public HeldLock {
 public:
  LockedFile(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  ~LockedFile() override {
    // First the word, so that nobody is told of us; where the file is another user's, it stays.
    [[maybe_unused]] const int emptied = ::ftruncate(file_.number(), 0);
    ::unlink(path_.c_str());
  }
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;

 private:
  Descriptor file_;
  std::string path_;
};

}  // namespace

LockAttempt take_lock(const std::string& folder, const std::string& name, const std::string& note) {
  const std::string path = folder + '/' + name;
  LockAttempt attempt;
  for (int tries = 0; tries < 8; ++tries) {
    Descriptor file = open_or_create(path);
    struct stat about {};
    if (!file.open() || ::fstat(file.number(), &about) != 0) {
      attempt.error = last_error();
      return attempt;
    }
    if (!S_ISREG(about.st_mode)) {
      attempt.error = std::make_error_code(std::errc::file_exists);
      return attempt;
    }
    if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) {
        attempt.holder = holder_in(file.number()).value_or(LockHolder{});
      } else {
        attempt.error = last_error();
      }
      return attempt;
    }
    if (!has_the_name(file.number(), path)) continue;  // its holder has just removed it
    write_holder(file.number(), note);
    attempt.lock = std::make_unique<LockedFile>(std::move(file), path);
    return attempt;
  }
  attempt.error = std::make_error_code(std::errc::resource_unavailable_try_again);
  return attempt;
}

std::optional<LockHolder> lock_holder(const std::string& folder, const std::string& name) {
  const std::string path = folder + '/' + name;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.open()) return std::nullopt;
  auto holder = holder_in(file.number());
  // One that was killed has left its word behind.
  const bool lives =
      holder && (::kill(static_cast<pid_t>(holder->process), 0) == 0 || errno == EPERM);
  return lives ? holder : std::nullopt;
}

std::string lock_folder() {
  // Only where everybody may write: root and an ordinary user must come to the same answer.
  for (const char* const folder : {"/run/lock", "/var/lock"}) {
    struct stat about {};
    if (::stat(folder, &about) == 0 && S_ISDIR(about.st_mode) && (about.st_mode & S_IWOTH) != 0) {
      return folder;
    }
  }
  return "/tmp";
}

}  // namespace os
