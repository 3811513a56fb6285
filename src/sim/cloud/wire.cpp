// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cloud/wire.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sim::cloud {
namespace {

// A multipart body as curl makes one.
constexpr std::string_view kBoundary = "------------------------f00dcafe51d3e7a1";
// No limit: a stream.
constexpr base::Micros kForEver = std::chrono::hours(24 * 365);
constexpr std::size_t kMostOpening = std::size_t{64} * 1024;
constexpr std::size_t kMostHeaders = std::size_t{64} * 1024;

std::string path_of(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const auto slash = url.find('/', scheme + 3);
  return slash == std::string::npos ? "/" : url.substr(slash);
}

std::string body_of(const std::vector<net::Part>& parts) {
  std::string body;
  for (const net::Part& part : parts) {
    body += "--" + std::string(kBoundary) + "\r\nContent-Disposition: form-data; name=\"" +
            part.name + "\"";
    if (part.file) {
      body += "; filename=\"" + part.file_name + "\"\r\nContent-Type: application/octet-stream";
    }
    body += "\r\n\r\n";
    body += part.file ? base::as_text(*part.file) : part.value;
    body += "\r\n";
  }
  return body + "--" + std::string(kBoundary) + "--\r\n";
}

Request request_for(const net::Ask& ask) {
  Request request{ask.method, path_of(ask.url), {}, {}};
  if (!ask.token.empty()) request.headers["authorization"] = "Bearer " + ask.token;
  if (!ask.parts.empty()) {
    request.headers["content-type"] = "multipart/form-data; boundary=" + std::string(kBoundary);
    request.body = body_of(ask.parts);
  } else if (!ask.json.empty()) {
    request.headers["content-type"] = "application/json";
    request.body = ask.json;
  }
  return request;
}

std::size_t length_of_headers(const Answer& answer) {
  std::size_t length = 0;
  for (const auto& [name, value] : answer.headers) length += name.size() + value.size() + 4;
  return length;
}

base::Error lost() {
  return base::make_error(base::Errc::device_gone, "connection-lost",
                          "the connection to the virtual cloud was cut", "try again");
}

base::Error late() {
  return base::make_error(base::Errc::timeout, "timeout",
                          "the virtual cloud has not answered in time", "try again");
}

base::Error too_long() {
  return base::make_error(base::Errc::bad_file, "answer-too-long",
                          "the virtual cloud's answer is too long", "");
}

}  // namespace

void CloudClock::sleep(base::Micros duration, const base::CancelToken& cancel) {
  const base::Instant end = cloud_->now() + duration;
  while (cloud_->now() < end && !cancel.requested()) {
    const auto next = cloud_->next_event();
    cloud_->advance_to(next && *next > cloud_->now() ? std::min(*next, end) : end);
  }
}

CloudWire::~CloudWire() {
  for (const auto& [ticket, open] : open_) {
    if (open.answer.stream) cloud_->hang_up(*open.answer.stream);
  }
}

net::Ticket CloudWire::begin(const Request& request, base::Micros patience, std::size_t most) {
  Open open;
  open.answer = cloud_->handle(request);
  open.due = cloud_->now() + open.answer.after;
  open.deadline = cloud_->now() + patience;
  open.most = most;
  open_.emplace(++made_, std::move(open));
  return made_;
}

net::Ticket CloudWire::ask(const net::Ask& ask) {
  return begin(request_for(ask), ask.whole, ask.most);
}

net::Ticket CloudWire::listen(const net::Listen& listen) {
  net::Ask ask;
  ask.url = listen.url;
  ask.token = listen.token;
  return begin(request_for(ask), kForEver, kMostOpening);
}

void CloudWire::drop(net::Ticket ticket) {
  const auto found = open_.find(ticket);
  if (found == open_.end()) return;
  if (found->second.answer.stream) cloud_->hang_up(*found->second.answer.stream);
  open_.erase(found);
}

std::optional<base::Instant> CloudWire::when(const Open& open) const {
  if (!open.opened) return std::min(open.due, open.deadline);
  if (open.ended) return cloud_->now();
  return cloud_->readable_at(*open.answer.stream);
}

std::optional<net::Happening> CloudWire::next(base::Instant deadline,
                                              const base::CancelToken& cancel) {
  while (!cancel.requested()) {
    auto first = open_.end();
    base::Instant at = base::Instant::max();
    for (auto it = open_.begin(); it != open_.end(); ++it) {
      const auto due = when(it->second);
      if (due && *due < at) {
        first = it;
        at = *due;
      }
    }
    if (at <= cloud_->now()) return happen(first);
    if (cloud_->now() >= deadline) return std::nullopt;
    const auto next = cloud_->next_event();
    base::Instant until = std::min(at, deadline);
    if (next && *next > cloud_->now()) until = std::min(until, *next);
    cloud_->advance_to(until);
  }
  return std::nullopt;
}

net::Happening CloudWire::happen(std::map<net::Ticket, Open>::iterator at) {
  const net::Ticket ticket = at->first;
  Open& open = at->second;
  if (open.opened) {
    Stream::Read read = cloud_->read(*open.answer.stream);
    if (!read.bytes.empty()) {
      open.ended = read.closed;
      return {ticket, net::Piece{std::move(read.bytes)}};
    }
    open_.erase(at);
    return {ticket, net::Closed{std::nullopt}};
  }
  const auto over = [&](auto what) {
    if (open.answer.stream) cloud_->hang_up(*open.answer.stream);
    open_.erase(at);
    return net::Happening{ticket, std::move(what)};
  };
  if (open.deadline < open.due) return over(late());
  if (open.answer.cut) return over(lost());
  if (length_of_headers(open.answer) > kMostHeaders) return over(too_long());
  if (open.answer.stream) {
    open.opened = true;
    return {ticket, net::Opened{open.answer.content_type}};
  }
  if (open.answer.body.size() + open.answer.filler > open.most) return over(too_long());
  net::Reply reply;
  reply.status = open.answer.status;
  reply.content_type = open.answer.content_type;
  reply.body = open.answer.body + std::string(open.answer.filler, ' ');
  for (const auto& [name, value] : open.answer.headers) {
    if (name != "Retry-After") continue;
    int seconds = 0;
    std::from_chars(value.data(), value.data() + value.size(), seconds);
    reply.retry_after = std::chrono::seconds(seconds);
  }
  return over(std::move(reply));
}

}  // namespace sim::cloud
