// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/checksum.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <memory>

namespace base {

Sha256 sha256(ByteView bytes) {
  Sha256 digest{};
  ::SHA256(bytes.data(), bytes.size(), digest.data());
  return digest;
}

PrefixSha256 sha256_of_prefix_and_whole(ByteView bytes, std::size_t prefix) {
  using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)>;
  const Digest whole(::EVP_MD_CTX_new(), &::EVP_MD_CTX_free);
  const Digest part(::EVP_MD_CTX_new(), &::EVP_MD_CTX_free);
  PrefixSha256 both;
  const ByteView rest = bytes.subspan(prefix);
  const bool done = ::EVP_DigestInit_ex(whole.get(), ::EVP_sha256(), nullptr) == 1 &&
                    ::EVP_DigestUpdate(whole.get(), bytes.data(), prefix) == 1 &&
                    ::EVP_MD_CTX_copy_ex(part.get(), whole.get()) == 1 &&
                    ::EVP_DigestFinal_ex(part.get(), both.prefix.data(), nullptr) == 1 &&
                    ::EVP_DigestUpdate(whole.get(), rest.data(), rest.size()) == 1 &&
                    ::EVP_DigestFinal_ex(whole.get(), both.whole.data(), nullptr) == 1;
  if (!done) return {sha256(bytes.first(prefix)), sha256(bytes)};
  return both;
}

std::string sha256_maker() { return ::OpenSSL_version(OPENSSL_VERSION); }

}  // namespace base
