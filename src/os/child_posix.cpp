// SPDX-License-Identifier: GPL-3.0-or-later
//
// Linux and macOS.
#include "os/child.h"
#include "os/files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): pthread_sigmask()
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace os {
namespace {

using Time = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

// One end of a pipe.
class End {
 public:
  End() = default;
  explicit End(int descriptor) : descriptor_(descriptor) {}
  End(const End&) = delete;
  End& operator=(const End&) = delete;
  End(End&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  End& operator=(End&& other) noexcept {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
    return *this;
  }
  ~End() { close(); }
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }
  int get() const { return descriptor_; }
  bool open() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

struct Pipe {
  End read;
  End write;
  // No other child that is started meanwhile may inherit an end: its readers would wait for that.
  bool make() {
    std::array<int, 2> ends{};
#ifdef __linux__
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
#else
    if (::pipe(ends.data()) != 0) return false;
    for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
#endif
    read = End(ends[0]);
    write = End(ends[1]);
    return true;
  }
};

// A reader that goes away is an error of write(), not the end of this program.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoBrokenPipe() {
    sigset_t pending;
    ::sigpending(&pending);
    if (::sigismember(&before_, SIGPIPE) == 0 && ::sigismember(&pending, SIGPIPE) == 1) {
      int taken = 0;
      ::sigwait(&pipe_, &taken);
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

class Child {
 public:
  explicit Child(const ChildOrder& order) : order_(order) {}

  ChildEnd run() {
    if (!start()) return std::move(end_);
    end_.started = true;
    const Time begun = std::chrono::steady_clock::now();
    term_at_ = begun + order_.time;
    ::fcntl(input_.write.get(), F_SETFL, O_NONBLOCK);
    if (order_.input.empty()) input_.write.close();
    while (!over()) {
      move_bytes();
      mind_the_time();
    }
    take_what_is_left();
    return std::move(end_);
  }

 private:
  bool start() {
    if (order_.words.empty()) {
      end_.problem = "no program is named";
      return false;
    }
    if (!input_.make() || !output_.make() || !errors_.make()) {
      end_.problem = std::generic_category().message(errno);
      return false;
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input_.read.get(), STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output_.write.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, errors_.write.get(), STDERR_FILENO);
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<std::string> words = order_.words;
    std::vector<std::string> settings;
    for (const auto& [name, value] : order_.environment) {
      settings.push_back(std::string(name).append("=").append(value));
    }
    const int error = ::posix_spawnp(&process_, words[0].c_str(), &actions, &attributes,
                                     pointers(words).data(), pointers(settings).data());
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    if (error != 0) {
      end_.problem = std::generic_category().message(error);
      return false;
    }
    input_.read.close();
    output_.write.close();
    errors_.write.close();
    return true;
  }

  // The program itself has ended; then all that it left behind is ended, too.
  bool over() {
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) != process_) return false;
    ::kill(-process_, SIGKILL);
    if (WIFEXITED(status)) end_.exit_code = WEXITSTATUS(status);
    return true;
  }

  void move_bytes() {
    std::array<pollfd, 3> ends{};
    nfds_t count = 0;
    const auto watch = [&](const End& end, short events) {
      if (end.open()) ends[count++] = {end.get(), events, 0};
    };
    watch(output_.read, POLLIN);
    watch(errors_.read, POLLIN);
    watch(input_.write, POLLOUT);
    // An end of the program is no event of a pipe that its own child may still hold.
    constexpr int kAsked = 20;
    ::poll(ends.data(), count, kAsked);
    for (nfds_t i = 0; i < count; ++i) {
      if (ends[i].revents == 0) continue;
      if (ends[i].fd == input_.write.get()) {
        feed();
      } else if (ends[i].fd == output_.read.get()) {
        read_some(output_.read, end_.output, order_.most_output);
      } else {
        read_some(errors_.read, end_.errors, order_.most_errors);
      }
    }
  }

  void feed() {
    const NoBrokenPipe guard;
    const ssize_t sent =
        ::write(input_.write.get(), order_.input.data() + fed_, order_.input.size() - fed_);
    if (sent > 0) fed_ += static_cast<std::size_t>(sent);
    const bool later = sent < 0 && (errno == EAGAIN || errno == EINTR);
    if (fed_ == order_.input.size() || (sent < 0 && !later)) input_.write.close();
  }

  // False: nothing more is to be had.
  bool read_some(End& from, std::string& into, std::size_t most) {
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
    if (got <= 0) {
      if (got == 0 || (errno != EAGAIN && errno != EINTR)) from.close();
      return false;
    }
    const std::size_t bytes = static_cast<std::size_t>(got);
    const std::size_t room = most - std::min(most, into.size());
    into.append(buffer.data(), std::min(room, bytes));
    if (bytes > room) end_.flooded = true;
    return true;
  }

  void mind_the_time() {
    const Time now = std::chrono::steady_clock::now();
    if (!kill_at_) {
      end_.timed_out = now >= term_at_;
      end_.stopped = !end_.timed_out && order_.stop && order_.stop();
      if (!end_.timed_out && !end_.stopped) return;
      ::kill(-process_, SIGTERM);
      kill_at_ = now + order_.grace;
    } else if (now >= *kill_at_ && !end_.killed) {
      ::kill(-process_, SIGKILL);
      end_.killed = true;
    }
  }

  // What lies in the pipes already; nobody is waited for.
  void take_what_is_left() {
    for (End* const end : {&output_.read, &errors_.read}) {
      if (!end->open()) continue;
      ::fcntl(end->get(), F_SETFL, O_NONBLOCK);
      std::string& into = end == &output_.read ? end_.output : end_.errors;
      const std::size_t most = end == &output_.read ? order_.most_output : order_.most_errors;
      // As much as a pipe can hold, and no more: somebody may still write.
      for (int pieces = 0; pieces < 32 && end->open() && read_some(*end, into, most); ++pieces) {
      }
    }
  }

  const ChildOrder& order_;
  ChildEnd end_;
  pid_t process_ = -1;
  Pipe input_;
  Pipe output_;
  Pipe errors_;
  std::size_t fed_ = 0;
  Time term_at_;
  std::optional<Time> kill_at_;
};

}  // namespace

bool runs_children() { return true; }

bool can_run(const std::string& program) {
  const auto is_program = [](const std::string& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
           ::access(path.c_str(), X_OK) == 0;
  };
  if (program.find('/') != std::string::npos) return is_program(program);
  std::string path = environment("PATH");
  if (path.empty()) path = "/usr/local/bin:/usr/bin:/bin";
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    if (is_program(path.substr(begin, end - begin) + "/" + program)) return true;
    begin = end + 1;
  }
  return false;
}

ChildEnd run_child(const ChildOrder& order) { return Child(order).run(); }

}  // namespace os
