// SPDX-License-Identifier: GPL-3.0-or-later
//
// What stands in a request for the board: method, path, query, headers and body, a line each.
// Whatever it is, there is an answer, and nothing is done without header, name and token.
#include "base/clock.h"
#include "board/router.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

std::string take_line(std::string& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string line = text.substr(0, end);
  text.erase(0, std::min(end + 1, text.size()));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const base::RealClock clock;
  static const board::Feed feed(clock);
  static const board::Rules rules{board::hosts_of("127.0.0.1", false, 8080, {}), "open sesame"};
  static const board::Router router(rules, feed, {});
  std::string text(reinterpret_cast<const char*>(data), size);
  board::Request request;
  request.method = take_line(text);
  request.path = take_line(text);
  request.host = take_line(text);
  request.guard = take_line(text);
  request.authorization = take_line(text);
  for (std::string line = take_line(text); !line.empty(); line = take_line(text)) {
    const std::size_t equals = std::min(line.find('='), line.size());
    request.query[line.substr(0, equals)] = line.substr(std::min(equals + 1, line.size()));
  }
  request.body = text;
  const board::Response response = router.answer(request);
  if (response.status < 200 || response.status > 599) std::abort();
  const bool may = request.method == "POST" && request.guard == "1" &&
                   request.authorization == "Bearer open sesame" &&
                   request.body.size() <= board::kMostBody;
  if (response.command && !may) std::abort();
  return 0;
}
