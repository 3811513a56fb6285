// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A module image: what is in a file, or in a sector of flash. FORMAT.md describes the bytes.
// Source of the format: device-os v2.3.1, services/inc/module_info.h.

#include "base/bytes.h"
#include "base/checksum.h"
#include "base/result.h"
#include "platform/platform.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace firmware {

// A larger file is refused without being read.
inline constexpr std::uint64_t kLargestFile = 2 * 1024 * 1024;

struct Dependency {
  platform::ModuleId module;
  std::uint16_t version = 0;  // the smallest that satisfies it
  bool none() const { return module.function == platform::ModuleFunction::none; }
  bool operator==(const Dependency&) const = default;
};

// The 24 bytes of the module header.
struct ModuleHeader {
  std::uint32_t start = 0;  // first byte in flash
  std::uint32_t end = 0;    // behind the last byte that the CRC covers: where the CRC itself lies
  std::uint8_t reserved = 0;
  std::uint8_t flags = 0;  // 1 drop header, 2 compressed, 4 combined
  std::uint16_t version = 0;
  std::uint16_t platform = 0;
  platform::ModuleId id;
  Dependency dependency1;
  Dependency dependency2;
  // Bytes in flash, CRC included.
  std::uint32_t size() const { return end - start + 4; }
  bool operator==(const ModuleHeader&) const = default;
};

// The suffix, immediately before `end`.
struct ModuleSuffix {
  std::uint16_t product_id = 0xFFFF;       // user parts only
  std::uint16_t product_version = 0xFFFF;  // user parts only
  base::Sha256 sha256{};                   // of everything before it
  std::uint16_t size = 0;                  // 40
};

// Whose application it is, in the cloud; of user parts only.
struct Product {
  std::uint16_t id = 0;
  std::uint16_t version = 0;
  bool operator==(const Product&) const = default;
};
std::optional<Product> product_of(const ModuleSuffix& suffix);  // none: it says that it has none

// One thing that is wrong (or, as a note, worth knowing) with a stable kebab-case code.
struct Problem {
  std::string code;
  std::string message;  // one plain sentence without final full stop
  bool operator==(const Problem&) const = default;
};

// Bytes taken apart, and everything that is wrong with them in themselves (no platform looked at).
struct ParsedModule {
  std::shared_ptr<const base::Bytes> image;  // the file's bytes without a DFU suffix or padding
  std::optional<ModuleHeader> header;        // none if `image` is too short or has no header
  std::uint32_t header_offset = 0;           // in the image: 0 or 0x184
  std::optional<ModuleSuffix> suffix;
  std::uint32_t stored_crc32 = 0;
  bool crc_ok = false;
  base::Sha256 file_sha256{};  // of `image`
  std::vector<Problem> problems;
  std::vector<Problem> notes;  // not errors: a DFU suffix or padding that was stripped
};

// A module that is whole and right for its platform. Holding one is the proof: only check() makes
// it, and nothing downstream checks again. Cheap to copy: the bytes are shared.
class CheckedModule {
 public:
  const ModuleHeader& header() const { return header_; }
  const ModuleSuffix& suffix() const { return suffix_; }
  platform::ModuleId id() const { return header_.id; }
  std::uint16_t version() const { return header_.version; }
  std::uint32_t address() const { return header_.start; }
  std::uint32_t crc32() const { return crc32_; }
  const base::Sha256& file_sha256() const { return file_sha256_; }
  std::uint32_t header_offset() const { return header_offset_; }
  // Exactly the bytes that belong into flash at address(), CRC included.
  base::ByteView image() const { return image_ ? base::ByteView(*image_) : base::ByteView(); }
  // The same, for whoever outlives the module.
  std::shared_ptr<const base::Bytes> shared_image() const { return image_; }
  // Where it came from, for messages: a file name, or what synthesised it.
  const std::string& source() const { return source_; }
  const platform::Platform& platform() const { return *platform_; }
  // For whoever judges hundreds of files and writes none of them: image() is empty from now on.
  void drop_image() { image_ = nullptr; }

 private:
  friend struct CheckedModuleMaker;  // check.cpp
  CheckedModule() = default;
  ModuleHeader header_;
  ModuleSuffix suffix_;
  std::uint32_t crc32_ = 0;
  std::uint32_t header_offset_ = 0;
  base::Sha256 file_sha256_{};
  std::shared_ptr<const base::Bytes> image_;
  std::string source_;
  const platform::Platform* platform_ = nullptr;
};

}  // namespace firmware
