// SPDX-License-Identifier: GPL-3.0-or-later
//
// Linux and macOS.
#include "os/files_posix.h"
#include "os/local_line.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace os {
namespace {

using std::chrono::milliseconds;

#ifdef MSG_NOSIGNAL
constexpr int kNoSignal = MSG_NOSIGNAL;
#else
constexpr int kNoSignal = 0;  // macOS: a signal that the program ignores
#endif

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return descriptor_; }
  bool open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

bool address_of(const std::string& path, sockaddr_un& address) {
  if (path.size() >= sizeof address.sun_path) return false;
  address = {};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), std::begin(address.sun_path));
  return true;
}

const sockaddr* plain(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

std::shared_ptr<Socket> make_socket() {
  auto socket = std::make_shared<Socket>(::socket(AF_UNIX, SOCK_STREAM, 0));
  if (socket->open()) ::fcntl(socket->get(), F_SETFD, FD_CLOEXEC);
  return socket;
}

// A line that comes within `most` from now on, without its end.
Outcome<std::string> read_line(int descriptor, milliseconds most) {
  const auto until = std::chrono::steady_clock::now() + most;
  std::string line;
  std::array<char, 512> buffer{};
  while (line.size() < kMostLine) {
    const auto left =
        std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
    pollfd wanted{descriptor, POLLIN, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return tl::unexpected(std::make_error_code(std::errc::timed_out));
    const ssize_t got = ::recv(descriptor, buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return tl::unexpected(std::make_error_code(std::errc::connection_aborted));
    line.append(buffer.data(), static_cast<std::size_t>(got));
    const std::size_t end = line.find('\n');
    if (end != std::string::npos) return line.substr(0, end);
  }
  return tl::unexpected(std::make_error_code(std::errc::message_size));
}

bool send_line(int descriptor, const std::string& line) {
  const std::string text = line + "\n";
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t now = ::send(descriptor, text.data() + sent, text.size() - sent, kNoSignal);
    if (now < 0 && errno == EINTR) continue;
    if (now <= 0) return false;
    sent += static_cast<std::size_t>(now);
  }
  return true;
}

class Server final : public LineServer {
 public:
  Server(std::shared_ptr<Socket> socket, std::string path)
      : socket_(std::move(socket)), path_(std::move(path)) {}
  ~Server() override { ::unlink(path_.c_str()); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::optional<LocalCall> wait(milliseconds most) override {
    pollfd wanted{socket_->get(), POLLIN, 0};
    if (::poll(&wanted, 1, static_cast<int>(most.count())) <= 0) return std::nullopt;
    const auto caller = std::make_shared<Socket>(::accept(socket_->get(), nullptr, nullptr));
    if (!caller->open()) return std::nullopt;
    ::fcntl(caller->get(), F_SETFD, FD_CLOEXEC);
    constexpr milliseconds kPatience{2000};
    const auto line = read_line(caller->get(), kPatience);
    if (!line) return std::nullopt;
    return LocalCall{*line,
                     [caller](const std::string& answer) { send_line(caller->get(), answer); }};
  }

 private:
  std::shared_ptr<Socket> socket_;
  std::string path_;
};

}  // namespace

Outcome<std::unique_ptr<LineServer>> serve_lines(const std::string& path) {
  sockaddr_un address{};
  if (!address_of(path, address)) {
    return tl::unexpected(std::make_error_code(std::errc::filename_too_long));
  }
  const auto probe = make_socket();
  if (!probe->open()) return tl::unexpected(last_error());
  if (::connect(probe->get(), plain(address), sizeof address) == 0) {
    return tl::unexpected(std::make_error_code(std::errc::address_in_use));
  }
  // Left behind by one that was killed.
  struct stat found {};
  if (::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) ::unlink(path.c_str());
  auto socket = make_socket();
  const mode_t before = ::umask(S_IRWXG | S_IRWXO);
  const bool bound = socket->open() && ::bind(socket->get(), plain(address), sizeof address) == 0;
  const std::error_code error = last_error();
  ::umask(before);
  if (!bound) return tl::unexpected(error);
  constexpr int kWaiting = 8;
  if (::listen(socket->get(), kWaiting) != 0) return tl::unexpected(last_error());
  return std::make_unique<Server>(std::move(socket), path);
}

Outcome<std::string> ask_line(const std::string& path, const std::string& line, milliseconds most) {
  sockaddr_un address{};
  if (!address_of(path, address)) {
    return tl::unexpected(std::make_error_code(std::errc::filename_too_long));
  }
  const auto socket = make_socket();
  if (!socket->open() || ::connect(socket->get(), plain(address), sizeof address) != 0) {
    return tl::unexpected(last_error());
  }
  if (!send_line(socket->get(), line)) return tl::unexpected(last_error());
  return read_line(socket->get(), most);
}

}  // namespace os
