// SPDX-License-Identifier: GPL-3.0-or-later
//
// SHA-256 with what a system's library keeps of one that is being made (`Digest`): empty at first,
// takes bytes, and a copy goes on from the same bytes. For the files sha256_*.cpp, one to a system.
#pragma once

#include "base/checksum.h"

namespace base {

template <class Digest>
Sha256 sha256_with(ByteView bytes) {
  Digest digest;
  digest.add(bytes);
  return digest.end();
}

template <class Digest>
PrefixSha256 sha256_of_prefix_and_whole_with(ByteView bytes, std::size_t prefix) {
  Digest whole;
  whole.add(bytes.first(prefix));
  Digest part(whole);
  whole.add(bytes.subspan(prefix));
  return {part.end(), whole.end()};
}

}  // namespace base
