// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <string>
#include <sys/socket.h>

namespace electron_sim {

// Where to listen.
struct Address {
  sockaddr_storage storage{};
  std::string shown;  // "127.0.0.1", "[::1]"

  const sockaddr& get() const { return reinterpret_cast<const sockaddr&>(storage); }
  socklen_t size() const { return sizeof(storage); }
};
// "127.0.0.1:8090", "[::1]:8090"; port 0: any that is free. Errors: usage.
base::Result<Address> parse_address(const std::string& text);

}  // namespace electron_sim
