// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A request and what is answered, as values: what the board does is decided on these, and the
// network is elsewhere (server.cpp).

#include "station/status.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace board {

struct Request {
  std::string method;                        // "GET"
  std::string path;                          // decoded: "/api/slots/A1/again"
  std::map<std::string, std::string> query;  // decoded
  std::optional<std::string> host;           // what the header says; none: there is none
  std::string authorization;
  std::string guard;  // of the header X-Electron-Rescue, which no form of a foreign page can send
  std::string body;
};

struct Response {
  int status = 200;
  std::string type = "application/json; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
  bool is_stream = false;  // events follow for as long as the reader stays
  // To be told to the station; the answer to it is the answer to the request.
  std::optional<station::Command> command = {};
};

// A JSON error: {"schema": 1, "ok": false, "error": {…}}.
Response failure(int status, const std::string& code, const std::string& message,
                 const std::string& hint);

}  // namespace board
