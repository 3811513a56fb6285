// SPDX-License-Identifier: GPL-3.0-or-later
#include "way/module_message.h"

#include "base/result.h"

#include <gtest/gtest.h>

namespace way {
namespace {

base::Bytes hex(std::string_view text) { return base::from_hex(text); }

// A bootloader 1004 and a system part 2 of 2.3.1 with its two dependencies.
const char* const kTwo =
    "0a08080118ec0720c864"
    "0a1b08021002"
    "18fe11"
    "20a09c01"
    "32070802100118fe11"
    "3205080118eb07";

TEST(ModuleMessage, TellsModulesAndTheirDependencies) {
  const auto modules = parse_module_message(hex(kTwo));
  ASSERT_TRUE(modules) << modules.error().message;
  ASSERT_EQ(modules->size(), 2U);
  const serial::DescribedModule& bootloader = modules->at(0);
  EXPECT_EQ(bootloader.function, 'b');
  EXPECT_EQ(bootloader.index, 0);
  EXPECT_EQ(bootloader.version, 1004);
  EXPECT_EQ(bootloader.location, 'm');
  EXPECT_TRUE(bootloader.ok());
  const serial::DescribedModule& part = modules->at(1);
  EXPECT_EQ(part.function, 's');
  EXPECT_EQ(part.index, 2);
  EXPECT_EQ(part.version, 2302);
  ASSERT_EQ(part.dependencies.size(), 2U);
  EXPECT_EQ(part.dependencies[0], (serial::DescribedDependency{'s', 1, 2302}));
  EXPECT_EQ(part.dependencies[1], (serial::DescribedDependency{'b', 0, 1003}));
}

TEST(ModuleMessage, TellsWhatDoesNotHold) {
  const auto modules =
      parse_module_message(hex("0a080803100118032801"
                               "0a080803100118032802"));
  ASSERT_TRUE(modules);
  EXPECT_EQ(modules->at(0).passed, serial::kDependencies);
  EXPECT_EQ(modules->at(1).passed, serial::kIntegrity);
  EXPECT_FALSE(modules->at(0).ok());
}

TEST(ModuleMessage, PassesOverWhatItDoesNotKnow) {
  const auto modules =
      parse_module_message(hex("1203010203"      // field 2, a part
                               "1801"            // field 3, a number
                               "2500000000"      // field 4, four bytes
                               "0a04080510ff01"  // a module without a letter here
                               "0a06080118ec0738"));
  EXPECT_FALSE(modules) << "cut short";
  const auto whole = parse_module_message(hex("1203010203180125000000000a0208050a05080118ec07"));
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->size(), 1U);
}

TEST(ModuleMessage, IsRefusedWhereverItIsCut) {
  const base::Bytes all = hex(kTwo);
  for (std::size_t length = 0; length < all.size(); ++length) {
    const auto modules = parse_module_message(base::ByteView(all).first(length));
    if (length == 10) continue;  // the whole first module
    EXPECT_FALSE(modules) << length;
  }
}

TEST(ModuleMessage, HasNumbersInBoundsOrIsRefused) {
  EXPECT_FALSE(parse_module_message(hex("0a050802108002"))) << "index 256";
  EXPECT_FALSE(
      parse_module_message(hex("0a060802188080"
                               "04")))
      << "version 65536";
  EXPECT_FALSE(
      parse_module_message(hex("0a0d0802"
                               "18ffffffffffffffffff01")));
  EXPECT_FALSE(parse_module_message(hex("ffffffffffffffffffffff"))) << "a number without end";
}

}  // namespace
}  // namespace way
