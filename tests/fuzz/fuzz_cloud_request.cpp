// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a client sends to the virtual cloud: a target, a form, a multipart body. Whatever it is, the
// parsers end within bounds and give back no more than they were given.

#include "sim/cloud/message.h"
#include "sim/cloud/mishaps.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace cloud = sim::cloud;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto target = cloud::parse_target(text)) {
    require(size <= cloud::kMostTarget && text.front() == '/');
    std::size_t length = 0;
    for (const std::string& segment : target->path) length += segment.size();
    require(length < size);
  }
  if (const auto form = cloud::parse_form(text)) {
    for (const auto& [name, value] : *form) require(!name.empty() && name.size() <= size);
  }
  // The first line is the header, the rest the body.
  const auto end = std::min(text.find('\n'), text.size());
  const std::string_view body = std::string_view(text).substr(std::min(end + 1, text.size()));
  if (const auto parts = cloud::parse_multipart(text.substr(0, end), body)) {
    require(parts->size() <= cloud::kMostParts);
    std::size_t length = 0;
    for (const cloud::FormPart& part : *parts) length += part.body.size();
    require(length <= body.size());
  }
  if (const auto failure = cloud::parse_failure(text)) {
    require(cloud::parse_failure(cloud::to_string(*failure)).has_value());
  }
  return 0;
}
