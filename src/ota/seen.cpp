// SPDX-License-Identifier: GPL-3.0-or-later
#include "ota/seen.h"

#include "platform/platform.h"

#include <algorithm>

namespace ota {
namespace {

constexpr std::size_t kRemembered = 64;

}  // namespace

bool Ear::take(const cloud::Event& event) {
  // Without a time two events of the same words cannot be told apart: both count.
  if (event.published_at.empty()) return true;
  std::string key = event.published_at + ' ' + event.name + ' ' + event.data;
  if (std::ranges::find(heard_, key) != heard_.end()) return false;
  heard_.push_back(std::move(key));
  if (heard_.size() > kRemembered) heard_.pop_front();
  return true;
}

bool Ear::note(const cloud::Event& event, base::Instant now, bool ours, Seen& seen) {
  if (!take(event)) return false;
  const auto later = [&] { seen.reference = std::max(seen.reference, event.published_at); };
  if (std::holds_alternative<cloud::Started>(event.what)) {
    if (!event.published_at.empty() && event.published_at <= ended_) {
      // Late: of a transfer whose end was heard before it.
      seen.started = seen.started || ours;
    } else if (ours && !seen.started && !seen.success) {
      seen.started = true;
      later();
    } else {
      seen.others = true;
    }
  } else if (std::holds_alternative<cloud::Success>(event.what)) {
    ended_ = std::max(ended_, event.published_at);
    if (!seen.success) seen.success = now;
  } else if (std::holds_alternative<cloud::Failed>(event.what)) {
    ended_ = std::max(ended_, event.published_at);
    seen.failed = now;
  } else if (std::holds_alternative<cloud::Online>(event.what)) {
    ended_ = std::max(ended_, event.published_at);
    // A list from before this start tells nothing about it. They may come the other way round.
    if (event.published_at.empty() || event.published_at > seen.modules_time) seen.modules.reset();
    seen.online = now;
    later();
  } else if (const auto* modules = std::get_if<cloud::Modules>(&event.what)) {
    const bool fresh = event.published_at.empty() || event.published_at >= seen.reference;
    if (modules->described && modules->described->platform == platform::electron().id && fresh) {
      seen.modules = modules->described;
      seen.modules_time = event.published_at;
    }
  } else if (const auto* reset = std::get_if<cloud::LastReset>(&event.what)) {
    seen.last_reset = reset->reason;
  } else if (const auto* result = std::get_if<cloud::OtaResult>(&event.what)) {
    seen.ota_result = result->ok;
  } else if (const auto* hash = std::get_if<cloud::AppHash>(&event.what)) {
    seen.app_hash = hash->sha256;
  } else if (std::holds_alternative<cloud::AutoUpdate>(event.what)) {
    seen.others = true;
  }
  return true;
}

}  // namespace ota
