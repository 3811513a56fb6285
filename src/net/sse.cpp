// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/sse.h"

#include <utility>

namespace net {

std::vector<SseEvent> SseReader::take(std::string_view bytes) {
  std::vector<SseEvent> events;
  while (!bytes.empty()) {
    if (std::exchange(after_cr_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = bytes.find_first_of("\r\n");
    const std::string_view piece = bytes.substr(0, end);
    if (line_.size() + piece.size() > kMost) {
      too_long_ = true;
      line_.clear();
    }
    if (!too_long_) line_ += piece;
    if (end == std::string_view::npos) break;
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    end_line(events);
  }
  return events;
}

void SseReader::end_line(std::vector<SseEvent>& into) {
  std::string line = std::exchange(line_, {});
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (std::exchange(first_line_, false) && line.starts_with(kByteOrderMark)) {
    line.erase(0, kByteOrderMark.size());
  }
  if (std::exchange(too_long_, false)) {
    spoilt_ = true;
    return;
  }
  if (!line.empty()) {
    const std::size_t colon = line.find(':');
    if (colon == 0) {
      greeted_ = true;
    } else if (colon == std::string::npos) {
      field(line, {});
    } else {
      std::string_view value = std::string_view(line).substr(colon + 1);
      if (value.starts_with(' ')) value.remove_prefix(1);
      field(std::string_view(line).substr(0, colon), value);
    }
    return;
  }
  SseEvent event = std::exchange(event_, {});
  const bool whole = std::exchange(has_data_, false);
  if (std::exchange(spoilt_, false)) {
    ++dropped_;
  } else if (whole) {
    into.push_back(std::move(event));
  }
}

void SseReader::field(std::string_view name, std::string_view value) {
  if (name == "event") {
    event_.name = value;
  } else if (name == "data") {
    if (has_data_) event_.data += '\n';
    has_data_ = true;
    event_.data += value;
    if (event_.data.size() > kMost) {
      spoilt_ = true;
      event_.data.clear();
    }
  }
}

}  // namespace net
