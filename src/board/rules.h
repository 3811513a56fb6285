// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Who may ask for what. A page of another site can make a browser send us requests, also one whose
// name leads to our address all of a sudden: so the name in Host must be ours, what changes
// something needs a header that no foreign page may send, and the token.

#include "board/http.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace board {

inline constexpr std::size_t kMostBody = 4096;

struct Rules {
  std::vector<std::string> hosts;  // as they stand in Host, with the port: "127.0.0.1:8080"
  std::string token;               // empty: nothing can be changed from here
};

// The names by which a server on `host` and `port` is called, and `names` besides. Without the
// port, too, where it is that of the scheme.
std::vector<std::string> hosts_of(const std::string& host, bool is_v6, int port,
                                  const std::vector<std::string>& names);

// Why it is refused; none: it may be answered.
std::optional<Response> refusal(const Rules& rules, const Request& request);

// Equal, in a time that does not tell where they differ.
bool is_same_secret(std::string_view a, std::string_view b);

}  // namespace board
