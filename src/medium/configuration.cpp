// SPDX-License-Identifier: GPL-3.0-or-later
#include "medium/configuration.h"

#include <algorithm>
#include <array>
#include <vector>

namespace medium {
namespace {

// A copy begins with a watermark and a seal, then come its data.
constexpr std::uint32_t kWatermark = 0x1E1C279A;
constexpr std::uint32_t kSealValid = 0xEDA15E00;
constexpr std::uint32_t kSealSuperseded = 0x00000000;        // up to 0.6.x
constexpr std::uint32_t kSealSupersededFooter = 0x69A00C00;  // since 0.7.0
constexpr std::uint32_t kUnwritten = 0xFFFFFFFF;
constexpr std::uint32_t kHeader = 8;

constexpr std::uint32_t kSlotSize = 20;
constexpr std::uint16_t kFactoryMagic = 0x0FAC;
constexpr std::uint8_t kInternalFlash = 1;
constexpr std::uint8_t kVerifyFunction = 8;

// Of a key in DER: its tag and length, and the version that follows. No two keys differ in them.
constexpr std::uint32_t kKeyStart = 4;

// A copy, and the places in it that are looked at.
struct Copy {
  base::AddressRange header;
  base::AddressRange slot;
  base::AddressRange key;
};

std::vector<Copy> copies(const platform::Platform& platform) {
  std::vector<Copy> all;
  for (const platform::Sector& sector : platform.sectors) {
    if (sector.use != platform::SectorUse::configuration) continue;
    const std::uint32_t begin = sector.range.begin;
    const std::uint32_t slot = begin + kHeader + platform.configuration_layout.factory_slot;
    const std::uint32_t key = begin + kHeader + platform.configuration_layout.device_key;
    all.push_back({{begin, begin + kHeader}, {slot, slot + kSlotSize}, {key, key + kKeyStart}});
  }
  return all;
}

enum class Seal { not_read, live, not_live, nonsense };

Seal seal_of(const Copy& copy, const FlashImage& image) {
  if (!image.has(copy.header)) return Seal::not_read;
  const base::ByteView bytes = image.view(copy.header);
  const std::uint32_t watermark = base::load_le32(bytes, 0);
  const std::uint32_t seal = base::load_le32(bytes, 4);
  if (watermark == kUnwritten) return seal == kUnwritten ? Seal::not_live : Seal::nonsense;
  if (watermark != kWatermark) return Seal::nonsense;
  if (seal == kSealValid) return Seal::live;
  const bool known = seal == kSealSuperseded || seal == kSealSupersededFooter || seal == kUnwritten;
  return known ? Seal::not_live : Seal::nonsense;
}

bool all_are(base::ByteView bytes, std::uint8_t value) {
  return std::ranges::all_of(bytes, [&](std::uint8_t byte) { return byte == value; });
}

// Neither blank, nor cleared, nor one that names a factory image.
bool slot_makes_sense(base::ByteView slot) {
  return all_are(slot, 0xFF) || all_are(slot, 0x00) || base::load_le16(slot, 0) == kFactoryMagic;
}

std::optional<FactorySlot> factory_slot(const platform::Platform& platform, base::ByteView slot) {
  if (base::load_le16(slot, 0) != kFactoryMagic) return std::nullopt;
  const std::uint32_t source = base::load_le32(slot, 4);
  const std::uint32_t length = base::load_le32(slot, 12);
  const bool internal = slot[2] == kInternalFlash && slot[3] == kInternalFlash;
  const auto user = static_cast<std::uint8_t>(platform::ModuleFunction::user_part);
  const bool function = (slot[16] & kVerifyFunction) == 0 || slot[17] == user;
  // The bootloader refuses what these say, and then no factory image is registered.
  if (!internal || !function || length == 0 || !platform.flash.contains(source) ||
      length > platform.flash.end - source) {
    return std::nullopt;
  }
  return FactorySlot{{source, source + length}, base::load_le32(slot, 8)};
}

bool operator==(const FactorySlot& a, const FactorySlot& b) {
  return a.image == b.image && a.destination == b.destination;
}

bool agree(const ConfigurationFacts& a, const ConfigurationFacts& b) {
  return a.state == b.state && a.slot_known == b.slot_known &&
         a.factory.has_value() == b.factory.has_value() && (!a.factory || *a.factory == *b.factory);
}

ConfigurationFacts facts_of(const platform::Platform& platform, const Copy& copy,
                            const FlashImage& image) {
  ConfigurationFacts facts;
  if (image.has(copy.key)) {
    const base::ByteView key = image.view(copy.key);
    const bool none = all_are(key, 0xFF) || all_are(key, 0x00);
    facts.state = none ? plan::Configuration::blank : plan::Configuration::programmed;
  }
  if (image.has(copy.slot)) {
    facts.slot_known = true;
    facts.factory = factory_slot(platform, image.view(copy.slot));
  }
  return facts;
}

// Twice where `makes_sense` says no: a bit that flipped on the way is another one then.
template <class Check>
base::Result<> read_well(base::AddressRange range, FlashImage& image, const ReadRange& read,
                         const Check& makes_sense) {
  TRY(read(range));
  if (makes_sense()) return {};
  image.forget(range);
  return read(range);
}

}  // namespace

base::Result<> read_configuration(const platform::Platform& platform, FlashImage& image,
                                  const ReadRange& read) {
  for (const Copy& copy : copies(platform)) {
    TRY(read_well(copy.header, image, read,
                  [&] { return seal_of(copy, image) != Seal::nonsense; }));
    if (seal_of(copy, image) != Seal::live) continue;
    TRY(read_well(copy.slot, image, read, [&] { return slot_makes_sense(image.view(copy.slot)); }));
    TRY(read(copy.key));
  }
  return {};
}

ConfigurationFacts configuration_from_image(const platform::Platform& platform,
                                            const FlashImage& image) {
  std::optional<ConfigurationFacts> live;
  for (const Copy& copy : copies(platform)) {
    const Seal seal = seal_of(copy, image);
    if (seal == Seal::not_read) return {};
    if (seal != Seal::live) continue;
    const ConfigurationFacts facts = facts_of(platform, copy, image);
    // Which of two the bootloader takes is not known.
    if (live && !agree(*live, facts)) return {};
    live = facts;
  }
  if (live) return *live;
  // Without a live copy everything reads as blank.
  return {.state = plan::Configuration::blank, .slot_known = true, .factory = {}};
}

}  // namespace medium
