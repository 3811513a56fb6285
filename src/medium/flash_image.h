// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What is known of a device's flash: everything that was read is kept, so that nothing is read
// twice. The same bytes serve for the comparison, the checksums and the backup.

#include "base/address_range.h"
#include "base/bytes.h"

#include <vector>

namespace medium {

class FlashImage {
 public:
  // Only addresses within `bounds` can be kept.
  explicit FlashImage(base::AddressRange bounds) : bounds_(bounds) {}

  bool has(base::AddressRange range) const;
  // The caller has made sure with has(). Valid until the next put().
  base::ByteView view(base::AddressRange range) const;
  // The parts of `range` that are not known, ascending.
  std::vector<base::AddressRange> missing(base::AddressRange range) const;

  void put(std::uint32_t address, base::ByteView bytes);  // what lies outside the bounds is dropped
  void put_blank(base::AddressRange range);
  void forget(base::AddressRange range);

 private:
  base::AddressRange bounds_;
  base::Bytes bytes_;                      // of `bounds_`, allocated by the first put()
  std::vector<base::AddressRange> known_;  // ascending, not touching
};

}  // namespace medium
