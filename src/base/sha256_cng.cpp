// SPDX-License-Identifier: GPL-3.0-or-later
//
// By Windows itself (CNG), so that the program needs no library for it there.
#include "base/sha256_with.h"
#include "os/winapi.h"

#include <algorithm>
#include <bcrypt.h>

namespace base {
namespace {

// Opened once, never closed: Windows documents it for use from any thread.
BCRYPT_ALG_HANDLE algorithm() {
  static const BCRYPT_ALG_HANDLE kOpened = [] {
    BCRYPT_ALG_HANDLE opened = nullptr;
    // No more can go wrong than that there is no memory; then every step below fails.
    ::BCryptOpenAlgorithmProvider(&opened, BCRYPT_SHA256_ALGORITHM, nullptr, 0);
    return opened;
  }();
  return kOpened;
}

class Digest {
 public:
  Digest() { ::BCryptCreateHash(algorithm(), &handle_, nullptr, 0, nullptr, 0, 0); }
  Digest(const Digest& other) { ::BCryptDuplicateHash(other.handle_, &handle_, nullptr, 0, 0); }
  Digest& operator=(const Digest&) = delete;
  ~Digest() {
    if (handle_ != nullptr) ::BCryptDestroyHash(handle_);
  }

  void add(ByteView bytes) {
    constexpr std::size_t kMost = 1U << 30U;  // a call takes 32 bits of length
    while (!bytes.empty()) {
      const ByteView now = bytes.first(std::min(bytes.size(), kMost));
      ::BCryptHashData(handle_, const_cast<PUCHAR>(now.data()), static_cast<ULONG>(now.size()), 0);
      bytes = bytes.subspan(now.size());
    }
  }

  Sha256 end() {
    Sha256 digest{};
    ::BCryptFinishHash(handle_, digest.data(), static_cast<ULONG>(digest.size()), 0);
    return digest;
  }

 private:
  BCRYPT_HASH_HANDLE handle_ = nullptr;
};

}  // namespace

Sha256 sha256(ByteView bytes) { return sha256_with<Digest>(bytes); }

PrefixSha256 sha256_of_prefix_and_whole(ByteView bytes, std::size_t prefix) {
  return sha256_of_prefix_and_whole_with<Digest>(bytes, prefix);
}

std::string sha256_maker() { return "Windows CNG"; }

}  // namespace base
