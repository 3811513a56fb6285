// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/installed_state.h"

#include "firmware/check.h"
#include "firmware/parse.h"

#include <algorithm>

namespace flash {
namespace {

// Read at once at the start of a slot: one transfer, and the header lies within.
constexpr std::uint32_t kFirstRead = 4096;
constexpr std::uint32_t kCrcSize = 4;

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

std::optional<Place> factory_place(const platform::Platform& platform) {
  const platform::Slot* user = platform.slot(platform::kUserPart);
  if (user == nullptr || platform.factory.empty()) return std::nullopt;
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

plan::InstalledModule judge_place(const platform::Platform& platform, const Place& place,
                                  const FlashImage& image) {
  plan::InstalledModule module{.id = place.module};
  const base::ByteView head = image.view(head_of(place.flash));
  if (base::is_blank(head)) return module;
  std::uint32_t offset = 0;
  const auto header = firmware::parse_header(head, &offset);
  const auto corrupt = [&](std::vector<firmware::Problem> problems) {
    module.seen = plan::Corrupt{header, std::move(problems)};
    return module;
  };
  if (!header) return corrupt({{"no-header", "there is no module header"}});
  const auto bytes = extent(platform, place, *header);
  if (!bytes) {
    auto problems = firmware::header_problems(*header, platform);
    return corrupt(problems.empty() ? misplaced(*header, place) : std::move(problems));
  }
  if (!image.has(*bytes)) return corrupt({{"unreadable", "it was not read whole"}});
  const base::ByteView content = image.view(*bytes);
  const std::size_t covered = content.size() - kCrcSize;
  const std::uint32_t crc32 = base::load_be32(content, covered);
  if (base::crc32(content.first(covered)) != crc32) {
    return corrupt(
        {{"crc-mismatch", "its checksum is " + base::hex32(crc32) + ", its bytes make another"}});
  }
  module.seen = plan::Read{*header, offset, crc32};
  return module;
}

// Reads one place after the other and tells progress as one.
class Reader {
 public:
  Reader(dfu::DfuseTarget& target, const platform::Platform& platform, FlashImage& image,
         const dfu::Progress& progress, const base::CancelToken& cancel)
      : target_(target), platform_(platform), image_(image), progress_(progress), cancel_(cancel) {}

  base::Result<> read(const Place& place) {
    TRY(read_once(place));
    const plan::InstalledModule module = judge_place(platform_, place, image_);
    if (module.health() != plan::Health::corrupt) return {};
    // Flash that is wrong is wrong twice; a bit that flipped on the way is not.
    const base::AddressRange head = head_of(place.flash);
    image_.forget(extent(platform_, place, image_).value_or(head));
    return read_once(place);
  }

 private:
  base::Result<> read_once(const Place& place) {
    TRY(read_range(head_of(place.flash)));
    const auto bytes = extent(platform_, place, image_);
    if (!bytes) return {};
    return read_range(*bytes);
  }

  base::Result<> read_range(base::AddressRange range) {
    std::uint64_t size = 0;
    for (const base::AddressRange& gap : image_.missing(range)) size += gap.size();
    const auto step = [this](std::uint64_t done) {
      if (progress_) progress_(done_ + done);
    };
    TRY(read_into(target_, image_, range, step, cancel_));
    done_ += size;
    return {};
  }

  dfu::DfuseTarget& target_;
  const platform::Platform& platform_;
  FlashImage& image_;
  const dfu::Progress& progress_;
  const base::CancelToken& cancel_;
  std::uint64_t done_ = 0;
};

}  // namespace

base::Result<> read_into(dfu::DfuseTarget& target, FlashImage& image, base::AddressRange range,
                         const dfu::Progress& progress, const base::CancelToken& cancel) {
  std::uint64_t before = 0;
  for (const base::AddressRange& gap : image.missing(range)) {
    const auto step = [&](std::uint64_t done) {
      if (progress) progress(before + done);
    };
    TRY_ASSIGN(const base::Bytes bytes, target.read(gap, step, cancel));
    image.put(gap.begin, bytes);
    before += gap.size();
  }
  return {};
}

std::uint64_t most_to_read(const platform::Platform& platform) {
  std::uint64_t sum = platform.factory.size();
  for (const platform::Slot& slot : platform.slots) sum += slot.flash.size();
  return sum;
}

base::Result<plan::InstalledState> read_installed_state(dfu::DfuseTarget& target,
                                                        const platform::Platform& platform,
                                                        FlashImage& image,
                                                        const dfu::Progress& progress,
                                                        const base::CancelToken& cancel) {
  Reader reader(target, platform, image, progress, cancel);
  for (const platform::Slot& slot : platform.slots) TRY(reader.read(place_of(slot)));
  if (const auto factory = factory_place(platform)) TRY(reader.read(*factory));
  return state_from_image(platform, image);
}

plan::InstalledState state_from_image(const platform::Platform& platform, const FlashImage& image) {
  plan::InstalledState state;
  state.platform = &platform;
  for (const platform::Slot& slot : platform.slots) {
    if (!image.has(head_of(slot.flash))) continue;
    state.modules.push_back(judge_place(platform, place_of(slot), image));
  }
  const std::uint32_t at = platform.bootloader_version_address;
  if (const plan::InstalledModule* bootloader = state.valid(platform::kBootloader)) {
    state.bootloader_version = bootloader->version();
  } else if (image.has({at, at + 2})) {
    state.bootloader_version = base::load_le16(image.view({at, at + 2}), 0);
  }
  const auto factory = factory_place(platform);
  if (factory && image.has(head_of(factory->flash))) {
    state.factory_image = judge_place(platform, *factory, image).valid();
  }
  return state;
}

}  // namespace flash
