// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/firmware_profiles.h"

#include "release/catalogue.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

TEST(SystemProfile, BelongsToTheNewestRowThatIsNotNewer) {
  EXPECT_EQ(system_profile(1).from, 0);
  EXPECT_EQ(system_profile(10).from, 10);
  EXPECT_EQ(system_profile(23).from, 19);
  EXPECT_EQ(system_profile(110).from, 110);
  EXPECT_EQ(system_profile(199).from, 110);
  EXPECT_EQ(system_profile(2302).from, 2200);
  EXPECT_EQ(system_profile(60000).from, 3200);
}

// Two sources of the same fact: this room's table and the catalogue of releases. Old numbers name
// several releases, so any release of the number will do.
TEST(CarriedBootloader, AgreesWithTheCatalogue) {
  int compared = 0;
  for (const release::CatalogueRelease& one : release::Catalogue::embedded().releases()) {
    if (!one.module_version) continue;
    const std::uint16_t number = *one.module_version;
    // The line of another generation of devices, never released for this one.
    if (number >= 324 && number <= 403) continue;
    bool found = false;
    for (const auto* same : release::Catalogue::embedded().with_module_version(number)) {
      found = found || same->embedded_bootloader_version == carried_bootloader(number);
    }
    EXPECT_TRUE(found) << one.version.text();
    ++compared;
  }
  EXPECT_GT(compared, 100);
}

TEST(UsbProfile, ChangesIn060AndIn070) {
  EXPECT_FALSE(usb_profile(23).composite);
  EXPECT_TRUE(usb_profile(100).composite);
  EXPECT_FALSE(usb_profile(110).lower_serial);
  EXPECT_TRUE(usb_profile(200).lower_serial);
}

}  // namespace
}  // namespace sim
