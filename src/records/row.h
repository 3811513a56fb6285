// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a station writes down, as values. The names are those of the tables in both engines. Times
// of day are milliseconds since 1970 in UTC; a text that is empty is NULL there. A device's secret
// is in none of them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace records {

// A file that a recipe writes.
struct RecipeFile {
  std::string function;  // "system-part", "user-part", "bootloader"
  std::int64_t index = 0;
  std::int64_t version = 0;
  std::int64_t size = 0;
  std::string sha256;  // hex, lower case
  bool operator==(const RecipeFile&) const = default;
};

// What a station makes of a device. The id is the SHA-256 of `options`, which names all files by
// their hashes, so that another file is another recipe.
struct Recipe {
  std::string id;       // hex, lower case
  std::string target;   // "2.3.1"
  std::string options;  // its canonical JSON
  std::int64_t made_ms = 0;
  std::vector<RecipeFile> files;
};

enum class Kind {
  work,    // bring a device to the recipe
  golden,  // the same with a golden unit, which proves the station
  verify,  // compare with the recipe, write nothing
};
std::string_view name(Kind kind);  // "work", "golden", "verify"
std::optional<Kind> kind_of(std::string_view name);

enum class Outcome {
  pass,     // written, read back, confirmed
  fail,     // the job ended with an error
  aborted,  // somebody ended it: pulled, interrupted, refused by a hook
  lost,     // nobody knows how it ended, or it ended through no fault of the device's: hub, power
};
std::string_view name(Outcome outcome);  // "pass", "fail", "aborted", "lost"
std::optional<Outcome> outcome_of(std::string_view name);

// How the device's id is known.
enum class IdentityBy {
  none,        // it has none to tell, or was not asked
  descriptor,  // its USB serial string
  listening,   // it told it in listening mode
};
std::string_view name(IdentityBy by);  // "none", "descriptor", "listening"
std::optional<IdentityBy> identity_by_of(std::string_view name);

// A row as it is opened, before the device is touched.
struct Opening {
  std::string id;  // random UUID, version 4: a cloned disk must not make equal keys
  std::string station;
  std::string slot;
  std::string recipe;  // Recipe::id
  Kind kind = Kind::work;
  std::string previous;      // the row of this device, or insertion, before this one
  std::int64_t attempt = 1;  // within the insertion, from 1
  std::string device;        // 24 hex digits
  IdentityBy identity_by = IdentityBy::none;
  std::string operator_name;
  std::string order_no;
  std::int64_t started_ms = 0;
  std::string boot;            // of the computer: order across a clock that jumps
  bool clock_is_sure = false;  // the clock was synchronised
  std::string tool;            // version of this program
};

// What a row is closed with, once. What is known of the device's identity replaces the opening's
// unless it is empty.
struct Ending {
  Outcome outcome = Outcome::lost;
  std::string code;  // error id; "pulled", "pulled-early", "hub", "station-died"; empty with pass
  std::string message;
  std::int64_t ended_ms = 0;
  double seconds = 0;  // by the steady clock
  std::string device;
  IdentityBy identity_by = IdentityBy::none;
  // False where the id after a restart could not be compared with the one before.
  std::optional<bool> continuous;
  std::string imei;
  std::string iccid;
  // "2.3.1", "1.5.0, other build", "mixed" (parts of several), "incomplete" (a part is missing or
  // half written); empty: not known.
  std::string before_release;
  std::string before_bootloader;
  std::string after_release;
  std::string after_bootloader;
  std::int64_t bytes_written = 0;
  std::int64_t bytes_verified = 0;
  std::int64_t retries = 0;
  std::string backup;  // path
  // From a hook that ran before; replace the opening's unless they are empty.
  std::string operator_name;
  std::string order_no;
};

// A row as it is read. `seq` orders the rows of a station, whatever its clock does.
struct Row {
  std::int64_t seq = 0;
  Opening opening;               // with what the ending knows better
  std::optional<Ending> ending;  // none: open
  std::string digest;            // of a closed row
};

// A hook that was run for a job.
struct HookRun {
  std::string job;                        // Opening::id
  std::string event;                      // "before", "result"
  std::int64_t n = 0;                     // which run of it, from 1
  std::optional<std::int64_t> exit_code;  // none: it had to be stopped, or did not start
  double seconds = 0;
  std::string message;
  std::string fields;  // JSON object, at most 4 KiB; empty if it gave none
};

// Something that somebody did, or that befell the station, apart from jobs: "unlock", "reload",
// "release", "slot-off", "slot-on", "stop", "alarm", "seen-again", "hold", "started", "ended".
struct Act {
  std::int64_t at_ms = 0;
  std::string who;  // user name, "station", or what the token says
  std::string what;
  std::string detail;
};

}  // namespace records
