// SPDX-License-Identifier: GPL-3.0-or-later
//
// Files, folders and locks as Windows has them.
#include "base/files.h"
#include "os/files.h"
#include "os/locks.h"
#include "os/winapi.h"
#include "support/own_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <aclapi.h>
#include <filesystem>
#include <sddl.h>
#include <string>

namespace os {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kUmlauts = "J\xC3\xBCrgen \xE2\x82\xAC";

class WindowsFiles : public testing::Test {
 protected:
  void SetUp() override { folder_ = test_support::own_folder("windows_files_"); }
  void TearDown() override { std::filesystem::remove_all(native(folder_)); }
  std::string path(const std::string& name) const { return base::join(folder_, name); }
  std::string folder_;
};

// The access list of what lies under a name, in Windows' text form.
std::string access_list(const std::string& name) {
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  const DWORD code =
      ::GetNamedSecurityInfoW(to_wide(name).data(), SE_FILE_OBJECT, DACL_SECURITY_INFORMATION,
                              nullptr, nullptr, nullptr, nullptr, &descriptor);
  if (code != ERROR_SUCCESS) return {};
  wchar_t* text = nullptr;
  ::ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor, SDDL_REVISION_1,
                                                         DACL_SECURITY_INFORMATION, &text, nullptr);
  const std::string told = text == nullptr ? std::string() : to_utf8(text);
  ::LocalFree(text);
  ::LocalFree(descriptor);
  return told;
}

TEST_F(WindowsFiles, HaveNamesInUtf8) {
  ASSERT_TRUE(base::make_directories(path(kUmlauts)));
  const std::string file = base::join(path(kUmlauts), "\xC3\xA4.bin");
  ASSERT_TRUE(base::write_file(file, base::Bytes{1, 2, 13, 10}, base::Privacy::normal));
  EXPECT_EQ(base::read_file(file, 100).value(), (base::Bytes{1, 2, 13, 10}));
  EXPECT_THAT(base::list_names(path(kUmlauts)).value(), ElementsAre("\xC3\xA4.bin"));
  EXPECT_TRUE(std::filesystem::exists(native(file)));
  EXPECT_EQ(name_of(native(file)), file);
}

TEST_F(WindowsFiles, ThatAreThereAreReplaced) {
  ASSERT_TRUE(base::write_file(path("a"), base::as_bytes("old"), base::Privacy::normal));
  ASSERT_TRUE(base::write_file(path("a"), base::as_bytes("new"), base::Privacy::normal));
  EXPECT_EQ(base::as_text(base::read_file(path("a"), 100).value()), "new");
}

TEST_F(WindowsFiles, ForTheOwnerOnlyAreForNobodyElse) {
  ASSERT_TRUE(base::write_file(path("keys"), base::Bytes{1}, base::Privacy::owner_only));
  const std::string list = access_list(path("keys"));
  ASSERT_NE(list, "");
  EXPECT_THAT(list, Not(HasSubstr(";;;WD)")));  // everybody
  EXPECT_THAT(list, Not(HasSubstr(";;;BU)")));  // all users
  EXPECT_TRUE(std::filesystem::remove(native(path("keys"))));
}

TEST_F(WindowsFiles, GrowByLines) {
  ASSERT_TRUE(base::write_file(path("log"), base::as_bytes("first\n"), base::Privacy::normal));
  auto file = base::LineFile::append(path("log"), base::Privacy::owner_only);
  ASSERT_TRUE(file);
  file->line("second");
  EXPECT_EQ(base::as_text(base::read_file(path("log"), 100).value()), "first\nsecond\n");
}

TEST_F(WindowsFiles, ThatCannotBeWrittenLeaveNothingBehind) {
  EXPECT_FALSE(base::write_file(path("no/such/a"), base::Bytes{1}, base::Privacy::normal));
  EXPECT_TRUE(base::list_files(folder_).value().empty());
}

TEST_F(WindowsFiles, LocksAreHeldByOneAndTellByWhom) {
  auto first = take_lock(folder_, "a.lock", "electron-rescue flash");
  ASSERT_TRUE(first.lock);
  const auto second = take_lock(folder_, "a.lock", "electron-rescue list");
  EXPECT_FALSE(second.lock);
  ASSERT_TRUE(second.holder);
  EXPECT_EQ(second.holder->note, "electron-rescue flash");
  EXPECT_EQ(second.holder->process, static_cast<int>(::GetCurrentProcessId()));
  first.lock.reset();
  EXPECT_TRUE(take_lock(folder_, "a.lock", "again").lock);
}

TEST_F(WindowsFiles, AStateFolderIsBelowTheUsersOwn) {
  test_support::set_environment("LOCALAPPDATA", path(kUmlauts));
  EXPECT_EQ(state_root(), path(kUmlauts));
  test_support::unset_environment("LOCALAPPDATA");
  const std::string known = state_root();
  EXPECT_TRUE(known.ends_with("AppData\\Local")) << known;
}

TEST(WindowsText, GoesToUtf16AndBack) {
  EXPECT_EQ(to_utf8(to_wide(kUmlauts)), kUmlauts);
  EXPECT_EQ(to_wide(""), L"");
  EXPECT_EQ(to_wide("a\xFF").size(), 2U);  // what is no text becomes one character
}

}  // namespace
}  // namespace os
