// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the board answers to a request: pages, the live status, records, and commands of the lead.

#include "board/feed.h"
#include "board/http.h"
#include "board/rules.h"
#include "records/connection.h"

#include <functional>
#include <memory>

namespace board {

// Opens the records to read. May be empty: then there are none to ask.
using OpenRecords = std::function<base::Result<std::unique_ptr<records::Connection>>()>;

class Router {
 public:
  // `feed` outlives it.
  Router(Rules rules, const Feed& feed, OpenRecords open_records)
      : rules_(std::move(rules)), feed_(feed), open_records_(std::move(open_records)) {}

  // Never throws, whatever stands in the request. Every answer has the headers that keep a browser
  // from doing more with it than showing it.
  Response answer(const Request& request) const;

 private:
  Response get(const Request& request) const;
  Response api(const Request& request) const;
  static Response post(const Request& request);
  Response jobs(const Request& request) const;
  Response job(const std::string& id) const;
  Response summary(const Request& request) const;
  Response csv(const Request& request) const;

  Rules rules_;
  const Feed& feed_;
  OpenRecords open_records_;
};

// How a command that was told to the station ended: `problem` is empty, or why it was not done.
Response told(const std::string& problem);

}  // namespace board
