// SPDX-License-Identifier: GPL-3.0-or-later
#include "cloud/account.h"

#include "net/http.h"

#include <algorithm>
#include <array>

namespace cloud {
namespace {

constexpr std::size_t kLongestToken = 4096;  // the vendor's have 40 digits

// "127.0.0.1" of "http://127.0.0.1:8080/x".
std::string_view host_of(std::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (url.starts_with('[')) return url.substr(0, url.find(']') + 1);
  return url.substr(0, url.find(':'));
}

bool is_here(std::string_view host) {
  constexpr std::array<std::string_view, 3> kHere{"127.0.0.1", "localhost", "[::1]"};
  return std::ranges::find(kHere, host) != kHere.end();
}

}  // namespace

base::Result<Account> Account::make(std::string api, std::string token) {
  while (api.ends_with('/')) api.pop_back();
  const bool secure = api.starts_with("https://");
  if (!secure && !api.starts_with("http://")) {
    return base::make_error(base::Errc::usage, "bad-address",
                            net::shown(api) + " is no address of a cloud",
                            "it begins with https://; without --api it is the vendor's");
  }
  if (api.find('@') != std::string::npos || host_of(api).empty()) {
    return base::make_error(base::Errc::usage, "bad-address",
                            net::shown(api) + " is no address of a cloud",
                            "it has a host, and neither user name nor password");
  }
  if (!secure && !is_here(host_of(api))) {
    return base::make_error(base::Errc::usage, "bad-address",
                            net::shown(api) + ": the token would travel for everybody to read",
                            "use https://; http:// only to 127.0.0.1");
  }
  const bool plain =
      !token.empty() && token.size() <= kLongestToken &&
      std::ranges::all_of(token, [](char letter) { return letter > ' ' && letter <= '~'; });
  if (!plain) {
    return base::make_error(base::Errc::access_denied, "bad-token",
                            "what was given as an access token is none",
                            "a token of the vendor's has 40 hexadecimal digits and nothing else");
  }
  return Account(std::move(api), std::move(token));
}

bool is_device_id(std::string_view text) {
  constexpr std::size_t kDigits = 24;
  return text.size() == kDigits &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

}  // namespace cloud
