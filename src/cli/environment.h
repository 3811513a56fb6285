// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cancel.h"
#include "cli/computer.h"
#include "cli/world_source.h"
#include "net/http.h"
#include "net/wire.h"
#include "report/output.h"

#include <string>

namespace cli {

// What the program is given of the world around it; all of it outlives the run.
struct Environment {
  WorldSource& worlds;
  report::Output& output;
  report::Terminal terminal;
  base::CancelToken& cancel;
  Computer& computer;
  // Where each run's log is kept; empty: nowhere.
  std::string log_directory = {};
  // Where fetched release files are kept; always searched, last. Empty: nowhere.
  std::string cache_directory = {};
  // What `fetch` fetches through; null: no network at all.
  net::Http* network = nullptr;
  // What `ota` talks to the cloud through, by real time; null: only virtual clouds.
  net::Wire* wire = nullptr;
};

}  // namespace cli
