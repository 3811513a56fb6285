// SPDX-License-Identifier: GPL-3.0-or-later
#include "dfu/memory_map.h"

#include "base/bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace dfu {
namespace {

// Longer than any USB string can be (126 characters), and more sectors than any such string needs
// for a real memory; both only bound the work that a hostile device can ask for.
constexpr std::size_t kMostText = 512;
constexpr std::size_t kMostSectors = 4096;

class Parser {
 public:
  explicit Parser(std::string_view text) : whole_(text), rest_(text) {}

  base::Result<MemoryMap> map() {
    if (rest_.size() > kMostText) return bad("is too long");
    if (!take('@')) return bad("does not begin with @");
    const std::size_t slash = rest_.find('/');
    if (slash == std::string_view::npos) return bad("has no address");
    MemoryMap map;
    map.name = base::printable(rest_.substr(0, slash));
    map.name.erase(map.name.find_last_not_of(' ') + 1);
    rest_.remove_prefix(slash);
    while (take('/')) TRY(region(map));
    if (!rest_.empty()) return bad("goes on after its end");
    std::sort(map.sectors.begin(), map.sectors.end(),
              [](const MapSector& a, const MapSector& b) { return a.range.begin < b.range.begin; });
    for (std::size_t i = 1; i < map.sectors.size(); ++i) {
      if (map.sectors[i - 1].range.overlaps(map.sectors[i].range)) return bad("overlaps itself");
    }
    return map;
  }

 private:
  // "0x08000000/03*016Ka,01*016Kg"
  base::Result<> region(MemoryMap& map) {
    if (!take('0') || !(take('x') || take('X'))) return bad("has an address that is not 0x…");
    std::uint32_t address = 0;
    if (!number(address, 16)) return bad("has an address that is no number");
    if (!take('/')) return bad("has an address without sectors");
    do {
      TRY(sectors(map, address));
    } while (take(','));
    return {};
  }

  // "03*016Ka": three sectors of 16 KiB, readable
  base::Result<> sectors(MemoryMap& map, std::uint32_t& address) {
    std::uint32_t count = 0;
    std::uint32_t size = 0;
    if (!number(count, 10) || !take('*') || !number(size, 10)) return bad("has an odd sector");
    std::uint64_t bytes = size;
    if (take('K') || take('k')) {
      bytes *= 1024;
    } else if (take('M') || take('m')) {
      bytes *= 1024 * 1024;
    } else if (!take(' ')) {
      take('B');  // "512Bg" and "512 g" are both seen for bytes
    }
    if (rest_.empty() || rest_.front() < 'a' || rest_.front() > 'g') {
      return bad("has a sector of unknown kind");
    }
    const int kind = rest_.front() - 'a' + 1;  // bit 0 readable, 1 erasable, 2 writable
    rest_.remove_prefix(1);
    if (count == 0 || bytes == 0) return bad("has an empty sector");
    if (count > kMostSectors - map.sectors.size()) return bad("has too many sectors");
    constexpr std::uint64_t kMostAddress = std::numeric_limits<std::uint32_t>::max();
    for (; count > 0; --count) {
      if (address + bytes > kMostAddress) return bad("goes past the end of memory");
      const auto end = static_cast<std::uint32_t>(address + bytes);
      map.sectors.push_back({{address, end}, (kind & 1) != 0, (kind & 2) != 0, (kind & 4) != 0});
      address = end;
    }
    return {};
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Unlike most number readers this takes no sign, no space and no empty text.
  bool number(std::uint32_t& value, int base) {
    const char* const begin = rest_.data();
    const auto read = std::from_chars(begin, begin + rest_.size(), value, base);
    if (read.ec != std::errc()) return false;
    rest_.remove_prefix(static_cast<std::size_t>(read.ptr - begin));
    return true;
  }

  base::Error bad(std::string_view why) const {
    return base::make_error(
        base::Errc::protocol, "bad-memory-map",
        fmt::format("the device's memory map {}: \"{}\"", why,
                    base::printable(whole_.substr(0, kMostText))),
        "this is not the bootloader of an Electron, or the USB connection is bad");
  }

  std::string_view whole_;
  std::string_view rest_;
};

}  // namespace

base::Result<MemoryMap> parse_memory_map(std::string_view alt_name) {
  return Parser(alt_name).map();
}

}  // namespace dfu
