// SPDX-License-Identifier: GPL-3.0-or-later
#include "cloud/feed.h"

#include <algorithm>
#include <utility>

namespace cloud {

std::vector<Heard> Feed::tick(base::Instant now) {
  std::vector<Heard> heard;
  if (state_ == State::refused || now < wake_) return heard;
  switch (state_) {
    case State::closed:
      reader_ = net::SseReader();
      ticket_ = wire_.listen(listen_to(account_, place_));
      ++opened_;
      state_ = State::opening;
      wake_ = now + kOpening;
      break;
    case State::greeting:
      state_ = State::ready;
      wake_ = now + kSilence;
      heard.emplace_back(StreamReady{});
      break;
    default:
      lose(now, std::nullopt, heard);
  }
  return heard;
}

std::vector<Heard> Feed::hear(const net::Happening& happening, base::Instant now) {
  std::vector<Heard> heard;
  if (state_ == State::closed || state_ == State::refused || happening.ticket != ticket_) {
    return heard;
  }
  if (const auto* opened = std::get_if<net::Opened>(&happening.what)) {
    if (!opened->content_type.starts_with("text/event-stream")) {
      lose(now, std::nullopt, heard);
    } else {
      state_ = State::greeting;
      wake_ = now + kNoGreeting;
    }
  } else if (const auto* piece = std::get_if<net::Piece>(&happening.what)) {
    take(piece->bytes, now, heard);
  } else if (const auto* reply = std::get_if<net::Reply>(&happening.what)) {
    refuse_or_lose(parse_token(Raw(*reply)).failure(), now, heard);
  } else {
    lose(now, std::nullopt, heard);
  }
  return heard;
}

void Feed::close() {
  wire_.drop(ticket_);
  state_ = State::refused;
  wake_ = base::Instant::max();
}

void Feed::take(const std::string& bytes, base::Instant now, std::vector<Heard>& into) {
  std::vector<net::SseEvent> events = reader_.take(bytes);
  if (state_ == State::greeting && (reader_.greeted() || !events.empty())) {
    state_ = State::ready;
    into.emplace_back(StreamReady{});
  }
  if (state_ == State::ready) {
    wake_ = now + kSilence;
    // It works: the next loss begins with a short pause again.
    if (!events.empty()) pause_ = kFirstPause;
  }
  for (const net::SseEvent& event : events) {
    if (auto parsed = parse_event(event)) into.emplace_back(std::move(*parsed));
  }
}

void Feed::refuse_or_lose(const Failure& failure, base::Instant now, std::vector<Heard>& into) {
  constexpr auto kAfterLimit = std::chrono::minutes(1);
  switch (failure.kind) {
    case Trouble::limit:
      lose(now, failure.retry_after.value_or(std::max<base::Micros>(kAfterLimit, pause_)), into);
      return;
    case Trouble::unknown:
    case Trouble::unreachable:
      lose(now, std::nullopt, into);
      return;
    default:
      state_ = State::refused;
      wake_ = base::Instant::max();
      into.emplace_back(StreamRefused{failure});
  }
}

void Feed::lose(base::Instant now, std::optional<base::Micros> pause, std::vector<Heard>& into) {
  wire_.drop(ticket_);
  if (std::exchange(state_, State::closed) == State::ready) into.emplace_back(StreamLost{});
  wake_ = now + pause.value_or(pause_);
  pause_ = std::min(pause_ * 2, kLongestPause);
}

}  // namespace cloud
