// SPDX-License-Identifier: GPL-3.0-or-later
#include "electron_sim/address.h"

#include "base/bytes.h"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>

namespace electron_sim {
namespace {

base::Error bad_address(const std::string& text) {
  return base::make_error(base::Errc::usage, "bad-listen",
                          fmt::format("'{}' is no address to listen at", base::printable(text)),
                          "say an address and a port, such as 127.0.0.1:8090");
}

}  // namespace

base::Result<Address> parse_address(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return bad_address(text);
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error != std::errc() || at != end) return bad_address(text);
  std::string host = text.substr(0, colon);
  Address address;
  address.shown = host;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  sockaddr_in four{};
  sockaddr_in6 six{};
  if (inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    std::memcpy(&address.storage, &four, sizeof(four));
  } else if (inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    std::memcpy(&address.storage, &six, sizeof(six));
  } else {
    return bad_address(text);
  }
  return address;
}

}  // namespace electron_sim
