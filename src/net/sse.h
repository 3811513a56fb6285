// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Reads an event stream (server-sent events, WHATWG HTML 9.2) as it comes, cut anywhere: lines end
// with LF, CRLF or CR; comments, unknown fields, ids and retry times are passed over, since the
// vendor sends none. Pure, and bounded whatever comes.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace net {

struct SseEvent {
  std::string name;  // empty: none was given
  std::string data;  // its lines, joined by LF
  bool operator==(const SseEvent&) const = default;
};

class SseReader {
 public:
  // A longer line and an event with more data than this are dropped whole, and counted: an answer
  // about an Electron's modules has some 700 bytes.
  static constexpr std::size_t kMost = std::size_t{64} * 1024;

  // The events that these bytes complete.
  std::vector<SseEvent> take(std::string_view bytes);
  // A comment has come, such as the ":ok" that opens the vendor's streams.
  bool greeted() const { return greeted_; }
  std::size_t dropped() const { return dropped_; }

 private:
  void end_line(std::vector<SseEvent>& into);
  void field(std::string_view name, std::string_view value);

  std::string line_;
  bool too_long_ = false;   // of the line: its rest is passed over
  bool after_cr_ = false;   // a LF now belongs to the CR before
  bool first_line_ = true;  // which may begin with a byte order mark
  SseEvent event_;
  bool has_data_ = false;
  bool spoilt_ = false;  // the event is dropped at its end
  bool greeted_ = false;
  std::size_t dropped_ = 0;
};

}  // namespace net
