// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/check.h"

#include "base/files.h"
#include "firmware/build.h"
#include "firmware/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace firmware {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

const platform::Platform& kElectron = platform::electron();

// A system part 3 whose header was changed, with checksums that agree.
base::Bytes changed(const std::function<void(ModuleHeader&)>& change) {
  base::Bytes file = build({.id = platform::kSystemPart3, .version = 207, .size = 1024}, kElectron);
  ModuleHeader header = *parse_header(file, nullptr);
  change(header);
  const auto bytes = encode(header);
  std::copy(bytes.begin(), bytes.end(), file.begin());
  seal(file);
  return file;
}

base::Error error_of(const base::Bytes& file) {
  const auto checked = check(parse(file), kElectron, "part.bin");
  return checked ? base::Error{} : checked.error();
}

TEST(CheckModule, AcceptsEverySlotOfThePlatform) {
  for (const platform::Slot& slot : kElectron.slots) {
    const base::Bytes file = build({.id = slot.module, .version = 3, .size = 4096}, kElectron);
    const auto checked = check(parse(file), kElectron, "part.bin");
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_EQ(checked->id(), slot.module);
    EXPECT_EQ(checked->address(), slot.flash.begin);
    EXPECT_EQ(checked->version(), 3);
    EXPECT_EQ(checked->source(), "part.bin");
    EXPECT_EQ(&checked->platform(), &kElectron);
    EXPECT_TRUE(std::equal(file.begin(), file.end(), checked->image().begin()));
  }
}

TEST(CheckModule, KeepsChecksumsAndHeaderOffset) {
  const base::Bytes file = build({.id = platform::kSystemPart2}, kElectron);
  const auto checked = check(parse(file), kElectron, "part.bin");
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->crc32(), base::load_be32(file, file.size() - 4));
  EXPECT_EQ(checked->file_sha256(), base::sha256(file));
  EXPECT_EQ(checked->header_offset(), 0x184U);
}

TEST(CheckModule, TakesTheImageWithoutDfuSuffixOnly) {
  const base::Bytes plain = build({.id = platform::kSystemPart3}, kElectron);
  base::Bytes file = plain;
  file.insert(file.end(), {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 1, 'U', 'F', 'D', 16});
  const std::uint32_t crc = ~base::crc32(file);
  file.resize(file.size() + 4);
  base::store_le32(file, file.size() - 4, crc);
  const auto checked = check(parse(file), kElectron, "part.bin");
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_THAT(checked->image(), SizeIs(plain.size()));
}

TEST(CheckModule, RejectsAnotherPlatformAndNamesIt) {
  const base::Error error = error_of(changed([](ModuleHeader& header) { header.platform = 6; }));
  EXPECT_EQ(error.code, base::Errc::bad_module);
  EXPECT_EQ(error.id, "wrong-platform");
  EXPECT_THAT(error.message, AllOf(StartsWith("part.bin: "), HasSubstr("Photon")));
  EXPECT_THAT(error.hint, HasSubstr("electron"));
}

TEST(CheckModule, RejectsAnUnknownPlatform) {
  const base::Error error = error_of(changed([](ModuleHeader& header) { header.platform = 77; }));
  EXPECT_EQ(error.id, "wrong-platform");
  EXPECT_THAT(error.message, HasSubstr("platform 77"));
}

TEST(CheckModule, RejectsAFunctionThatHasNoPlace) {
  const base::Error error = error_of(changed(
      [](ModuleHeader& header) { header.id.function = platform::ModuleFunction::monolithic; }));
  EXPECT_EQ(error.id, "unknown-function");
  EXPECT_THAT(error.message, HasSubstr("monolithic"));
}

TEST(CheckModule, RejectsAnIndexThatHasNoPlace) {
  EXPECT_EQ(error_of(changed([](ModuleHeader& header) { header.id.index = 4; })).id,
            "unknown-function");
  EXPECT_EQ(error_of(changed([](ModuleHeader& header) { header.id.index = 0; })).id,
            "unknown-function");
}

TEST(CheckModule, RejectsTheAddressOfAnotherPartAndNamesIt) {
  const base::Error error = error_of(changed([](ModuleHeader& header) {
    header.start -= 0x40000;
    header.end -= 0x40000;
  }));
  EXPECT_EQ(error.id, "wrong-address");
  EXPECT_THAT(error.message,
              AllOf(HasSubstr("belongs at 0x08060000"), HasSubstr("0x08020000, the place of the "
                                                                  "system part 1")));
}

TEST(CheckModule, RejectsAnAddressBesideTheSlot) {
  EXPECT_EQ(error_of(changed([](ModuleHeader& header) {
              header.start += 4;
              header.end += 4;
            })).id,
            "wrong-address");
}

TEST(CheckModule, RejectsAModuleLongerThanItsSlot) {
  const base::Bytes fits = build({.id = platform::kSystemPart3, .size = 0x20000}, kElectron);
  EXPECT_TRUE(check(parse(fits), kElectron, "part.bin"));
  const base::Bytes longer = build({.id = platform::kSystemPart3, .size = 0x20004}, kElectron);
  const base::Error error = error_of(longer);
  EXPECT_EQ(error.id, "too-long");
  EXPECT_THAT(error.message, HasSubstr("131076 bytes"));
}

TEST(CheckModule, RejectsABootloaderLongerThanItsSector) {
  EXPECT_TRUE(check(parse(build({.id = platform::kBootloader, .size = 0x4000}, kElectron)),
                    kElectron, "bootloader.bin"));
  EXPECT_EQ(error_of(build({.id = platform::kBootloader, .size = 0x4004}, kElectron)).id,
            "too-long");
}

TEST(CheckModule, PassesOnWhatParsingFound) {
  base::Bytes file = build({.id = platform::kSystemPart3}, kElectron);
  file.pop_back();
  EXPECT_EQ(error_of(file).id, "truncated");
}

TEST(CheckModule, BlamesTheCrcBeforeAHeaderThatItContradicts) {
  base::Bytes file = build({.id = platform::kSystemPart3}, kElectron);
  file[12] ^= 0x40;  // platform
  EXPECT_EQ(error_of(file).id, "crc-mismatch");
}

TEST(CheckModule, BlamesTheHeaderFirstWhereTheCrcVouchesForIt) {
  base::Bytes file = changed([](ModuleHeader& header) { header.platform = 12; });
  file.push_back(0xFF);
  EXPECT_EQ(error_of(file).id, "wrong-platform");
}

TEST(CheckModule, KeepsControlCharactersOfAFileNameOutOfMessages) {
  const auto checked = check(parse({}), kElectron, "evil\x1b[31m.bin");
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, StartsWith("evil?[31m.bin: "));
}

TEST(HeaderProblems, ServesForHeadersReadOutOfFlash) {
  ModuleHeader header = *parse_header(build({.id = platform::kSystemPart1}, kElectron), nullptr);
  EXPECT_THAT(header_problems(header, kElectron), IsEmpty());
  header.end = header.start;
  EXPECT_EQ(header_problems(header, kElectron).front().code, "wrong-address");
  header.end = 0xFFFFFFFF;
  EXPECT_EQ(header_problems(header, kElectron).front().code, "too-long");
  header.end = 0;
  EXPECT_EQ(header_problems(header, kElectron).front().code, "wrong-address");
}

TEST(Advice, IsThereForEveryCodeOfADamagedFile) {
  for (const char* code :
       {"truncated", "no-header", "crc-mismatch", "sha-mismatch", "wrong-platform", "wrong-address",
        "too-long", "wrong-length", "unknown-function", "compressed-or-combined", "bad-suffix",
        "bad-dfu-suffix", "unsupported-flags", "file-too-large"}) {
    EXPECT_NE(advice(code), "") << code;
  }
  EXPECT_EQ(advice("no-such-code"), "");
}

class LoadModule : public ::testing::Test {
 protected:
  std::string write(const base::Bytes& content) {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = ::testing::TempDir() + "load_module_" + test->name() + ".bin";
    EXPECT_TRUE(base::write_file(path_, content, base::Privacy::normal));
    return path_;
  }
  void TearDown() override {
    if (path_.empty()) return;
    EXPECT_TRUE(base::remove_file(path_));
  }
  std::string path_;
};

TEST_F(LoadModule, ReadsAFile) {
  const std::string path = write(build({.id = platform::kUserPart, .version = 9}, kElectron));
  const auto module = load(path, kElectron);
  ASSERT_TRUE(module) << module.error().message;
  EXPECT_EQ(module->version(), 9);
  EXPECT_EQ(module->source(), path);
}

TEST_F(LoadModule, RefusesAFileOverTwoMebibytes) {
  const auto module = load(write(base::Bytes(kLargestFile + 1, 0xFF)), kElectron);
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().id, "file-too-large");
  EXPECT_EQ(module.error().code, base::Errc::bad_file);
}

TEST_F(LoadModule, LooksIntoAFileOfTwoMebibytes) {
  const auto module = load(write(base::Bytes(kLargestFile, 0xFF)), kElectron);
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().id, "no-header");
}

TEST_F(LoadModule, SaysThatAFileIsMissing) {
  const auto module = load(::testing::TempDir() + "there-is-no-such-file.bin", kElectron);
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().code, base::Errc::bad_file);
}

}  // namespace
}  // namespace firmware
