// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/guess.h"

#include "firmware/layout.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace firmware {
namespace {

constexpr std::size_t kHead = 512;
constexpr std::size_t kTarMark = 257;  // POSIX.1 ustar: "ustar" in the header of the first entry
// So often by chance alone: less than once in 10^30 files.
constexpr std::size_t kEnoughLineEnds = 16;
constexpr std::size_t kEnoughReplacements = 8;

struct Magic {
  std::string_view bytes;
  std::string_view what;
};

bool is_text(std::string_view head) {
  return std::all_of(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<std::uint8_t>(c);  // from 0x80 on: UTF-8
    return (byte >= 0x20 && byte != 0x7F) || c == '\n' || c == '\r' || c == '\t';
  });
}

std::string_view text_kind(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  const std::size_t begin = head.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "a text file";
  head.remove_prefix(begin);
  std::string lower(head.substr(0, 64));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  static constexpr std::array<Magic, 5> kTexts{{
      {"version https://git-lfs", "a Git LFS pointer: the file itself was never fetched"},
      {"<", "a web page"},
      {"{", "a JSON document"},
      {":", "an Intel HEX file"},
      {"electron-rescue backup", "a backup of electron-rescue"},
  }};
  for (const Magic& magic : kTexts) {
    if (lower.starts_with(magic.bytes)) return magic.what;
  }
  return "a text file";
}

// Each line feed has a carriage return before it.
bool line_feeds_expanded(base::ByteView bytes) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] != '\n') continue;
    if (i == 0 || bytes[i - 1] != '\r') return false;
    ++count;
  }
  return count >= kEnoughLineEnds;
}

// U+FFFD in UTF-8 stands where a byte was no text.
bool bytes_replaced(base::ByteView bytes) {
  static constexpr std::array<std::uint8_t, 3> kReplacement{0xEF, 0xBF, 0xBD};
  std::size_t count = 0;
  for (auto at = bytes.begin();;) {
    at = std::search(at, bytes.end(), kReplacement.begin(), kReplacement.end());
    if (at == bytes.end()) return false;
    if (++count >= kEnoughReplacements) return true;
    at += kReplacement.size();
  }
}

// The end of the module is there (its suffix' size field), so that what is missing is missing in
// the middle, one byte at a time.
bool carriage_returns_dropped(base::ByteView bytes, std::uint32_t short_by) {
  constexpr std::size_t kSizeFieldFromEnd = 6;
  if (short_by == 0 || short_by > bytes.size() / 256 || bytes.size() < kSizeFieldFromEnd) {
    return false;
  }
  if (base::load_le16(bytes, bytes.size() - kSizeFieldFromEnd) != kSuffixSizeField) return false;
  static constexpr std::array<std::uint8_t, 2> kPair{'\r', '\n'};
  return std::search(bytes.begin(), bytes.end(), kPair.begin(), kPair.end()) == bytes.end();
}

}  // namespace

std::string_view looks_like(base::ByteView bytes) {
  if (bytes.empty()) return "an empty file";
  if (base::is_blank(bytes)) return "erased flash (0xFF only)";
  static constexpr std::array<Magic, 11> kMagics{{
      {"DfuSe", "a DfuSe container"},
      {"PK\x03\x04", "a ZIP archive"},
      {"PK\x05\x06", "an empty ZIP archive"},
      {"\x7F"
       "ELF",
       "an ELF program"},
      {"\x1F\x8B", "a gzip archive"},
      {"7z\xBC\xAF\x27\x1C", "a 7-Zip archive"},
      {"Rar!", "a RAR archive"},
      {"\xFD"
       "7zXZ",
       "an xz archive"},
      {"%PDF", "a PDF document"},
      {"MZ", "a Windows program"},
      {"S0", "a Motorola S-record file"},
  }};
  const std::string head = base::as_text(bytes.first(std::min(bytes.size(), kHead)));
  for (const Magic& magic : kMagics) {
    if (head.starts_with(magic.bytes)) return magic.what;
  }
  if (std::string_view(head).substr(std::min(head.size(), kTarMark)).starts_with("ustar")) {
    return "a tar archive";
  }
  // A few zeros are the beginning of many things.
  if (bytes.size() >= kHead &&
      std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; })) {
    return "a file of zeros";
  }
  return is_text(head) ? text_kind(head) : std::string_view();
}

std::string_view changed_as_text(base::ByteView bytes, std::uint32_t short_by) {
  if (line_feeds_expanded(bytes)) {
    return "its line ends were changed: something on its way took it for text and put a carriage "
           "return before each line feed";
  }
  if (bytes_replaced(bytes)) {
    return "something on its way took it for text and replaced the bytes that are none";
  }
  if (carriage_returns_dropped(bytes, short_by)) {
    return "its line ends were changed: something on its way took it for text and dropped "
           "carriage returns before line feeds";
  }
  return {};
}

}  // namespace firmware
