// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Who asks, and where.

#include "base/result.h"

#include <string>
#include <string_view>

namespace cloud {

inline constexpr std::string_view kVendorApi = "https://api.particle.io";

class Account {
 public:
  // `api`: https, or http to this very computer; without a slash at its end. Errors: usage (id
  // "bad-address"); access_denied (id "bad-token": it holds what no token holds). No message
  // repeats the token.
  static base::Result<Account> make(std::string api, std::string token);

  const std::string& api() const { return api_; }
  const std::string& token() const { return token_; }

 private:
  Account(std::string api, std::string token) : api_(std::move(api)), token_(std::move(token)) {}
  std::string api_;
  std::string token_;
};

// 24 hexadecimal digits.
bool is_device_id(std::string_view text);

}  // namespace cloud
