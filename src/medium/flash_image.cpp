// SPDX-License-Identifier: GPL-3.0-or-later
#include "medium/flash_image.h"

#include <algorithm>

namespace medium {
namespace {

base::AddressRange intersection(base::AddressRange a, base::AddressRange b) {
  return {std::max(a.begin, b.begin), std::min(a.end, b.end)};
}

}  // namespace

bool FlashImage::has(base::AddressRange range) const { return missing(range).empty(); }

base::ByteView FlashImage::view(base::AddressRange range) const {
  return base::ByteView(bytes_).subspan(range.begin - bounds_.begin, range.size());
}

std::vector<base::AddressRange> FlashImage::missing(base::AddressRange range) const {
  std::vector<base::AddressRange> gaps;
  std::uint32_t at = range.begin;
  for (const base::AddressRange& known : known_) {
    if (known.end <= at) continue;
    if (known.begin >= range.end) break;
    if (known.begin > at) gaps.push_back({at, known.begin});
    at = known.end;
  }
  if (at < range.end) gaps.push_back({at, range.end});
  return gaps;
}

void FlashImage::put(std::uint32_t address, base::ByteView bytes) {
  const std::uint64_t end = std::uint64_t{address} + bytes.size();
  const base::AddressRange whole{
      address, static_cast<std::uint32_t>(std::min<std::uint64_t>(end, bounds_.end))};
  const base::AddressRange range = intersection(whole, bounds_);
  if (range.empty()) return;
  if (bytes_.empty()) bytes_.resize(bounds_.size());
  const base::ByteView inside = bytes.subspan(range.begin - address, range.size());
  std::copy(inside.begin(), inside.end(), bytes_.begin() + (range.begin - bounds_.begin));

  // Whatever overlaps or touches the new range becomes one with it.
  base::AddressRange merged = range;
  std::erase_if(known_, [&](const base::AddressRange& known) {
    if (known.end < merged.begin || merged.end < known.begin) return false;
    merged = {std::min(merged.begin, known.begin), std::max(merged.end, known.end)};
    return true;
  });
  const auto after = std::find_if(known_.begin(), known_.end(), [&](const base::AddressRange& k) {
    return k.begin > merged.begin;
  });
  known_.insert(after, merged);
}

void FlashImage::put_blank(base::AddressRange range) {
  put(range.begin, base::Bytes(range.size(), 0xFF));
}

void FlashImage::forget(base::AddressRange range) {
  std::vector<base::AddressRange> left;
  for (const base::AddressRange& known : known_) {
    const base::AddressRange before{known.begin, std::min(known.end, range.begin)};
    const base::AddressRange after{std::max(known.begin, range.end), known.end};
    if (!before.empty()) left.push_back(before);
    if (!after.empty()) left.push_back(after);
  }
  known_ = std::move(left);
}

}  // namespace medium
