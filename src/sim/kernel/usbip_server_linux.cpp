// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/kernel/usbip_server_linux.h"

#include <fmt/format.h>

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <system_error>
#include <utility>

namespace sim {
namespace {

constexpr std::size_t kMostClients = 256;
// A client that asks and does not read is let go.
constexpr std::size_t kMostUnsent = std::size_t{4} << 20;

base::Error cannot_listen(int error) {
  const std::string message =
      fmt::format("cannot listen: {}", std::generic_category().message(error));
  if (error == EADDRINUSE) {
    return base::make_error(base::Errc::busy, message, "another program has that port");
  }
  if (error == EACCES) {
    return base::make_error(base::Errc::access_denied, message, "take a port above 1023");
  }
  return base::make_error(base::Errc::usb_io, message);
}

std::uint16_t port_of(int socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<sockaddr_in&>(bound).sin_port);
}

}  // namespace

base::Result<std::unique_ptr<UsbipServer>> UsbipServer::listen(Wire& wire, const sockaddr& address,
                                                               socklen_t size) {
  Descriptor socket(::socket(address.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.number() < 0) return cannot_listen(errno);
  const int yes = 1;
  ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (::bind(socket.number(), &address, size) != 0 || ::listen(socket.number(), SOMAXCONN) != 0) {
    return cannot_listen(errno);
  }
  const std::uint16_t port = port_of(socket.number());
  return std::make_unique<UsbipServer>(Key(), wire, std::move(socket), port);
}

void UsbipServer::add_descriptors(std::vector<int>& readable, std::vector<int>& writable) const {
  readable.push_back(socket_.number());
  for (const Client& client : clients_) {
    readable.push_back(client.socket.number());
    if (!client.unsent.empty()) writable.push_back(client.socket.number());
  }
}

void UsbipServer::ready(int descriptor) {
  if (descriptor == socket_.number()) accept();
  for (Client& client : clients_) {
    if (client.socket.number() == descriptor) receive(client);
  }
}

void UsbipServer::accept() {
  while (true) {
    Descriptor socket(::accept4(socket_.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket.number() < 0) return;
    if (clients_.size() >= kMostClients) continue;
    // Answers are small, and each is waited for.
    const int yes = 1;
    ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    clients_.emplace_back(std::move(socket), *wire_, taken_);
  }
}

void UsbipServer::receive(Client& client) {
  base::Bytes bytes(kMostAtOnce);
  const auto got = ::recv(client.socket.number(), bytes.data(), bytes.size(), 0);
  if (got < 0) {
    client.lost = errno != EAGAIN && errno != EINTR;
    return;
  }
  bytes.resize(static_cast<std::size_t>(got));
  client.lost = bytes.empty() || !client.session.receive(bytes);
}

void UsbipServer::send(Client& client) {
  const base::Bytes output = client.session.take_output();
  client.unsent.insert(client.unsent.end(), output.begin(), output.end());
  if (client.unsent.empty()) return;
  const auto put =
      ::send(client.socket.number(), client.unsent.data(), client.unsent.size(), MSG_NOSIGNAL);
  if (put < 0) {
    client.lost = client.lost || (errno != EAGAIN && errno != EINTR);
  } else {
    client.unsent.erase(client.unsent.begin(), client.unsent.begin() + put);
  }
  if (client.unsent.size() > kMostUnsent) client.lost = true;
}

void UsbipServer::follow() {
  for (Client& client : clients_) {
    if (!client.session.run()) client.lost = true;
    send(client);
  }
  std::erase_if(clients_, [](const Client& client) {
    return client.lost || (client.session.over() && client.unsent.empty());
  });
}

std::optional<base::Instant> UsbipServer::next_event() const {
  std::optional<base::Instant> next;
  for (const Client& client : clients_) {
    const auto event = client.session.next_event();
    if (event && (!next || *event < *next)) next = event;
  }
  return next;
}

}  // namespace sim
