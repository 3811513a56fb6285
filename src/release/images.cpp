// SPDX-License-Identifier: GPL-3.0-or-later
#include "release/images.h"

#include "base/files.h"
#include "firmware/intel_hex.h"
#include "release/archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace release {
namespace {

using firmware::HexSegment;

// A module's place as the segments fill it, up to the last byte that is given; what is not given in
// between is erased flash. None if its first byte is not given.
std::optional<base::Bytes> bytes_at(const std::vector<HexSegment>& segments,
                                    const base::AddressRange& place) {
  base::Bytes bytes;
  bool begins = false;
  for (const HexSegment& segment : segments) {
    const std::uint64_t end = std::uint64_t{segment.address} + segment.bytes.size();
    const std::uint64_t from = std::max<std::uint64_t>(segment.address, place.begin);
    const std::uint64_t to = std::min<std::uint64_t>(end, place.end);
    if (from >= to) continue;
    begins = begins || from == place.begin;
    bytes.resize(static_cast<std::size_t>(to - place.begin), 0xFF);
    std::copy(segment.bytes.begin() + static_cast<std::ptrdiff_t>(from - segment.address),
              segment.bytes.begin() + static_cast<std::ptrdiff_t>(to - segment.address),
              bytes.begin() + static_cast<std::ptrdiff_t>(from - place.begin));
  }
  if (!begins || base::is_blank(bytes)) return std::nullopt;
  return bytes;
}

bool in_a_slot(const HexSegment& segment, const platform::Platform& platform) {
  const std::uint64_t end = std::uint64_t{segment.address} + segment.bytes.size();
  return std::ranges::any_of(platform.slots, [&](const platform::Slot& slot) {
    return segment.address < slot.flash.end && end > slot.flash.begin;
  });
}

void add_hex(const std::string& source, base::ByteView text, const platform::Platform& platform,
             Images& into) {
  const auto segments = firmware::parse_intel_hex(text);
  if (!segments) {
    into.passed_over.push_back(
        {source, {segments.error().id, segments.error().message}, "a damaged Intel HEX file"});
    return;
  }
  const auto named = [&](std::uint32_t address) {
    return fmt::format("{}/{}", source, base::hex32(address));
  };
  for (const platform::Slot& slot : platform.slots) {
    if (auto bytes = bytes_at(*segments, slot.flash)) {
      into.images.push_back({named(slot.flash.begin), std::move(*bytes)});
    }
  }
  for (const HexSegment& segment : *segments) {
    if (in_a_slot(segment, platform)) continue;
    if (platform.sector_at(segment.address) == nullptr) {
      // A module's own header says where it belongs.
      into.images.push_back({named(segment.address), segment.bytes});
      continue;
    }
    into.passed_over.push_back(
        {named(segment.address),
         {"no-module-place", fmt::format("{} bytes at {}, where no module has its place",
                                         segment.bytes.size(), base::hex32(segment.address))},
         "bytes without a module's place"});
  }
}

void add_archive_entry(const std::string& source, base::Bytes bytes,
                       const platform::Platform& platform, Images& into) {
  if (is_archive(bytes)) {
    into.passed_over.push_back(
        {source,
         {"nested-archive", "an archive inside an archive is not opened: unpack it"},
         "an archive inside an archive"});
  } else if (firmware::is_intel_hex(bytes)) {
    add_hex(source, bytes, platform, into);
  } else if (bytes.size() > firmware::kLargestFile) {
    into.passed_over.push_back({source,
                                {"file-too-large", "it is larger than any module file"},
                                "a file too large for a module"});
  } else {
    into.images.push_back({source, std::move(bytes)});
  }
}

base::Result<Images> from_archive(const std::string& path, base::ByteView bytes,
                                  const platform::Platform& platform) {
  auto content = read_archive(bytes, [](const std::string&) { return true; });
  if (!content) return base::in_context(std::move(content.error()), base::printable(path));
  Images images;
  images.container = true;
  for (ArchiveEntry& entry : content->entries) {
    add_archive_entry(path + "/" + entry.name, std::move(entry.bytes), platform, images);
  }
  for (auto& [name, problem] : content->left_out) {
    const std::string what =
        problem.code == "password" ? "a file under a password" : "a file too large for a module";
    images.passed_over.push_back({fmt::format("{}/{}", path, name), std::move(problem), what});
  }
  return images;
}

base::Result<Images> from_hex_file(const std::string& path, base::ByteView text,
                                   const platform::Platform& platform) {
  Images images;
  images.container = true;
  add_hex(path, text, platform, images);
  // Of a damaged one nothing is taken: the file itself is at fault.
  for (const PassedOver& entry : images.passed_over) {
    if (entry.file != path) continue;
    return base::make_error(base::Errc::bad_file, entry.problem.code,
                            base::printable(path) + ": " + entry.problem.message,
                            "get the file again; it is damaged or cut short");
  }
  return images;
}

// Most files are small and read at once; of a large one, first what it is.
base::Result<base::Bytes> read_whole(const std::string& path) {
  auto bytes = base::read_file(path, firmware::kLargestFile);
  if (bytes || bytes.error().id != "file-too-large") return bytes;
  TRY_ASSIGN(const base::Bytes head, base::read_start(path, kArchiveHead));
  if (is_archive(head)) return base::read_file(path, kLargestArchive);
  if (firmware::is_intel_hex(head)) return base::read_file(path, firmware::kLargestHexFile);
  return bytes;
}

}  // namespace

base::Result<Images> images_in(const std::string& path, const platform::Platform& platform) {
  TRY_ASSIGN(base::Bytes bytes, read_whole(path));
  if (is_archive(bytes)) return from_archive(path, bytes, platform);
  if (firmware::is_intel_hex(bytes)) return from_hex_file(path, bytes, platform);
  Images images;
  images.images.push_back({path, std::move(bytes)});
  return images;
}

}  // namespace release
