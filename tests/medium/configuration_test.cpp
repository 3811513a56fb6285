// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the device configuration tells without its keys, from flash as the two formats leave it.

#include "medium/configuration.h"

#include "firmware/build.h"
#include "medium/installed_state.h"

#include <gtest/gtest.h>

#include <map>

namespace medium {
namespace {

using plan::Configuration;

const platform::Platform& electron() { return platform::electron(); }

struct Slot {
  std::uint16_t magic = 0x0FAC;
  std::uint32_t source = platform::electron().factory.begin;
  std::uint32_t destination = 0x08080000;
  std::uint32_t length = 8192;
  std::uint8_t function = 5;
};

// Flash with one or two copies of the configuration.
class Flash {
 public:
  Flash() : bytes_(electron().flash.size(), 0xFF) {}

  void copy(std::size_t number, std::uint32_t seal, bool key, std::optional<Slot> slot = {}) {
    const std::uint32_t begin =
        electron().configuration.begin + static_cast<std::uint32_t>(number) * 0x4000U;
    store32(begin, 0x1E1C279A);
    store32(begin + 4, seal);
    if (key) {
      const base::Bytes der{0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20, 0x99};
      std::copy(der.begin(), der.end(), at(begin + 8 + 3106));
    }
    if (!slot) return;
    const std::uint32_t place = begin + 8 + 2852;
    store32(place, slot->magic | 0x01010000U);
    store32(place + 4, slot->source);
    store32(place + 8, slot->destination);
    store32(place + 12, slot->length);
    store32(place + 16, 0x0E | std::uint32_t{slot->function} << 8U);
  }
  void store32(std::uint32_t address, std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i) at(address)[i] = static_cast<std::uint8_t>(value >> 8 * i);
  }
  base::Bytes::iterator at(std::uint32_t address) {
    return bytes_.begin() + (address - electron().flash.begin);
  }

  // `spoil` changes what the first reading of a range gives.
  ConfigurationFacts read(std::uint32_t spoil = 0) {
    FlashImage image(electron().flash);
    std::map<std::uint32_t, int> times;
    const auto read = [&](base::AddressRange range) -> base::Result<> {
      base::Bytes bytes(at(range.begin), at(range.end));
      if (range.begin == spoil && ++times[spoil] == 1) bytes.front() ^= 0x40U;
      asked.push_back(range);
      image.put(range.begin, bytes);
      return {};
    };
    EXPECT_TRUE(read_configuration(electron(), image, read));
    return configuration_from_image(electron(), image);
  }
  std::vector<base::AddressRange> asked;

 private:
  base::Bytes bytes_;
};

constexpr std::uint32_t kValid = 0xEDA15E00;

TEST(Configuration, IsProgrammedWhereTheLiveCopyHoldsAKey) {
  Flash flash;
  flash.copy(0, kValid, true);
  EXPECT_EQ(flash.read().state, Configuration::programmed);
}

TEST(Configuration, IsBlankWhereTheLiveCopyHasNone) {
  Flash flash;
  flash.copy(0, kValid, false);
  EXPECT_EQ(flash.read().state, Configuration::blank);
}

TEST(Configuration, IsBlankWhereBothSectorsAreErased) {
  const ConfigurationFacts facts = Flash().read();
  EXPECT_EQ(facts.state, Configuration::blank);
  EXPECT_TRUE(facts.slot_known);
  EXPECT_FALSE(facts.factory);
}

TEST(Configuration, TakesTheCopyThatIsNotSuperseded) {
  for (const std::uint32_t superseded : {0x00000000U, 0x69A00C00U, 0xFFFFFFFFU}) {
    Flash flash;
    flash.copy(0, superseded, true, Slot());
    flash.copy(1, kValid, false);
    const ConfigurationFacts facts = flash.read();
    EXPECT_EQ(facts.state, Configuration::blank) << superseded;
    EXPECT_FALSE(facts.factory) << superseded;
  }
}

TEST(Configuration, IsUnknownWhereTwoLiveCopiesDisagree) {
  Flash flash;
  flash.copy(0, kValid, true);
  flash.copy(1, kValid, false);
  EXPECT_EQ(flash.read().state, Configuration::unknown);
  Flash same;
  same.copy(0, kValid, true);
  same.copy(1, kValid, true);
  EXPECT_EQ(same.read().state, Configuration::programmed);
}

TEST(Configuration, NamesTheFactoryImageOfSlot0) {
  Flash flash;
  flash.copy(1, kValid, true, Slot());
  const ConfigurationFacts facts = flash.read();
  ASSERT_TRUE(facts.factory);
  EXPECT_EQ(facts.factory->image.begin, electron().factory.begin);
  EXPECT_EQ(facts.factory->image.size(), 8192U);
  EXPECT_EQ(facts.factory->destination, 0x08080000U);
}

TEST(Configuration, HasNoFactoryImageInASlotThatTheBootloaderWouldRefuse) {
  for (const Slot& slot : {Slot{.magic = 0xABCD}, Slot{.source = 0x08200000}, Slot{.length = 0},
                           Slot{.length = 0x00200000}, Slot{.function = 4}}) {
    Flash flash;
    flash.copy(0, kValid, true, slot);
    const ConfigurationFacts facts = flash.read();
    EXPECT_TRUE(facts.slot_known);
    EXPECT_FALSE(facts.factory);
  }
}

TEST(Configuration, IsReadAgainWhereAByteMakesNoSense) {
  Flash flash;
  flash.copy(0, kValid, true, Slot());
  EXPECT_EQ(flash.read(electron().configuration.begin).state, Configuration::programmed);
  EXPECT_TRUE(flash.read(electron().configuration.begin + 8 + 2852).factory);
}

// Of the key only its tag, which is the same in every key; none of its secret.
TEST(Configuration, ReadsNoSecretByte) {
  Flash flash;
  flash.copy(0, kValid, true, Slot());
  flash.copy(1, kValid, true, Slot());
  flash.read();
  std::uint32_t bytes = 0;
  for (const base::AddressRange& range : flash.asked) {
    bytes += range.size();
    const std::uint32_t offset = (range.begin - electron().configuration.begin) % 0x4000U;
    EXPECT_TRUE(offset + range.size() <= 8 || (offset >= 8 + 2852 && offset < 8 + 2872) ||
                (offset == 8 + 3106 && range.size() <= 7))
        << base::hex32(range.begin);
  }
  EXPECT_LE(bytes, 64U);
}

// A place with a header that says how far its module goes, and the module's checksum.
base::Bytes application() {
  firmware::BuildRequest request;
  request.id = platform::kUserPart;
  request.version = 3;
  request.size = 4096;
  return firmware::build(request, electron());
}

plan::InstalledState state_of(Flash& flash) {
  FlashImage image(electron().flash);
  const ReadRange read = [&](base::AddressRange range) -> base::Result<> {
    image.put(range.begin, base::Bytes(flash.at(range.begin), flash.at(range.end)));
    return {};
  };
  EXPECT_TRUE(read_slots(electron(), image, read));
  return state_from_image(electron(), image);
}

TEST(StateFromImage, TellsWhetherTheFactoryImageIsRegistered) {
  const base::Bytes image = application();
  for (const bool registered : {false, true}) {
    Flash flash;
    flash.copy(0, kValid, true, registered ? std::optional(Slot{.length = 4096}) : std::nullopt);
    std::copy(image.begin(), image.end(), flash.at(electron().factory.begin));
    const plan::InstalledState state = state_of(flash);
    EXPECT_EQ(state.factory_image, true);
    EXPECT_EQ(state.factory_registered, registered);
    EXPECT_EQ(state.configuration, Configuration::programmed);
  }
}

// Releases up to 0.5.2 kept it in the last sector.
TEST(StateFromImage, FindsTheFactoryImageWhereTheSlotSaysThatItIs) {
  constexpr std::uint32_t kElsewhere = 0x080E0000;
  const base::Bytes image = application();
  Flash flash;
  flash.copy(0, kValid, true, Slot{.source = kElsewhere, .length = 4096});
  EXPECT_EQ(state_of(flash).factory_image, false);
  std::copy(image.begin(), image.end(), flash.at(kElsewhere));
  EXPECT_EQ(state_of(flash).factory_image, true);
}

TEST(StateFromImage, TellsTheProductOfAnApplication) {
  firmware::BuildRequest request;
  request.id = platform::kUserPart;
  request.version = 3;
  request.size = 4096;
  base::Bytes image = firmware::build(request, electron());
  base::store_le16(image, image.size() - 4 - 40, 0xFFFF);
  firmware::seal(image);
  Flash flash;
  std::copy(image.begin(), image.end(), flash.at(0x08080000));
  EXPECT_FALSE(state_of(flash).valid(platform::kUserPart)->read()->product);
  // 40 bytes before the end of what the checksum covers.
  base::store_le16(image, image.size() - 4 - 40, 1234);
  base::store_le16(image, image.size() - 4 - 38, 7);
  firmware::seal(image);
  std::copy(image.begin(), image.end(), flash.at(0x08080000));
  const plan::InstalledState state = state_of(flash);
  ASSERT_NE(state.valid(platform::kUserPart), nullptr);
  EXPECT_EQ(state.valid(platform::kUserPart)->read()->product, (firmware::Product{1234, 7}));
}

}  // namespace
}  // namespace medium
