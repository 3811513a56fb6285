// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cloud/mishaps.h"

#include "base/bytes.h"
#include "sim/bus/duration.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace sim::cloud {
namespace {

constexpr std::uint8_t bit(Counted counted) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(counted));
}
constexpr std::uint8_t kFlash = bit(Counted::flash);
constexpr std::uint8_t kAsked = bit(Counted::answer) | kFlash | bit(Counted::ping);
constexpr std::uint8_t kOpening = bit(Counted::opening);
constexpr std::uint8_t kAnswer = kAsked | kOpening;
constexpr std::uint8_t kEvent = bit(Counted::event);
constexpr std::uint8_t kTransfer = bit(Counted::transfer);

constexpr std::array kRows{
    MishapRow{Mishap::no_status, "no-status", kFlash, 0, "", "200 without a status; not done"},
    MishapRow{Mishap::needs_modules, "needs-modules", kFlash, 0, "",
              "200 \"Flash requires modules not present on device\"; not done"},
    MishapRow{Mishap::not_ok, "not-ok", kFlash, 0, "", "200 with \"ok\":false; not done"},
    MishapRow{Mishap::errors_object, "errors-object", kFlash, 0, "",
              "the same, the error an object in a list"},
    MishapRow{Mishap::too_big, "too-big", kFlash, 0, "",
              "200 \"Update failed - File was too big!\"; not done"},
    MishapRow{Mishap::finished, "finished", kFlash, 0, "",
              "done; 200 \"Update finished\" when the transfer is over, whatever came of it"},
    MishapRow{Mishap::timeout, "timeout", kAnswer, 0, "", "408 after 30 s; not done"},
    MishapRow{Mishap::timeout_done, "timeout-done", kAsked, 0, "", "408 after 30 s; done"},
    MishapRow{Mishap::offline_500, "offline-500", kAsked, 0, "",
              "500 as of 2015 for an offline device; not done"},
    MishapRow{Mishap::silent_500, "silent-500", kAsked, 0, "",
              "500 \"didn't hear back from device service\"; not done"},
    MishapRow{Mishap::not_found, "not-found", kAsked, 0, "", "404 \"Core isn't online\"; not done"},
    MishapRow{Mishap::rate_limit, "rate-limit", kAnswer, 0, "", "429; not done"},
    MishapRow{Mishap::bad_gateway, "bad-gateway", kAnswer, 0, "", "502 with a page; not done"},
    MishapRow{Mishap::bad_gateway_done, "bad-gateway-done", kAsked, 0, "", "502 with a page; done"},
    MishapRow{Mishap::unavailable, "unavailable", kAnswer, 0, "", "503, empty; not done"},
    MishapRow{Mishap::cut, "cut", kAnswer, 0, "", "the connection is cut, no answer; not done"},
    MishapRow{Mishap::cut_done, "cut-done", kAsked, 0, "",
              "the connection is cut, no answer; done"},
    MishapRow{Mishap::slow, "slow", kAnswer, 100, "s", "done, but the answer comes so much later"},
    MishapRow{Mishap::garbage, "garbage", kAnswer, 0, "", "200 with what is no JSON; not done"},
    MishapRow{Mishap::empty, "empty", kAnswer, 0, "", "200 with nothing; not done"},
    MishapRow{Mishap::unauthorized, "unauthorized", kAnswer, 0, "", "401, once; not done"},
    MishapRow{Mishap::forbidden, "forbidden", kAnswer, 0, "", "403; not done"},
    MishapRow{Mishap::redirect, "redirect", kAnswer, 0, "", "302 to another host; not done"},
    MishapRow{Mishap::endless, "endless", kAnswer, 64, "MiB", "200, so much too long; not done"},
    MishapRow{Mishap::long_header, "long-header", kAnswer, 1, "MiB",
              "200 with a header of that length; not done"},
    MishapRow{Mishap::no_ok, "no-ok", kOpening, 0, "", "a stream that does not begin with :ok"},
    MishapRow{Mishap::crlf, "crlf", kOpening, 0, "", "a stream whose lines end with CR LF"},
    MishapRow{Mishap::split, "split", kOpening, 0, "", "a stream that comes byte by byte"},
    MishapRow{Mishap::quiet, "quiet", kOpening, 0, "", "a stream without keep-alives"},
    MishapRow{Mishap::old_safe_mode, "old-safe-mode", kOpening, 0, "",
              "a stream that begins with each device's first safe-mode event again"},
    MishapRow{Mishap::lose, "lose", kEvent, 0, "", "nobody hears it"},
    MishapRow{Mishap::duplicate, "duplicate", kEvent, 0, "", "comes twice"},
    MishapRow{Mishap::swap, "swap", kEvent, 0, "", "comes behind the next one"},
    MishapRow{Mishap::close_before, "close-before", kEvent, 0, "",
              "every stream is closed just before it, so that it is lost"},
    MishapRow{Mishap::close_after, "close-after", kEvent, 0, "",
              "every stream is closed just after it"},
    MishapRow{Mishap::cut_inside, "cut-inside", kEvent, 0, "",
              "every stream is closed in the middle of it"},
    MishapRow{Mishap::bad_json, "bad-json", kEvent, 0, "", "its data is no JSON"},
    MishapRow{Mishap::ttl_text, "ttl-text", kEvent, 0, "", "ttl as a text"},
    MishapRow{Mishap::no_ttl, "no-ttl", kEvent, 0, "", "no ttl"},
    MishapRow{Mishap::null_data, "null-data", kEvent, 0, "", "its data is null"},
    MishapRow{Mishap::no_data, "no-data", kEvent, 0, "", "without data"},
    MishapRow{Mishap::foreign, "foreign", kEvent, 0, "",
              "the same of a device of somebody else comes first"},
    MishapRow{Mishap::cut_data, "cut-data", kEvent, 0, "", "half of its data"},
    MishapRow{Mishap::other_platform, "other-platform", kEvent, 0, "",
              "a module list says platform 6"},
    MishapRow{Mishap::silence, "silence", kEvent, 90, "s",
              "nothing comes on any stream for so long, then all of it"},
    MishapRow{Mishap::late, "late", kEvent, 30, "s", "comes so much later, later ones before it"},
    MishapRow{Mishap::endless_event, "endless-event", kEvent, 8, "MiB",
              "its data goes on for so long"},
    MishapRow{Mishap::markup, "markup", kEvent, 0, "", "its data is markup and control characters"},
    MishapRow{Mishap::refuse, "refuse", kTransfer, 0, "",
              "a bit is flipped on the way: refused as the running release refuses"},
    MishapRow{Mishap::stall, "stall", kTransfer, 0.5, "of the transfer",
              "nothing more comes from there on; the device's watchdog ends it"},
    MishapRow{Mishap::reset, "reset", kTransfer, 0.5, "of the transfer",
              "somebody presses RESET there"},
    MishapRow{Mishap::late_back, "late-back", kTransfer, 1500, "s",
              "the device needs so long to be online again"},
    MishapRow{Mishap::never_back, "never-back", kTransfer, 0, "",
              "the device runs, but never comes online again"},
    MishapRow{Mishap::resumed, "resumed", kTransfer, 0, "",
              "the session goes on: no event, whatever has changed"},
    MishapRow{Mishap::full_handshake, "full-handshake", kTransfer, 0, "",
              "a whole handshake, though nothing may have changed"},
    MishapRow{Mishap::no_safe_mode, "no-safe-mode", kTransfer, 0, "",
              "no safe-mode event after it, though the device is in safe mode"},
    MishapRow{Mishap::power_cut, "power-cut", kTransfer, 1.5, "s",
              "the battery is out so long after the restart"},
    MishapRow{Mishap::says_failed, "says-failed", kTransfer, 0, "",
              "the cloud says failed, though all of it has arrived"},
    MishapRow{Mishap::says_success, "says-success", kTransfer, 0.5, "of the transfer",
              "the link is lost there and the cloud says success"},
    MishapRow{Mishap::token_dies, "token-dies", kAnswer | kEvent | kTransfer, 0, "",
              "401 from here on"},
    MishapRow{Mishap::healer, "healer", kEvent, 0, "",
              "the vendor's healer sends the next part after this safe-mode event"},
    MishapRow{Mishap::product_firmware, "product-firmware", kEvent, 0, "",
              "the product's firmware is pushed after this online event"},
    MishapRow{Mishap::somebody, "somebody", kEvent, 2, "s",
              "so much later somebody else flashes an application to this device"},
    MishapRow{Mishap::moved, "moved", kEvent, 0, "", "the device is moved to another product"},
    MishapRow{Mishap::undeveloped, "undeveloped", kEvent, 0, "",
              "somebody turns the development flag of the device round"},
};

constexpr std::array<std::string_view, kCounted> kNames{"answer",  "flash", "ping",
                                                        "opening", "event", "transfer"};

base::Error bad(std::string_view text, std::string_view why, std::string hint = {}) {
  if (hint.empty()) hint = "say for example \"flash 2: bad-gateway\", \"event 7: close-after\"";
  return base::make_error(base::Errc::usage, "bad-failure",
                          fmt::format("\"{}\" {}", base::printable(text), why), std::move(hint));
}

std::string names_for(Counted counted) {
  std::string names;
  for (const MishapRow& row : kRows) {
    if (applies(row, counted)) names += fmt::format("{}{}", names.empty() ? "" : ", ", row.name);
  }
  return names;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(" \t:", at)) != std::string_view::npos) {
    const auto end = std::min(text.find_first_of(" \t:", at), text.size());
    found.push_back(text.substr(at, end - at));
    at = end;
  }
  return found;
}

}  // namespace

std::span<const MishapRow> mishap_rows() { return kRows; }
const MishapRow& row(Mishap mishap) { return kRows[static_cast<std::size_t>(mishap)]; }
std::string_view name(Counted counted) { return kNames[static_cast<std::size_t>(counted)]; }

base::Result<Failure> parse_failure(std::string_view text) {
  const auto parts = words(text);
  if (parts.size() != 3 && parts.size() != 4) return bad(text, "is no failure");
  const auto counted = std::find(kNames.begin(), kNames.end(), parts[0]);
  if (counted == kNames.end()) {
    return bad(text, "counts nothing known", "answer, flash, ping, opening, event, transfer");
  }
  Failure failure;
  failure.counted = static_cast<Counted>(counted - kNames.begin());
  const auto [end, error] =
      std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), failure.at);
  if (error != std::errc() || end != parts[1].data() + parts[1].size()) {
    return bad(text, "needs a number behind the first word", "0 means each one");
  }
  const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const MishapRow& row) {
    return row.name == parts[2] && applies(row, failure.counted);
  });
  if (found == kRows.end()) {
    return bad(text, fmt::format("is nothing that happens to an {}", parts[0]),
               names_for(failure.counted));
  }
  failure.mishap = found->mishap;
  failure.amount = found->amount;
  if (parts.size() == 4) {
    const auto amount = parse_decimal(parts[3]);
    if (!amount || found->amount == 0) return bad(text, "takes no such amount");
    failure.amount = *amount;
  }
  return failure;
}

std::string to_string(const Failure& failure) {
  const MishapRow& about = row(failure.mishap);
  std::string text = fmt::format("{} {}: {}", name(failure.counted), failure.at, about.name);
  if (failure.amount == about.amount) return text;
  // Without an exponent, which is not read.
  std::string amount = fmt::format("{:.6f}", failure.amount);
  amount.erase(amount.find_last_not_of('0') + 1);
  if (amount.back() == '.') amount.pop_back();
  return text + " " + amount;
}

std::vector<Failure> Switches::next(Counted counted) {
  const std::uint32_t number = ++counts_[static_cast<std::size_t>(counted)];
  std::vector<Failure> due;
  for (const Failure& failure : failures_) {
    if (failure.counted == counted && (failure.at == 0 || failure.at == number)) {
      due.push_back(failure);
    }
  }
  return due;
}

const Failure* find(const std::vector<Failure>& due, Mishap mishap) {
  const auto found = std::find_if(due.begin(), due.end(), [mishap](const Failure& failure) {
    return failure.mishap == mishap;
  });
  return found == due.end() ? nullptr : &*found;
}

}  // namespace sim::cloud
