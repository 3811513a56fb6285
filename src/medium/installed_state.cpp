// SPDX-License-Identifier: GPL-3.0-or-later
#include "medium/installed_state.h"

#include "firmware/check.h"
#include "firmware/layout.h"
#include "firmware/parse.h"
#include "medium/configuration.h"

#include <algorithm>

namespace medium {
namespace {

// Read at once at the start of a slot: one transfer, and the header lies within.
constexpr std::uint32_t kFirstRead = 4096;
using firmware::kCrcSize;

base::AddressRange head_of(base::AddressRange slot) {
  return {slot.begin, std::min(slot.end, slot.begin + kFirstRead)};
}

// A module where it lies: its own place, or the place of a copy of it.
struct Place {
  platform::ModuleId module;
  base::AddressRange flash;
  std::uint32_t linked_at;  // start address that its header must tell
};

Place place_of(const platform::Slot& slot) { return {slot.module, slot.flash, slot.flash.begin}; }

// Where the configuration says that it is, else where it is by default.
std::optional<Place> factory_place(const platform::Platform& platform,
                                   const ConfigurationFacts& configuration) {
  const platform::Slot* user = platform.slot(platform::kUserPart);
  if (user == nullptr || platform.factory.empty()) return std::nullopt;
  if (configuration.factory) {
    return Place{user->module, configuration.factory->image, configuration.factory->destination};
  }
  return Place{user->module, platform.factory, user->flash.begin};
}

// The bytes that the header at `place` speaks of, CRC included; none if the header cannot be right.
// The header is the device's word: nothing beyond the slot is believed.
std::optional<base::AddressRange> extent(const platform::Platform& platform, const Place& place,
                                         const firmware::ModuleHeader& header) {
  if (header.id != place.module || header.start != place.linked_at) return std::nullopt;
  if (!firmware::header_problems(header, platform).empty()) return std::nullopt;
  const std::uint64_t size = std::uint64_t{header.end} - header.start + kCrcSize;
  if (header.end <= header.start || size > place.flash.size()) return std::nullopt;
  return base::AddressRange{place.flash.begin,
                            place.flash.begin + static_cast<std::uint32_t>(size)};
}

std::optional<base::AddressRange> extent(const platform::Platform& platform, const Place& place,
                                         const FlashImage& image) {
  const auto header = firmware::parse_header(image.view(head_of(place.flash)), nullptr);
  if (!header) return std::nullopt;
  return extent(platform, place, *header);
}

std::vector<firmware::Problem> misplaced(const firmware::ModuleHeader& header, const Place& place) {
  return {{"wrong-address", "the header at " + base::hex32(place.flash.begin) + " is one of the " +
                                platform::describe(header.id) + " for " +
                                base::hex32(header.start)}};
}

// `bytes` are those that the header speaks of, CRC included.
plan::Seen judge_bytes(const firmware::ModuleHeader& header, std::uint32_t offset,
                       base::AddressRange bytes, const FlashImage& image) {
  if (!image.has(bytes)) {
    return plan::Corrupt{header, {{"unreadable", "it was not read whole"}}};
  }
  const base::ByteView content = image.view(bytes);
  const std::size_t covered = content.size() - kCrcSize;
  const std::uint32_t stored = base::load_be32(content, covered);
  if (base::crc32(content.first(covered)) == stored) {
    plan::Read read{header, offset, stored};
    const auto suffix = firmware::parse_suffix(content.first(covered), offset, header.id.function);
    if (suffix) read.product = firmware::product_of(*suffix);
    return read;
  }
  return plan::Corrupt{
      header,
      {{"crc-mismatch", "its checksum is " + base::hex32(stored) + ", its bytes make another"}}};
}

// Firmware in one piece over several places, as debug builds are.
struct Monolithic {
  firmware::ModuleHeader header;
  std::uint32_t header_offset = 0;
  base::AddressRange bytes;
};

// It begins where index 1 does, and the bootloader starts it like that one. The header is the
// device's word: it must end before the factory image.
std::optional<Monolithic> find_monolithic(const platform::Platform& platform,
                                          const FlashImage& image) {
  const platform::Slot* first = platform.slot(platform::kSystemPart1);
  if (first == nullptr || !image.has(head_of(first->flash))) return std::nullopt;
  std::uint32_t offset = 0;
  const auto header = firmware::parse_header(image.view(head_of(first->flash)), &offset);
  if (!header || header->id.function != platform::ModuleFunction::monolithic ||
      header->start != first->flash.begin || header->platform != platform.id ||
      header->end <= header->start + kFirstRead ||
      header->end > platform.factory.begin - kCrcSize) {
    return std::nullopt;
  }
  return Monolithic{*header, offset, {header->start, header->end + kCrcSize}};
}

plan::InstalledModule judge_place(const platform::Platform& platform, const Place& place,
                                  const FlashImage& image) {
  plan::InstalledModule module{.id = place.module, .seen = plan::Blank()};
  const base::ByteView head = image.view(head_of(place.flash));
  if (base::is_blank(head)) return module;
  std::uint32_t offset = 0;
  const auto header = firmware::parse_header(head, &offset);
  if (!header) {
    module.seen = plan::Corrupt{{}, {{"no-header", "there is no module header"}}};
    return module;
  }
  const auto bytes = extent(platform, place, *header);
  if (!bytes) {
    auto problems = firmware::header_problems(*header, platform);
    if (problems.empty()) problems = misplaced(*header, place);
    module.seen = plan::Corrupt{*header, std::move(problems)};
    return module;
  }
  module.seen = judge_bytes(*header, offset, *bytes, image);
  return module;
}

base::Result<> read_place(const platform::Platform& platform, const Place& place, FlashImage& image,
                          const ReadRange& read) {
  const auto once = [&]() -> base::Result<> {
    TRY(read(head_of(place.flash)));
    const auto bytes = extent(platform, place, image);
    if (!bytes) return {};
    return read(*bytes);
  };
  TRY(once());
  if (judge_place(platform, place, image).health() != plan::Health::corrupt) return {};
  // Flash that is wrong is wrong twice; a bit that flipped on the way is not.
  image.forget(extent(platform, place, image).value_or(head_of(place.flash)));
  return once();
}

}  // namespace

std::uint64_t most_to_read(const platform::Platform& platform) {
  std::uint64_t sum = platform.factory.size();
  for (const platform::Slot& slot : platform.slots) sum += slot.flash.size();
  return sum;
}

base::Result<> read_slots(const platform::Platform& platform, FlashImage& image,
                          const ReadRange& read) {
  for (const platform::Slot& slot : platform.slots) {
    TRY(read_place(platform, place_of(slot), image, read));
  }
  TRY(read_configuration(platform, image, read));
  const ConfigurationFacts configuration = configuration_from_image(platform, image);
  if (const auto factory = factory_place(platform, configuration)) {
    TRY(read_place(platform, *factory, image, read));
  }
  if (const auto whole = find_monolithic(platform, image)) return read(whole->bytes);
  return {};
}

plan::InstalledState state_from_image(const platform::Platform& platform, const FlashImage& image) {
  plan::InstalledState state;
  state.platform = &platform;
  const std::optional<Monolithic> whole = find_monolithic(platform, image);
  if (whole) {
    state.modules.push_back(
        {whole->header.id, judge_bytes(whole->header, whole->header_offset, whole->bytes, image)});
  }
  for (const platform::Slot& slot : platform.slots) {
    if (!image.has(head_of(slot.flash))) continue;
    if (whole && whole->bytes.contains(slot.flash.begin)) continue;
    state.modules.push_back(judge_place(platform, place_of(slot), image));
  }
  const std::uint32_t at = platform.bootloader_version_address;
  if (const plan::InstalledModule* bootloader = state.valid(platform::kBootloader)) {
    state.bootloader_version = bootloader->version();
  } else if (image.has({at, at + 2})) {
    state.bootloader_version = base::load_le16(image.view({at, at + 2}), 0);
  }
  const ConfigurationFacts configuration = configuration_from_image(platform, image);
  state.configuration = configuration.state;
  if (configuration.slot_known) state.factory_registered = configuration.factory.has_value();
  const auto factory = factory_place(platform, configuration);
  if (factory && image.has(head_of(factory->flash))) {
    state.factory_image = judge_place(platform, *factory, image).valid();
  }
  return state;
}

std::vector<base::AddressRange> vouched_for(const plan::InstalledState& state) {
  std::vector<base::AddressRange> extents;
  for (const plan::InstalledModule& module : state.modules) {
    const plan::Read* read = module.read();
    if (read == nullptr) continue;
    const auto size = static_cast<std::uint32_t>(read->header.size());
    extents.push_back({read->header.start, read->header.start + size});
  }
  return extents;
}

}  // namespace medium
