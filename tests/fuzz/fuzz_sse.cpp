// SPDX-License-Identifier: GPL-3.0-or-later
//
// An event stream: whatever it is and wherever it is cut, the same events come out, and none is
// larger than is promised. The first byte says how it is cut.

#include "base/bytes.h"
#include "net/sse.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = std::max<std::size_t>(1, data[0]);
  const std::string text = base::as_text({data + 1, size - 1});
  net::SseReader whole;
  const auto at_once = whole.take(text);
  net::SseReader pieces;
  std::vector<net::SseEvent> cut;
  for (std::size_t from = 0; from < text.size(); from += step) {
    for (auto& event : pieces.take(std::string_view(text).substr(from, step))) {
      cut.push_back(std::move(event));
    }
  }
  require(cut == at_once && whole.dropped() == pieces.dropped());
  require(whole.greeted() == pieces.greeted());
  for (const net::SseEvent& event : cut) {
    require(event.data.size() <= net::SseReader::kMost &&
            event.name.size() <= net::SseReader::kMost);
  }
  return 0;
}
