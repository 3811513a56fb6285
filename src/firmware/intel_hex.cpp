// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/intel_hex.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace firmware {
namespace {

constexpr std::size_t kShortestRecord = 5;  // length, address (2), type, checksum
constexpr std::size_t kFirstDigit = 1;      // behind the colon
constexpr std::size_t kMostSegments = 4096;
constexpr std::size_t kSegment = 0x10000;
constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 32;

enum RecordType : std::uint8_t {
  kData = 0,
  kEnd = 1,
  kSegmentBase = 2,
  kSegmentStart = 3,
  kLinearBase = 4,
  kLinearStart = 5,
};

base::Error bad(std::size_t line, std::string_view what) {
  return base::make_error(base::Errc::bad_file, "bad-hex",
                          fmt::format("line {} of the Intel HEX file {}", line, what),
                          "get the file again; it is damaged or cut short");
}

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view kBlank = " \t\r\f\v";
  const std::size_t begin = line.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(kBlank) + 1 - begin);
}

class Reader {
 public:
  // `record`: the bytes of one line, checksum included. Errors: bad_file.
  base::Result<> take(const base::Bytes& record, std::size_t line) {
    if (ended_) return bad(line, "stands behind the end record");
    if (record.size() < kShortestRecord || record.size() != record[0] + kShortestRecord) {
      return bad(line, "does not have the length that it states");
    }
    std::uint8_t sum = 0;
    for (const std::uint8_t byte : record) sum = static_cast<std::uint8_t>(sum + byte);
    if (sum != 0) return bad(line, "has a wrong checksum");
    const std::uint32_t offset = (std::uint32_t{record[1]} << 8) | record[2];
    const base::ByteView data = base::ByteView(record).subspan(4, record[0]);
    switch (record[3]) {
      case kData:
        return add(offset, data, line);
      case kEnd:
        ended_ = true;
        return {};
      case kSegmentBase:
      case kLinearBase:
        if (data.size() != 2) return bad(line, "has a base address of the wrong length");
        take_base((std::uint32_t{data[0]} << 8) | data[1], record[3] == kSegmentBase);
        return {};
      case kSegmentStart:
      case kLinearStart:
        return {};
      default:
        return bad(line, "has an unknown record type");
    }
  }

  base::Result<std::vector<HexSegment>> finish(std::size_t line) {
    if (!ended_) return bad(line, "is the last, and no end record is there: the file is cut short");
    std::ranges::stable_sort(pieces_, {}, &HexSegment::address);
    std::vector<HexSegment> joined;
    for (HexSegment& piece : pieces_) {
      const std::uint64_t end =
          joined.empty() ? 0 : std::uint64_t{joined.back().address} + joined.back().bytes.size();
      if (!joined.empty() && piece.address < end) {
        return bad(line, fmt::format("ends a file that gives the bytes at {} twice",
                                     base::hex32(piece.address)));
      }
      if (!joined.empty() && piece.address == end) {
        base::Bytes& bytes = joined.back().bytes;
        bytes.insert(bytes.end(), piece.bytes.begin(), piece.bytes.end());
      } else {
        joined.push_back(std::move(piece));
      }
    }
    if (joined.size() > kMostSegments) return bad(line, "ends a file that is all gaps");
    return joined;
  }

 private:
  void take_base(std::uint32_t value, bool segment) {
    in_segment_ = segment;
    (segment ? segment_ : linear_) = value << (segment ? 4 : 16);
  }

  base::Result<> add(std::uint32_t offset, base::ByteView data, std::size_t line) {
    const std::uint64_t address = std::uint64_t{in_segment_ ? segment_ : linear_} + offset;
    if (address != std::uint64_t{segment_} + linear_ + offset) {
      return bad(line, "follows base addresses of both kinds, which tools read differently");
    }
    if (in_segment_ && offset + data.size() > kSegment) {
      return bad(line, "passes the end of its segment, which tools read differently");
    }
    if (address + data.size() > kAddressSpace) return bad(line, "goes beyond the address space");
    if (data.empty()) return {};
    const auto start = static_cast<std::uint32_t>(address);
    const bool goes_on =
        !pieces_.empty() && address == pieces_.back().address + pieces_.back().bytes.size();
    if (!goes_on) pieces_.push_back({start, {}});
    base::Bytes& bytes = pieces_.back().bytes;
    bytes.insert(bytes.end(), data.begin(), data.end());
    return {};
  }

  std::vector<HexSegment> pieces_;
  std::uint32_t segment_ = 0;
  std::uint32_t linear_ = 0;
  bool in_segment_ = false;  // the newer of the two bases is the segment's
  bool ended_ = false;
};

}  // namespace

bool is_intel_hex(base::ByteView text) {
  constexpr std::size_t kLookedAt = 128;
  const std::string head = base::as_text(text.first(std::min(text.size(), kLookedAt)));
  const std::string_view first = trimmed(std::string_view(head).substr(0, head.find('\n')));
  constexpr std::size_t kShortest = kFirstDigit + 2 * kShortestRecord;
  return first.size() >= kShortest && first.front() == ':' &&
         !base::from_hex(first.substr(kFirstDigit, 2 * kShortestRecord)).empty();
}

base::Result<std::vector<HexSegment>> parse_intel_hex(base::ByteView text) {
  if (text.size() > kLargestHexFile) return bad(1, "begins a file that is too long");
  const std::string all = base::as_text(text);
  std::string_view rest = all;
  Reader reader;
  std::size_t number = 0;
  while (!rest.empty()) {
    ++number;
    const std::size_t end = rest.find('\n');
    const std::string_view line = trimmed(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.empty()) continue;
    if (line.front() != ':') return bad(number, "does not begin with a colon");
    const base::Bytes record = base::from_hex(line.substr(kFirstDigit));
    if (record.empty()) return bad(number, "is not pairs of hexadecimal digits");
    TRY(reader.take(record, number));
  }
  return reader.finish(number);
}

}  // namespace firmware
