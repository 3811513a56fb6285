// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What can go wrong between a client and the cloud, each of it by name and at a place of one's
// choice: `flash 2: bad-gateway` is the second answer to a flash request, `event 7: close-after`
// the seventh event that the cloud publishes. 0 means each one.

#include "base/result.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sim::cloud {

// What is counted, from 1.
enum class Counted : std::uint8_t {
  answer,    // every answer but an event stream
  flash,     // answers to a request to flash a file
  ping,      // answers to a ping
  opening,   // openings of an event stream
  event,     // events published, whoever hears them
  transfer,  // updates begun with a device, whoever asked for them
};
inline constexpr std::size_t kCounted = 6;

enum class Mishap : std::uint8_t {
  // --- an answer: what is in its place, and whether what was asked for is done all the same ---
  no_status,
  needs_modules,
  not_ok,
  errors_object,
  too_big,
  finished,
  timeout,
  timeout_done,
  offline_500,
  silent_500,
  not_found,
  rate_limit,
  bad_gateway,
  bad_gateway_done,
  unavailable,
  cut,
  cut_done,
  slow,
  garbage,
  empty,
  unauthorized,
  forbidden,
  redirect,
  endless,
  long_header,
  // --- the opening of a stream ---
  no_ok,
  crlf,
  split,
  quiet,
  old_safe_mode,
  // --- an event ---
  lose,
  duplicate,
  swap,
  close_before,
  close_after,
  cut_inside,
  bad_json,
  ttl_text,
  no_ttl,
  null_data,
  no_data,
  foreign,
  cut_data,
  other_platform,
  silence,
  late,
  endless_event,
  markup,
  // --- a transfer ---
  refuse,
  stall,
  reset,
  late_back,
  never_back,
  resumed,
  full_handshake,
  no_safe_mode,
  power_cut,
  says_failed,
  says_success,
  // --- other people, at an event or a transfer; token-dies at an answer, too ---
  token_dies,
  healer,
  product_firmware,
  somebody,
  moved,
  undeveloped,
};

struct MishapRow {
  Mishap mishap;
  std::string_view name;
  std::uint8_t counted;      // bits 1 << Counted: where it can happen
  double amount;             // the usual one; 0: takes none
  std::string_view unit;     // "s", "of the transfer"
  std::string_view meaning;  // one line for the manual
};
std::span<const MishapRow> mishap_rows();
const MishapRow& row(Mishap mishap);
std::string_view name(Counted counted);
inline bool applies(const MishapRow& row, Counted counted) {
  return (row.counted >> static_cast<unsigned>(counted) & 1U) != 0;
}

inline constexpr double kMebibyte = 1024.0 * 1024.0;  // what the amount of some counts

struct Failure {
  Counted counted = Counted::answer;
  std::uint32_t at = 0;  // 0: each
  Mishap mishap = Mishap::lose;
  double amount = 0;
  bool operator==(const Failure&) const = default;
};

// "COUNTED N: NAME [AMOUNT]". Errors: usage, with what can be said instead.
base::Result<Failure> parse_failure(std::string_view text);
std::string to_string(const Failure& failure);

// Counts, and says what is due.
class Switches {
 public:
  explicit Switches(std::vector<Failure> failures = {}) : failures_(std::move(failures)) {}
  // The next of its kind has come; what goes wrong with it.
  std::vector<Failure> next(Counted counted);
  std::uint32_t count(Counted counted) const { return counts_[static_cast<std::size_t>(counted)]; }

 private:
  std::vector<Failure> failures_;
  std::array<std::uint32_t, kCounted> counts_{};
};

// The one of this name among those that are due; null if it is not.
const Failure* find(const std::vector<Failure>& due, Mishap mishap);

}  // namespace sim::cloud
