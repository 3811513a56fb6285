// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Hooks are programs: JSON in, an exit code and perhaps JSON out, within a time limit. What they
// are told and what their answers mean, without running one.

#include "os/child.h"
#include "records/row.h"
#include "station/config.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace station {

struct HookFacts {
  std::string station;
  std::string order;
  std::string slot;
  records::Opening job;
  std::string target;
  // Of `result`.
  std::optional<records::Ending> ending;
  std::string report;  // the JSON document that `flash` prints; empty: none
  // Of `stop`.
  std::string stop_code;
  std::string stop_text;
};
// {"schema": 1, "event", "station", "slot", "device", "job", "recipe"}, and "result" or "stop".
std::string hook_document(HookConfig::On on, const HookFacts& facts);

// What one run of a hook means.
struct HookAnswer {
  enum class What {
    go_on,
    refused,  // exit 10: not this device
    not_now,  // exit 75: to be tried again
    failed,   // anything else
  };
  What what = What::failed;
  std::string message;  // at most 80 characters; from the hook, or why it failed
  std::string operator_name;
  std::string order;
  std::string fields;  // JSON object, at most 4 KiB
};
HookAnswer interpret(const HookConfig& hook, const os::ChildEnd& end);

// What all hooks of an occasion came to.
struct HookVerdict {
  bool hold = false;  // the board is held, with `message`
  std::string code;   // "hook-refused", "hook-not-now", "hook-failed"
  std::string message;
  std::string operator_name;
  std::string order;
  std::vector<records::HookRun> runs;
  std::vector<std::string> log;  // what they said on standard error, and what went wrong
};
// Adds the last answer of a hook. False: no other hook is run.
bool add_answer(HookVerdict& verdict, const HookConfig& hook, const HookAnswer& answer);

// Tried again after exit 75 for this long.
inline constexpr base::Micros kNotNowFor = std::chrono::seconds(30);
inline constexpr base::Micros kNotNowPause = std::chrono::seconds(2);
inline constexpr std::size_t kMostHookOutput = 16'384;
inline constexpr std::size_t kMostHookLog = 65'536;
inline constexpr std::size_t kMostFields = 4'096;
inline constexpr std::size_t kMostMessage = 80;

}  // namespace station
