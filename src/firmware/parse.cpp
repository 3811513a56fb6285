// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/parse.h"

#include "firmware/guess.h"
#include "firmware/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace firmware {
namespace {

// device-os v2.3.1: services/inc/module_info.h
constexpr std::uint32_t kShaOffset = 34;      // before the end address
constexpr std::uint32_t kProductOffset = 40;  // before the end address
constexpr std::uint8_t kDropHeader = 1;
constexpr std::uint8_t kCompressed = 2;
constexpr std::uint8_t kCombined = 4;

// USB DFU 1.1, appendix B
constexpr std::size_t kDfuSuffixSize = 16;

// An image with a vector table begins with the initial stack pointer, which points into RAM
// (device-os v2.3.1: hal/src/stm32f2xx/ota_flash_hal_stm32f2xx.cpp, the loader's own test).
bool begins_with_stack_pointer(base::ByteView bytes) {
  return (base::load_le32(bytes, 0) & 0x2FF10000U) == 0x20000000U;
}

ModuleHeader read_header(base::ByteView at) {
  const auto dependency = [&](std::size_t offset) {
    return Dependency{{static_cast<platform::ModuleFunction>(at[offset]), at[offset + 1]},
                      base::load_le16(at, offset + 2)};
  };
  ModuleHeader header;
  header.start = base::load_le32(at, 0);
  header.end = base::load_le32(at, 4);
  header.reserved = at[8];
  header.flags = at[9];
  header.version = base::load_le16(at, 10);
  header.platform = base::load_le16(at, 12);
  header.id = {static_cast<platform::ModuleFunction>(at[14]), at[15]};
  header.dependency1 = dependency(16);
  header.dependency2 = dependency(20);
  return header;
}

// Start and end come from outside: nothing is computed from them before they pass here. A module
// holds its own header, and no file of it could be larger than what is read at all.
bool plausible(const ModuleHeader& header, std::uint32_t header_offset) {
  if (header.end <= header.start) return false;
  const std::uint64_t body = header.end - header.start;
  return body >= header_offset + kHeaderSize && body + kCrcSize <= kLargestFile;
}

void add(std::vector<Problem>& to, std::string code, std::string message) {
  to.push_back({std::move(code), std::move(message)});
}

// Strips a DFU suffix from the end of `file`. One with a wrong checksum is no suffix to trust: it
// stays, and is reported.
void strip_dfu_suffix(base::Bytes& file, ParsedModule& module) {
  if (file.size() < kDfuSuffixSize) return;
  const base::ByteView tail = base::ByteView(file).last(kDfuSuffixSize);
  if (tail[8] != 'U' || tail[9] != 'F' || tail[10] != 'D') return;
  const std::size_t length = tail[11];
  const std::uint32_t stored = base::load_le32(tail, 12);
  const std::uint32_t computed = ~base::crc32(base::ByteView(file).first(file.size() - 4));
  if (length < kDfuSuffixSize || length > file.size() || stored != computed) {
    add(module.problems, "bad-dfu-suffix",
        "the file ends with a DFU suffix whose length or checksum is wrong");
    return;
  }
  add(module.notes, "dfu-suffix",
      fmt::format("a DFU suffix of {} bytes (for USB device {:04x}:{:04x}) was left out", length,
                  base::load_le16(tail, 4), base::load_le16(tail, 2)));
  file.resize(file.size() - length);
}

// A sector that was read back holds the module and what is erased behind it.
void strip_padding(base::Bytes& file, std::uint32_t expected, ParsedModule& module) {
  if (file.size() <= expected) return;
  const base::ByteView rest = base::ByteView(file).subspan(expected);
  if (!base::is_blank(rest)) return;
  add(module.notes, "padding",
      fmt::format("{} bytes of erased flash (0xFF) that follow the module were left out: it was "
                  "read back from a device",
                  rest.size()));
  file.resize(expected);
}

void check_length(ParsedModule& module, std::uint32_t expected) {
  const base::ByteView image = *module.image;
  if (image.size() < expected) {
    add(module.problems, "truncated",
        fmt::format("the file ends after {} of {} bytes", image.size(), expected));
    return;
  }
  if (image.size() == expected) return;
  const base::ByteView rest = image.subspan(expected);
  const bool zeros = std::all_of(rest.begin(), rest.end(), [](std::uint8_t b) { return b == 0; });
  add(module.problems, "wrong-length",
      fmt::format("the file has {} bytes where its header says {}: {} {} follow the module",
                  image.size(), expected, rest.size(),
                  zeros ? "bytes of padding (0x00)" : "trailing bytes"));
}

void check_flags(ParsedModule& module) {
  const std::uint8_t flags = module.header->flags;
  if ((flags & (kCompressed | kCombined)) != 0) {
    add(module.problems, "compressed-or-combined",
        fmt::format("the module is {}: it cannot be written to flash as it is",
                    (flags & kCompressed) != 0 ? "compressed" : "combined with others"));
  } else if (flags != 0) {
    add(module.problems, "unsupported-flags",
        flags == kDropHeader
            ? "the module asks for its header to be dropped, which no Electron module does"
            : fmt::format("the header has unknown flags (0x{:02x})", flags));
  }
}

// `body`: the bytes that the CRC covers, all of them there.
void check_suffix(ParsedModule& module, base::ByteView body) {
  if (body.size() < module.header_offset + kHeaderSize + kSuffixSize) {
    add(module.problems, "bad-suffix", "the module is too short to hold a suffix");
    return;
  }
  module.suffix = parse_suffix(body, module.header_offset, module.header->id.function);
  if (module.suffix) return;
  add(module.problems, "bad-suffix",
      fmt::format("the suffix says that it has {} bytes instead of {}",
                  base::load_le16(body, body.size() - 2), kSuffixSizeField));
}

// One pass over the bytes for both digests: of the content, which the suffix states, and of all.
void check_digests(ParsedModule& module, base::ByteView body) {
  if (!module.suffix) {
    module.file_sha256 = base::sha256(*module.image);
    return;
  }
  const base::PrefixSha256 digests =
      base::sha256_of_prefix_and_whole(*module.image, body.size() - kShaOffset);
  module.file_sha256 = digests.whole;
  if (digests.prefix == module.suffix->sha256) return;
  add(module.problems, "sha-mismatch",
      "the content does not have the SHA-256 that the module's suffix states");
}

// Comes first: it explains the others.
void blame_text_transfer(ParsedModule& module) {
  if (module.problems.empty() || module.crc_ok) return;
  if (!module.header && !looks_like(*module.image).empty()) return;
  const std::uint64_t stated = module.header ? module.header->size() : 0;
  const std::uint64_t there = module.image->size();
  const std::string_view change = changed_as_text(
      *module.image, there < stated ? static_cast<std::uint32_t>(stated - there) : 0);
  if (change.empty()) return;
  module.problems.insert(module.problems.begin(),
                         {"changed-as-text", "the file is damaged: " + std::string(change)});
}

}  // namespace

std::optional<Product> product_of(const ModuleSuffix& suffix) {
  constexpr std::uint16_t kNone = 0xFFFF;
  if (suffix.product_id == kNone) return std::nullopt;
  return Product{suffix.product_id, suffix.product_version};
}

std::optional<ModuleSuffix> parse_suffix(base::ByteView body, std::uint32_t header_offset,
                                         platform::ModuleFunction function) {
  const std::size_t end = body.size();
  if (end < header_offset + kHeaderSize + kSuffixSize) return std::nullopt;
  ModuleSuffix suffix;
  suffix.size = base::load_le16(body, end - 2);
  if (suffix.size != kSuffixSizeField) return std::nullopt;
  std::copy_n(body.begin() + static_cast<std::ptrdiff_t>(end - kShaOffset), suffix.sha256.size(),
              suffix.sha256.begin());
  if (function == platform::ModuleFunction::user_part &&
      end >= header_offset + kHeaderSize + kProductOffset) {
    suffix.product_id = base::load_le16(body, end - kProductOffset);
    suffix.product_version = base::load_le16(body, end - kProductOffset + 2);
  }
  return suffix;
}

std::optional<ModuleHeader> parse_header(base::ByteView bytes, std::uint32_t* offset) {
  if (bytes.size() < kHeaderSize) return std::nullopt;
  const std::uint32_t at = begins_with_stack_pointer(bytes) ? kVectorTableSize : 0;
  if (bytes.size() < at + kHeaderSize) return std::nullopt;
  if (offset != nullptr) *offset = at;
  return read_header(bytes.subspan(at, kHeaderSize));
}

namespace {

// The header at the start of `file` if it is one; otherwise says what is there instead.
std::optional<ModuleHeader> find_header(base::ByteView file, ParsedModule& module) {
  std::optional<ModuleHeader> header = parse_header(file, &module.header_offset);
  // Any text makes a header of sorts.
  const std::string_view instead = looks_like(file);
  if (header && instead.empty() && plausible(*header, module.header_offset)) return header;
  if (!header && (file.empty() || instead.empty())) {
    add(module.problems, "truncated",
        fmt::format("the file has {} bytes, too few for a module header", file.size()));
  } else {
    add(module.problems, "no-header",
        instead.empty() ? "the file has no module header"
                        : fmt::format("the file has no module header: it looks like {}", instead));
  }
  return std::nullopt;
}

}  // namespace

ParsedModule parse(base::Bytes file) {
  ParsedModule module;
  strip_dfu_suffix(file, module);
  module.header = find_header(file, module);
  if (module.header) strip_padding(file, module.header->size(), module);
  module.image = std::make_shared<const base::Bytes>(std::move(file));
  const base::ByteView image = *module.image;
  if (!module.header || image.size() < module.header->size()) {
    if (module.header) {
      check_flags(module);
      check_length(module, module.header->size());
    }
    module.file_sha256 = base::sha256(image);
    blame_text_transfer(module);
    return module;
  }
  check_flags(module);
  check_length(module, module.header->size());
  const base::ByteView body = image.first(module.header->end - module.header->start);
  module.stored_crc32 = base::load_be32(image, body.size());
  const std::uint32_t computed = base::crc32(body);
  module.crc_ok = computed == module.stored_crc32;
  if (!module.crc_ok) {
    add(module.problems, "crc-mismatch",
        fmt::format("the content has the CRC-32 {:08x} where the file states {:08x}", computed,
                    module.stored_crc32));
  }
  check_suffix(module, body);
  check_digests(module, body);
  blame_text_transfer(module);
  return module;
}

}  // namespace firmware
