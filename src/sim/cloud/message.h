// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// HTTP as values: what the virtual cloud is asked and what it answers. No socket, no time of its
// own.

#include "base/clock.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim::cloud {

// What is taken from a client at most.
inline constexpr std::size_t kMostBody = std::size_t{1} << 20U;
inline constexpr std::size_t kMostTarget = 4096;
inline constexpr std::size_t kMostParts = 16;

struct Request {
  std::string method;                          // "GET"
  std::string target;                          // path and query, as sent: "/v1/devices?page=2"
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

struct Answer {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;  // others
  std::string body;
  base::Micros after{0};     // from the request until it is sent
  bool cut = false;          // nothing is sent: the connection is closed instead
  std::uint64_t filler = 0;  // so many spaces follow the body
  // An event stream: its bytes come from Cloud::read().
  std::optional<std::uint32_t> stream;
};

using Fields = std::map<std::string, std::string>;

// "/v1/devices/x%2Fy?page=2": segments and query, percent-decoded. None: not decodable.
struct Target {
  std::vector<std::string> path;
  Fields query;
};
std::optional<Target> parse_target(std::string_view target);

// application/x-www-form-urlencoded. None: not decodable.
std::optional<Fields> parse_form(std::string_view body);

// One part of multipart/form-data (RFC 7578).
struct FormPart {
  std::string name;
  std::optional<std::string> file_name;
  std::string content_type;
  std::string body;
};
// `content_type` is the request's header, with the boundary. None: no such body, or more than
// kMostParts parts.
std::optional<std::vector<FormPart>> parse_multipart(std::string_view content_type,
                                                     std::string_view body);

}  // namespace sim::cloud
