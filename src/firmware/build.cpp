// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/build.h"

#include "firmware/layout.h"
#include "firmware/parse.h"

#include <algorithm>

namespace firmware {
namespace {

constexpr std::uint32_t kInitialStackPointer = 0x20020000;  // the end of the STM32F205's RAM

bool is_monolithic(platform::ModuleId id) {
  return id.function == platform::ModuleFunction::monolithic;
}

bool has_vector_table(platform::ModuleId id) {
  return id == platform::kBootloader || id == platform::kSystemPart1 ||
         id == platform::kSystemPart2 || is_monolithic(id);
}

// Firmware in one piece begins where index 1 does.
const platform::Slot* place_of(platform::ModuleId id, const platform::Platform& platform) {
  return platform.slot(is_monolithic(id) ? platform::kSystemPart1 : id);
}

// Marsaglia's xorshift32: the same filling on every computer.
class Filling {
 public:
  explicit Filling(std::uint32_t seed) : state_(seed * 2654435761U + 0x9E3779B9U) {
    if (state_ == 0) state_ = 1;
  }
  std::uint8_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return static_cast<std::uint8_t>(state_ >> 24);
  }

 private:
  std::uint32_t state_;
};

}  // namespace

std::array<std::uint8_t, 24> encode(const ModuleHeader& header) {
  std::array<std::uint8_t, 24> bytes{};
  base::store_le32(bytes, 0, header.start);
  base::store_le32(bytes, 4, header.end);
  bytes[8] = header.reserved;
  bytes[9] = header.flags;
  base::store_le16(bytes, 10, header.version);
  base::store_le16(bytes, 12, header.platform);
  bytes[14] = static_cast<std::uint8_t>(header.id.function);
  bytes[15] = header.id.index;
  std::size_t at = 16;
  for (const Dependency& dependency : {header.dependency1, header.dependency2}) {
    bytes[at] = static_cast<std::uint8_t>(dependency.module.function);
    bytes[at + 1] = dependency.module.index;
    base::store_le16(bytes, at + 2, dependency.version);
    at += 4;
  }
  return bytes;
}

base::Bytes build(const BuildRequest& request, const platform::Platform& platform) {
  const platform::Slot* slot = place_of(request.id, platform);
  if (slot == nullptr) return {};
  const std::uint32_t header_offset = has_vector_table(request.id) ? kVectorTableSize : 0;
  const std::uint32_t least = header_offset + kHeaderSize + kProductSize + kSuffixSize + kCrcSize;
  const std::uint32_t size = (std::max(request.size, least) + 3) / 4 * 4;

  ModuleHeader header;
  header.start = slot->flash.begin;
  header.end = header.start + size - kCrcSize;
  header.version = request.version;
  header.platform = platform.id;
  header.id = request.id;
  header.dependency1 = request.dependency1;
  header.dependency2 = request.dependency2;

  base::Bytes image(size);
  Filling filling(request.seed);
  std::generate(image.begin(), image.end(), [&] { return filling.next(); });
  // An image without a vector table begins with its start address, which is no stack pointer.
  if (header_offset != 0) {
    base::store_le32(image, 0, kInitialStackPointer);
    // Reset vector: the first halfword behind the header, Thumb bit set.
    base::store_le32(image, 4, header.start + header_offset + kHeaderSize + 1);
  }
  const auto bytes = encode(header);
  std::copy(bytes.begin(), bytes.end(), image.begin() + header_offset);
  const std::size_t end = size - kCrcSize;
  base::store_le32(image, end - kSuffixSize - kProductSize, 0xFFFFFFFF);
  seal(image);
  return image;
}

void seal(base::Bytes& image) {
  std::uint32_t offset = 0;
  const std::optional<ModuleHeader> header = parse_header(image, &offset);
  if (!header || header->end <= header->start) return;
  const std::size_t end = header->end - header->start;
  if (end > image.size() || image.size() - end < kCrcSize) return;
  if (end < offset + kHeaderSize + kSuffixSize) return;
  const std::span<std::uint8_t> bytes(image);
  base::store_le16(bytes, end - kSuffixSize, 0);
  const base::Sha256 sha = base::sha256(bytes.first(end - 34));
  std::copy(sha.begin(), sha.end(), image.begin() + static_cast<std::ptrdiff_t>(end - 34));
  base::store_le16(bytes, end - 2, 40);
  base::store_be32(bytes, end, base::crc32(bytes.first(end)));
}

}  // namespace firmware
