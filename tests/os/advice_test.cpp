// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace {

using os::System;
using testing::HasSubstr;
using testing::Not;

std::string all_of(System system) {
  const os::Advice& advice = os::advice_for(system);
  return std::string(advice.access) + '\n' + std::string(advice.busy_port) + '\n' +
         std::string(advice.no_driver);
}

TEST(Advice, NamesOnEachSystemWhatThatSystemHas) {
  EXPECT_THAT(all_of(System::gnu_linux), HasSubstr("udev"));
  EXPECT_THAT(all_of(System::windows), HasSubstr("WinUSB"));
  for (const char* word : {"udev", "sudo", "group", "ModemManager", "root"}) {
    EXPECT_THAT(all_of(System::windows), Not(HasSubstr(word)));
    EXPECT_THAT(all_of(System::macos), Not(HasSubstr(word)));
  }
  EXPECT_THAT(all_of(System::gnu_linux), Not(HasSubstr("WinUSB")));
}

TEST(Advice, IsNeverEmpty) {
  for (const System system : {System::gnu_linux, System::macos, System::windows}) {
    const os::Advice& advice = os::advice_for(system);
    EXPECT_FALSE(advice.access.empty());
    EXPECT_FALSE(advice.busy_port.empty());
    EXPECT_FALSE(advice.no_driver.empty());
  }
}

TEST(Advice, IsThatOfThisSystem) {
  EXPECT_EQ(os::advice().access, os::advice_for(os::this_system()).access);
}

}  // namespace
