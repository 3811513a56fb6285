// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cloud/stream.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace sim::cloud {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kTtl = 60;
constexpr std::string_view kMarkup =
    "<script>alert(1)</"
    "script>&amp;\"'\x1b[2J\x1b]0;title\x07\x01\x7f\xe2\x80\xae\xef\xbf\xbf\n\r\t";

std::string changed(std::string data, const std::vector<Failure>& failures) {
  if (find(failures, Mishap::cut_data) != nullptr) data.resize(data.size() / 2);
  if (find(failures, Mishap::markup) != nullptr) data = kMarkup;
  if (const Failure* failure = find(failures, Mishap::endless_event)) {
    data.append(static_cast<std::size_t>(failure->amount * kMebibyte), 'A');
  }
  if (find(failures, Mishap::other_platform) != nullptr) {
    constexpr std::string_view kMember = R"("p":10)";
    if (const auto at = data.find(kMember); at != std::string::npos) {
      data.replace(at, kMember.size(), R"("p":6)");
    }
  }
  return data;
}

}  // namespace

bool Filter::wants(const Event& event) const {
  if (!event.name.starts_with(prefix)) return false;
  if (product ? event.product != *product : !event.owned) return false;
  return device.empty() || device == event.device;
}

// The order of the members is the vendor's.
std::string encode(const Event& event, const std::vector<Failure>& failures) {
  Json json;
  if (find(failures, Mishap::null_data) != nullptr) {
    json["data"] = nullptr;
  } else if (find(failures, Mishap::no_data) == nullptr) {
    json["data"] = changed(event.data, failures);
  }
  if (find(failures, Mishap::ttl_text) != nullptr) {
    json["ttl"] = std::to_string(kTtl);
  } else if (find(failures, Mishap::no_ttl) == nullptr) {
    json["ttl"] = kTtl;
  }
  json["published_at"] = event.published_at;
  json["coreid"] = event.coreid;
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (find(failures, Mishap::bad_json) != nullptr) text.resize(text.size() / 2);
  return "event: " + event.name + "\ndata: " + text + "\n\n";
}

Stream::Stream(Filter filter, const std::vector<Failure>& failures, base::Instant now)
    : filter_(std::move(filter)),
      last_sent_(now),
      quiet_(find(failures, Mishap::quiet) != nullptr),
      crlf_(find(failures, Mishap::crlf) != nullptr),
      split_(find(failures, Mishap::split) != nullptr) {
  if (find(failures, Mishap::no_ok) == nullptr) send(":ok\n\n", now);
}

void Stream::put(std::string text, base::Instant at) {
  if (crlf_) {
    std::string lines;
    for (const char c : text) lines += c == '\n' ? "\r\n" : std::string(1, c);
    text = std::move(lines);
  }
  const auto behind = std::find_if(pieces_.begin(), pieces_.end(),
                                   [at](const Piece& piece) { return piece.at > at; });
  pieces_.insert(behind, {at, std::move(text), false});
}

void Stream::send(std::string text, base::Instant now) {
  if (!open_) return;
  last_sent_ = now;
  const base::Instant at = std::max(now, silent_until_);
  const bool event = text.size() > 1;
  put(std::move(text), at);
  if (event && !held_.empty()) put(std::exchange(held_, {}), at);
}

void Stream::silent_until(base::Instant when) { silent_until_ = std::max(silent_until_, when); }

void Stream::send_late(std::string text, base::Instant when) {
  if (open_) put(std::move(text), std::max(when, silent_until_));
}

void Stream::close(base::Instant now) {
  if (!open_) return;
  open_ = false;
  // What was still to come is lost.
  std::erase_if(pieces_, [&](const Piece& piece) { return piece.at > now; });
  pieces_.push_back({now, {}, true});
}

Stream::Read Stream::read(base::Instant now) {
  Read result;
  while (!pieces_.empty() && pieces_.front().at <= now) {
    Piece& piece = pieces_.front();
    if (split_ && piece.bytes.size() > 1) {
      result.bytes = piece.bytes.substr(0, 1);
      piece.bytes.erase(0, 1);
      return result;
    }
    result.bytes += piece.bytes;
    result.closed = piece.closes;
    pieces_.pop_front();
    if (split_) return result;
  }
  return result;
}

std::optional<base::Instant> Stream::next() const {
  if (pieces_.empty()) return std::nullopt;
  return pieces_.front().at;
}

}  // namespace sim::cloud
