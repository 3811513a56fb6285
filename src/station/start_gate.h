// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Boards that start draw most, up to 2 A with a 2G or 3G modem (station-facts.md, 3.2): of those on
// one hub only so many start at the same time, the others wait in DFU mode. Thread-safe.

#include "base/cancel.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>

namespace station {

class StartGate {
 public:
  // Waits until fewer than `most` boards of the hub start; 0: does not wait. Nor does who is to
  // stop at once.
  void enter(const std::string& hub, int most, const base::CancelToken& cancel);
  // It is back, or will not be. For each enter().
  void leave(const std::string& hub);

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  std::map<std::string, int> starting_;  // by hub
};

}  // namespace station
