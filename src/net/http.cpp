// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/http.h"

namespace net {

std::string shown(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return base::printable(url);
  const std::size_t host = scheme + 3;
  const std::size_t end = url.find_first_of("/?#", host);
  const std::size_t at = url.rfind('@', end);
  const bool secret =
      at != std::string::npos && at >= host && (end == std::string::npos || at < end);
  return base::printable(secret ? url.substr(0, host) + url.substr(at + 1) : url);
}

}  // namespace net
