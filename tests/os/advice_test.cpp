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
         std::string(advice.no_driver) + '\n' + std::string(advice.state_variable) + '\n' +
         std::string(advice.cache_variable) + '\n' + std::string(advice.manual) + '\n' +
         std::string(advice.make_secret);
}

TEST(Advice, NamesOnEachSystemWhatThatSystemHas) {
  EXPECT_THAT(all_of(System::gnu_linux), HasSubstr("udev"));
  EXPECT_THAT(all_of(System::windows), HasSubstr("WinUSB"));
  for (const char* word : {"XDG_", "/dev/", "man "}) {
    EXPECT_THAT(all_of(System::windows), Not(HasSubstr(word)));
  }
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
    EXPECT_FALSE(advice.name.empty());
    EXPECT_FALSE(advice.state_variable.empty());
    EXPECT_FALSE(advice.cache_variable.empty());
    EXPECT_FALSE(advice.manual.empty());
    EXPECT_FALSE(advice.make_secret.empty());
    EXPECT_FALSE(advice.udev.empty());
    EXPECT_FALSE(advice.udev_install.empty());
  }
}

TEST(Advice, SaysWhichSystemsHaveNoUdev) {
  EXPECT_THAT(os::advice_for(System::gnu_linux).udev, HasSubstr("install"));
  EXPECT_THAT(os::advice_for(System::windows).udev, HasSubstr("Windows has none"));
  EXPECT_THAT(os::advice_for(System::windows).udev_install, HasSubstr("Refused"));
  EXPECT_THAT(os::advice_for(System::macos).udev, HasSubstr("macOS has none"));
}

TEST(Advice, TellsHowToGetALibraryInWordsOfTheSystem) {
  const os::LoadedLibrary posix{.name = "libpq", .package = "libpq5", .file = "libpq.so.5"};
  EXPECT_EQ(os::how_to_get(posix, System::gnu_linux), "install libpq (Debian: the package libpq5)");
  const os::LoadedLibrary dll{.name = "libpq", .package = "libpq5", .file = "libpq.dll"};
  EXPECT_EQ(os::how_to_get(dll, System::windows),
            "put libpq.dll into the folder of electron-rescue.exe (docs/windows.md)");
  const os::LoadedLibrary built_in{.name = "libcurl", .package = "libcurl4", .file = "curl"};
  EXPECT_THAT(os::how_to_get(built_in, System::windows), HasSubstr("part of electron-rescue.exe"));
}

TEST(Advice, IsThatOfThisSystem) {
  EXPECT_EQ(os::advice().access, os::advice_for(os::this_system()).access);
}

}  // namespace
