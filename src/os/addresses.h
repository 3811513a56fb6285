// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Addresses that a server listens on, as the system's calls take them.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace os {

struct ListenAddress {
  alignas(8) std::array<unsigned char, 128> storage{};  // a sockaddr_in or sockaddr_in6
  std::string host;                                     // "127.0.0.1", "::1"
  std::uint16_t port = 0;                               // 0: any that is free
  bool is_v6 = false;
  bool is_loopback = false;  // nobody else's computer comes in here
};

// "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:8080"; none where it is none of them. Names are not
// looked up.
std::optional<ListenAddress> listen_address(std::string_view text);

}  // namespace os
