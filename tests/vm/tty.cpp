// SPDX-License-Identifier: GPL-3.0-or-later
//
// A serial port from a script, for the checks in the virtual machine:
//
//   tty rate PORT RATE               what `stty -F PORT RATE` does where it knows any rate; the
//   stty
//                                    of coreutils 9.1 knows only the ones with a name, not 14400
//   tty ask PORT RATE TEXT           sends TEXT, prints what comes until nothing comes for a second
//   tty run PORT RATE LOG COMMAND…   runs COMMAND with its input and output connected to the port;
//                                    what the device says, then and for three seconds after, is
//                                    in LOG
//
// Exit code 0, of COMMAND, or 1 with a message.

#include <asm/termbits.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr int kQuietMs = 1000;
constexpr int kAfterMs = 3000;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "tty: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

int open_port(const char* path, const char* rate) {
  const int port = ::open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (port < 0) fail(path);
  termios2 settings{};
  if (::ioctl(port, TCGETS2, &settings) != 0) fail("TCGETS2");
  // Raw, and the rate in the same call: the port remembers the rate of its last user, and setting
  // anything else first would send that one.
  settings.c_iflag = 0;
  settings.c_oflag = 0;
  settings.c_lflag = 0;
  settings.c_cflag = CS8 | CREAD | CLOCAL | BOTHER;
  settings.c_cc[VMIN] = 1;
  settings.c_cc[VTIME] = 0;
  settings.c_ispeed = settings.c_ospeed = static_cast<speed_t>(std::strtoul(rate, nullptr, 10));
  if (::ioctl(port, TCSETS2, &settings) != 0) fail("TCSETS2");
  return port;
}

// Copies what is there. False at the end, also when the device is gone.
bool copy(int from, int to, std::FILE* log) {
  char buffer[4096];
  const auto got = ::read(from, buffer, sizeof(buffer));
  if (got <= 0) return false;
  if (log != nullptr) {
    std::fwrite(buffer, 1, static_cast<std::size_t>(got), log);
    std::fflush(log);
  }
  for (ssize_t done = 0; to >= 0 && done < got;) {
    const auto put = ::write(to, buffer + done, static_cast<std::size_t>(got - done));
    if (put < 0) return log != nullptr;  // nobody listens any more; the log still does
    done += put;
  }
  return true;
}

bool readable(int descriptor, int most_ms) {
  pollfd entry{descriptor, POLLIN, 0};
  return ::poll(&entry, 1, most_ms) > 0;
}

int ask(int port, std::string_view text) {
  if (::write(port, text.data(), text.size()) < 0) fail("write");
  while (readable(port, kQuietMs) && copy(port, STDOUT_FILENO, nullptr)) {
  }
  return 0;
}

int run(int port, const char* log_path, char** command) {
  std::FILE* log = std::fopen(log_path, "w");
  int to_child[2];
  int from_child[2];
  if (log == nullptr || ::pipe2(to_child, O_CLOEXEC) != 0 || ::pipe2(from_child, O_CLOEXEC) != 0) {
    fail(log_path);
  }
  const pid_t child = ::fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    ::dup2(to_child[0], STDIN_FILENO);
    ::dup2(from_child[1], STDOUT_FILENO);
    ::execvp(command[0], command);
    fail(command[0]);
  }
  ::close(to_child[0]);
  ::close(from_child[1]);
  pollfd entries[2] = {{port, POLLIN, 0}, {from_child[0], POLLIN, 0}};
  bool device_there = true;
  while (::poll(entries, 2, -1) > 0) {
    if (entries[0].revents != 0 && !copy(port, to_child[1], log)) {
      device_there = false;
      entries[0].fd = -1;
      ::close(to_child[1]);
    }
    if (entries[1].revents != 0 && !copy(from_child[0], device_there ? port : -1, nullptr)) break;
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  while (device_there && readable(port, kAfterMs) && copy(port, -1, log)) {
  }
  std::fclose(log);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  const std::string_view what = argc > 3 ? argv[1] : "";
  if (what == "rate" && argc == 4) {
    ::close(open_port(argv[2], argv[3]));
    return 0;
  }
  if (what == "ask" && argc == 5) return ask(open_port(argv[2], argv[3]), argv[4]);
  if (what == "run" && argc > 5) return run(open_port(argv[2], argv[3]), argv[4], argv + 5);
  std::fprintf(stderr, "usage: tty rate|ask|run PORT RATE …\n");
  return 1;
}
