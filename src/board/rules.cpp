// SPDX-License-Identifier: GPL-3.0-or-later
#include "board/rules.h"

#include "base/ascii.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace board {
namespace {

bool changes_something(const std::string& method) { return method == "POST"; }

}  // namespace

std::vector<std::string> hosts_of(const std::string& host, bool is_v6, int port,
                                  const std::vector<std::string>& names) {
  std::vector<std::string> all = names;
  all.push_back(is_v6 ? fmt::format("[{}]", host) : host);
  all.emplace_back("localhost");
  std::vector<std::string> hosts;
  constexpr int kHttp = 80;
  constexpr int kHttps = 443;
  for (const std::string& name : all) {
    hosts.push_back(base::lower(fmt::format("{}:{}", name, port)));
    if (port == kHttp || port == kHttps) hosts.push_back(base::lower(name));
    // One that is reached through a proxy is called by the name alone.
    if (&name < all.data() + names.size()) hosts.push_back(base::lower(name));
  }
  return hosts;
}

std::optional<Response> refusal(const Rules& rules, const Request& request) {
  if (!request.host || std::ranges::count(rules.hosts, base::lower(*request.host)) == 0) {
    return failure(421, "wrong-host", "this board is not called by that name",
                   "use the address that the station printed, or add the name to hosts below "
                   "[board]");
  }
  if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
  if (!changes_something(request.method)) {
    Response response = failure(405, "wrong-method", "this board knows GET and POST", "");
    response.headers.emplace_back("Allow", "GET, HEAD, POST");
    return response;
  }
  if (request.body.size() > kMostBody) {
    return failure(413, "too-long", "the body is too long", "nothing here takes more than 4 KiB");
  }
  if (request.guard != "1") {
    return failure(403, "no-guard", "the header X-Electron-Rescue: 1 is missing",
                   "programs send it with every POST");
  }
  if (rules.token.empty()) {
    return failure(403, "no-token-file", "nothing can be changed from this page",
                   "set token_file below [board], or use: electron-rescue station unlock");
  }
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view given = request.authorization;
  if (!given.starts_with(kBearer) || !is_same_secret(given.substr(kBearer.size()), rules.token)) {
    Response response = failure(401, "wrong-token", "the token is missing or wrong",
                                "the lead has it; it is in the station's token_file");
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
  }
  return std::nullopt;
}

bool is_same_secret(std::string_view a, std::string_view b) {
  unsigned different = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char other = b.empty() ? '\0' : b[i % b.size()];
    different |=
        static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(other));
  }
  return different == 0;
}

}  // namespace board
