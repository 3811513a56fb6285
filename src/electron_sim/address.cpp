// SPDX-License-Identifier: GPL-3.0-or-later
#include "electron_sim/address.h"

#include "base/bytes.h"
#include "os/addresses.h"

#include <fmt/format.h>

#include <cstring>

namespace electron_sim {

base::Result<Address> parse_address(const std::string& text) {
  const auto found = os::listen_address(text);
  if (!found) {
    return base::make_error(base::Errc::usage, "bad-listen",
                            fmt::format("'{}' is no address to listen at", base::printable(text)),
                            "say an address and a port, such as 127.0.0.1:8090");
  }
  Address address;
  static_assert(sizeof(found->storage) == sizeof(address.storage));
  std::memcpy(&address.storage, found->storage.data(), sizeof(address.storage));
  address.shown = found->is_v6 ? '[' + found->host + ']' : found->host;
  return address;
}

}  // namespace electron_sim
