// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/addresses.h"

#include <charconv>
#include <cstring>

// Only the headers differ.
#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#endif

namespace os {

std::optional<ListenAddress> listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  ListenAddress address;
  const std::string_view digits = text.substr(colon + 1);
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (error != std::errc() || digits.empty() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  std::string_view host = text.substr(0, colon);
  address.is_v6 = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (address.is_v6) host = host.substr(1, host.size() - 2);
  address.host = host;
  if (address.is_v6) {
    sockaddr_in6 wanted{};
    wanted.sin6_family = AF_INET6;
    wanted.sin6_port = htons(address.port);
    if (::inet_pton(AF_INET6, address.host.c_str(), &wanted.sin6_addr) != 1) return std::nullopt;
    address.is_loopback = IN6_IS_ADDR_LOOPBACK(&wanted.sin6_addr) != 0;
    std::memcpy(address.storage.data(), &wanted, sizeof wanted);
  } else {
    sockaddr_in wanted{};
    wanted.sin_family = AF_INET;
    wanted.sin_port = htons(address.port);
    if (::inet_pton(AF_INET, address.host.c_str(), &wanted.sin_addr) != 1) return std::nullopt;
    address.is_loopback = (ntohl(wanted.sin_addr.s_addr) >> 24U) == 127;
    std::memcpy(address.storage.data(), &wanted, sizeof wanted);
  }
  return address;
}

}  // namespace os
