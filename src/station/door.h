// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the lead does from another program of this computer: a line of JSON to the running station,
// and one back.
//
//   {"command": "release", "subject": "3a0041…", "who": "anna"}   →   {"ok": true}
//                                                                      {"ok": false, "problem":
//                                                                      "…"}

#include "base/cancel.h"
#include "base/result.h"
#include "os/local_line.h"
#include "station/status.h"

#include <memory>
#include <string>
#include <thread>

namespace station {

class Door {
  struct Key {};  // only open() makes one

 public:
  // `lead` outlives it. Errors: busy, id "station-runs" (another one has this door); unsupported.
  static base::Result<std::unique_ptr<Door>> open(const std::string& path, Lead& lead);
  Door(Key, std::unique_ptr<os::LineServer> server, Lead& lead);
  ~Door();
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

 private:
  void serve();

  std::unique_ptr<os::LineServer> server_;
  Lead& lead_;
  base::CancelToken over_;
  std::thread thread_;
};

// Where the door of the station of this name is: in `folder`.
std::string door_path(const std::string& folder, const std::string& station);

// Tells a running station. Errors: no_device, id "no-station" (none runs there); refused, id
// "station-refused" with what it says.
base::Result<> knock(const std::string& path, const Command& command);

}  // namespace station
