// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/sha256_with.h"

#include <fmt/format.h>
#include <nettle/sha2.h>
#include <nettle/version.h>

namespace base {
namespace {

class Digest {
 public:
  Digest() { ::sha256_init(&context_); }
  void add(ByteView bytes) { ::sha256_update(&context_, bytes.size(), bytes.data()); }
  Sha256 end() {
    Sha256 digest{};
    ::sha256_digest(&context_, digest.size(), digest.data());
    return digest;
  }

 private:
  ::sha256_ctx context_{};
};

}  // namespace

Sha256 sha256(ByteView bytes) { return sha256_with<Digest>(bytes); }

PrefixSha256 sha256_of_prefix_and_whole(ByteView bytes, std::size_t prefix) {
  return sha256_of_prefix_and_whole_with<Digest>(bytes, prefix);
}

std::string sha256_maker() {
  return fmt::format("Nettle {}.{}", NETTLE_VERSION_MAJOR, NETTLE_VERSION_MINOR);
}

}  // namespace base
