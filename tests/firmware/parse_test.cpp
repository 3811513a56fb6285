// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/parse.h"

#include "firmware/build.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace firmware {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::size_t kOffset = 0x184;  // of the header of system part 1

base::Bytes part1() {
  return build({.id = platform::kSystemPart1,
                .version = 207,
                .dependency1 = {platform::kSystemPart3, 207},
                .size = 2048,
                .seed = 7},
               platform::electron());
}

base::Bytes user_part() {
  return build({.id = platform::kUserPart,
                .version = 5,
                .dependency1 = {platform::kSystemPart2, 108},
                .size = 512},
               platform::electron());
}

std::vector<std::string> codes(const std::vector<Problem>& problems) {
  std::vector<std::string> all;
  for (const Problem& problem : problems) all.push_back(problem.code);
  return all;
}

std::vector<std::string> problem_codes(base::Bytes file) {
  return codes(parse(std::move(file)).problems);
}

// A DFU suffix as USB DFU 1.1, appendix B, and dfu-suffix lay it out.
base::Bytes with_dfu_suffix(base::Bytes file) {
  const std::size_t at = file.size();
  file.resize(at + 16);
  const std::span<std::uint8_t> bytes(file);
  base::store_le16(bytes, at, 0xFFFF);
  base::store_le16(bytes, at + 2, 0xD00A);
  base::store_le16(bytes, at + 4, 0x2B04);
  base::store_le16(bytes, at + 6, 0x0100);
  bytes[at + 8] = 'U';
  bytes[at + 9] = 'F';
  bytes[at + 10] = 'D';
  bytes[at + 11] = 16;
  base::store_le32(bytes, at + 12, ~base::crc32(bytes.first(at + 12)));
  return file;
}

TEST(ParseModule, AcceptsASystemPartAndReadsItsHeader) {
  const ParsedModule module = parse(part1());
  EXPECT_THAT(module.problems, IsEmpty());
  EXPECT_THAT(module.notes, IsEmpty());
  ASSERT_TRUE(module.header);
  EXPECT_EQ(module.header_offset, 0x184U);
  EXPECT_EQ(module.header->start, 0x08020000U);
  EXPECT_EQ(module.header->end, 0x08020000U + 2044);
  EXPECT_EQ(module.header->size(), 2048U);
  EXPECT_EQ(module.header->version, 207);
  EXPECT_EQ(module.header->platform, 10);
  EXPECT_EQ(module.header->id, platform::kSystemPart1);
  EXPECT_EQ(module.header->dependency1, (Dependency{platform::kSystemPart3, 207}));
  EXPECT_TRUE(module.header->dependency2.none());
  EXPECT_TRUE(module.crc_ok);
}

TEST(ParseModule, ReadsBothDependencies) {
  const ParsedModule module = parse(build({.id = platform::kSystemPart2,
                                           .version = 2302,
                                           .dependency1 = {platform::kSystemPart1, 2302},
                                           .dependency2 = {platform::kBootloader, 1003}},
                                          platform::electron()));
  EXPECT_EQ(module.header->dependency1, (Dependency{platform::kSystemPart1, 2302}));
  EXPECT_EQ(module.header->dependency2, (Dependency{platform::kBootloader, 1003}));
}

TEST(ParseModule, FindsTheHeaderAtTheStartWithoutAVectorTable) {
  const ParsedModule module = parse(user_part());
  EXPECT_THAT(module.problems, IsEmpty());
  EXPECT_EQ(module.header_offset, 0U);
  EXPECT_EQ(module.header->id, platform::kUserPart);
}

TEST(ParseModule, ReadsTheSuffixOfAUserPart) {
  base::Bytes file = user_part();
  base::store_le16(file, file.size() - 4 - 40, 10);
  base::store_le16(file, file.size() - 4 - 38, 3);
  seal(file);
  const ParsedModule module = parse(file);
  EXPECT_THAT(module.problems, IsEmpty());
  ASSERT_TRUE(module.suffix);
  EXPECT_EQ(module.suffix->product_id, 10);
  EXPECT_EQ(module.suffix->product_version, 3);
  EXPECT_EQ(module.suffix->size, 40);
}

TEST(ParseModule, LeavesTheProductOfASystemPartUnset) {
  const ParsedModule module = parse(part1());
  ASSERT_TRUE(module.suffix);
  EXPECT_EQ(module.suffix->product_id, 0xFFFF);
}

TEST(ParseModule, RejectsAnEmptyFile) { EXPECT_THAT(problem_codes({}), ElementsAre("truncated")); }

TEST(ParseModule, RejectsAFileThatEndsBeforeItsHeader) {
  base::Bytes file = part1();
  file.resize(kOffset + 23);
  const ParsedModule module = parse(file);
  EXPECT_THAT(codes(module.problems), ElementsAre("truncated"));
  EXPECT_FALSE(module.header);
}

TEST(ParseModule, RejectsATruncatedFileAtEveryLength) {
  const base::Bytes whole = part1();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    base::Bytes file(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_THAT(problem_codes(file), ElementsAre("truncated")) << length;
  }
}

TEST(ParseModule, SaysHowMuchOfATruncatedFileIsThere) {
  base::Bytes file = part1();
  file.resize(1000);
  EXPECT_THAT(parse(file).problems.front().message, HasSubstr("1000 of 2048 bytes"));
}

TEST(ParseModule, RejectsCrcMismatch) {
  base::Bytes file = part1();
  file.back() ^= 1;
  const ParsedModule module = parse(file);
  EXPECT_THAT(codes(module.problems), ElementsAre("crc-mismatch"));
  EXPECT_FALSE(module.crc_ok);
}

TEST(ParseModule, FindsAnySingleFlippedBit) {
  const base::Bytes whole =
      build({.id = platform::kSystemPart3, .size = 256}, platform::electron());
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    base::Bytes file = whole;
    file[bit / 8] = static_cast<std::uint8_t>(file[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_THAT(parse(file).problems, Not(IsEmpty())) << "bit " << bit;
  }
}

TEST(ParseModule, RejectsChangedContentWithARepairedCrc) {
  base::Bytes file = part1();
  file[1000] ^= 0x80;
  base::store_be32(file, file.size() - 4, base::crc32(base::ByteView(file).first(file.size() - 4)));
  EXPECT_THAT(problem_codes(file), ElementsAre("sha-mismatch"));
}

TEST(ParseModule, RejectsASuffixOfTheWrongSize) {
  base::Bytes file = part1();
  base::store_le16(file, file.size() - 6, 36);
  base::store_be32(file, file.size() - 4, base::crc32(base::ByteView(file).first(file.size() - 4)));
  EXPECT_THAT(problem_codes(file), ElementsAre("bad-suffix"));
}

TEST(ParseModule, RejectsAModuleTooShortForASuffix) {
  base::Bytes file = user_part();
  base::store_le32(file, 4, base::load_le32(file, 0) + 40);
  file.resize(44);
  base::store_be32(file, 40, base::crc32(base::ByteView(file).first(40)));
  EXPECT_THAT(problem_codes(file), ElementsAre("bad-suffix"));
}

TEST(ParseModule, RejectsTrailingBytes) {
  base::Bytes file = part1();
  file.insert(file.end(), {1, 2, 3});
  const ParsedModule module = parse(file);
  EXPECT_THAT(codes(module.problems), ElementsAre("wrong-length"));
  EXPECT_THAT(module.problems.front().message, HasSubstr("3 trailing bytes"));
  EXPECT_TRUE(module.crc_ok);
}

TEST(ParseModule, TakesASectorThatWasReadBackForItsModuleAndSaysSo) {
  for (const std::size_t size : {std::size_t{2049}, std::size_t{4096}, std::size_t{0x20000}}) {
    base::Bytes file = part1();
    file.resize(size, 0xFF);
    const ParsedModule module = parse(file);
    EXPECT_THAT(module.problems, IsEmpty());
    EXPECT_THAT(codes(module.notes), ElementsAre("padding"));
    EXPECT_THAT(module.notes.front().message, HasSubstr(std::to_string(size - 2048) + " bytes"));
    EXPECT_EQ(*module.image, part1());
    EXPECT_EQ(module.file_sha256, base::sha256(part1()));
  }
}

TEST(ParseModule, TakesASectorThatWasReadBackWithADfuSuffixBehindIt) {
  base::Bytes file = part1();
  file.resize(4096, 0xFF);
  const ParsedModule module = parse(with_dfu_suffix(file));
  EXPECT_THAT(module.problems, IsEmpty());
  EXPECT_THAT(codes(module.notes), ElementsAre("dfu-suffix", "padding"));
  EXPECT_EQ(*module.image, part1());
}

TEST(ParseModule, StillFindsDamageInASectorThatWasReadBack) {
  base::Bytes file = part1();
  file[1000] ^= 1;
  file.resize(4096, 0xFF);
  EXPECT_THAT(problem_codes(file), ElementsAre("crc-mismatch", "sha-mismatch"));
}

TEST(ParseModule, RefusesAnythingElseBehindTheModule) {
  base::Bytes zeros = part1();
  zeros.resize(4096, 0);
  EXPECT_THAT(problem_codes(zeros), ElementsAre("wrong-length"));
  EXPECT_THAT(parse(zeros).problems.front().message, HasSubstr("2048 bytes of padding (0x00)"));
  base::Bytes nearly = part1();
  nearly.resize(4096, 0xFF);
  nearly.back() = 0xFE;
  EXPECT_THAT(problem_codes(nearly), ElementsAre("wrong-length"));
}

TEST(ParseModule, RejectsACompressedModule) {
  base::Bytes file = part1();
  file[kOffset + 9] = 2;
  seal(file);
  EXPECT_THAT(problem_codes(file), ElementsAre("compressed-or-combined"));
}

TEST(ParseModule, RejectsACombinedModule) {
  base::Bytes file = part1();
  file[kOffset + 9] = 4;
  seal(file);
  EXPECT_THAT(problem_codes(file), ElementsAre("compressed-or-combined"));
}

TEST(ParseModule, RejectsOtherFlags) {
  for (const std::uint8_t flags : base::Bytes{0x01, 0x80}) {
    base::Bytes file = part1();
    file[kOffset + 9] = flags;
    seal(file);
    EXPECT_THAT(problem_codes(file), ElementsAre("unsupported-flags"));
  }
}

TEST(ParseModule, StripsADfuSuffixAndSaysSo) {
  const ParsedModule module = parse(with_dfu_suffix(part1()));
  EXPECT_THAT(module.problems, IsEmpty());
  EXPECT_THAT(codes(module.notes), ElementsAre("dfu-suffix"));
  EXPECT_THAT(module.notes.front().message, HasSubstr("2b04:d00a"));
  EXPECT_EQ(*module.image, part1());
  EXPECT_EQ(module.file_sha256, base::sha256(part1()));
}

TEST(ParseModule, RejectsADfuSuffixWithAWrongChecksum) {
  base::Bytes file = with_dfu_suffix(part1());
  file.back() ^= 1;
  EXPECT_THAT(problem_codes(file), Contains("bad-dfu-suffix"));
}

TEST(ParseModule, RejectsADfuSuffixWithAnImpossibleLength) {
  for (const std::uint8_t length : base::Bytes{0, 15, 255}) {
    base::Bytes file = with_dfu_suffix(base::Bytes(100, 0));
    file[file.size() - 5] = length;
    base::store_le32(file, file.size() - 4,
                     ~base::crc32(base::ByteView(file).first(file.size() - 4)));
    EXPECT_THAT(problem_codes(file), Contains("bad-dfu-suffix")) << int{length};
  }
}

TEST(ParseModule, FindsNoHeaderInErasedFlash) {
  const ParsedModule module = parse(base::Bytes(4096, 0xFF));
  EXPECT_THAT(codes(module.problems), ElementsAre("no-header"));
  EXPECT_THAT(module.problems.front().message, HasSubstr("erased flash"));
  EXPECT_FALSE(module.header);
}

TEST(ParseModule, FindsNoHeaderInZeros) {
  EXPECT_THAT(problem_codes(base::Bytes(4096, 0)), ElementsAre("no-header"));
}

TEST(ParseModule, SaysWhatAFileWithoutHeaderLooksLike) {
  const auto message = [](std::string_view text) {
    const base::ByteView bytes = base::as_bytes(text);
    return parse(base::Bytes(bytes.begin(), bytes.end())).problems.front().message;
  };
  EXPECT_THAT(message("<!DOCTYPE html><html>not found</html>"), HasSubstr("a web page"));
  EXPECT_THAT(message("PK\x03\x04 and so on and so on and on"), HasSubstr("a ZIP archive"));
  EXPECT_THAT(message("DfuSe\x01 and so on and so on and on"), HasSubstr("a DfuSe container"));
  EXPECT_THAT(message("version https://example.org/spec/v1\n"), HasSubstr("a text file"));
  EXPECT_THAT(message("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n"),
              HasSubstr("a Git LFS pointer"));
  EXPECT_THAT(message("\xEF\xBB\xBF\r\n <html lang=en>\n<title>Sign in</title>"),
              HasSubstr("a web page"));
  EXPECT_THAT(message(R"({"message": "Not Found", "status": 404})"), HasSubstr("a JSON document"));
  EXPECT_THAT(message(":020000040802F0\n:10000000000002203D4202081942020819420208B9"),
              HasSubstr("an Intel HEX file"));
  EXPECT_THAT(message("gr\u00fc\u00df Gott, in UTF-8 and long enough\n"), HasSubstr("a text file"));
}

// What a transfer in text mode does to a file.
base::Bytes with_carriage_returns(base::ByteView file) {
  base::Bytes changed;
  for (const std::uint8_t byte : file) {
    if (byte == '\n') changed.push_back('\r');
    changed.push_back(byte);
  }
  return changed;
}

base::Bytes large_part(std::uint8_t index) {
  return build({.id = {platform::ModuleFunction::system_part, index}, .size = 40000, .seed = 9},
               platform::electron());
}

TEST(ParseModule, SaysWhereLineEndsWereChanged) {
  for (const std::uint8_t index : base::Bytes{1, 3}) {
    const ParsedModule module = parse(with_carriage_returns(large_part(index)));
    ASSERT_THAT(module.problems, Not(IsEmpty()));
    EXPECT_EQ(module.problems.front().code, "changed-as-text");
    EXPECT_THAT(module.problems.front().message, HasSubstr("line ends were changed"));
  }
}

TEST(ParseModule, SaysWhereCarriageReturnsWereDropped) {
  base::Bytes file = large_part(3);
  for (const std::size_t at : {1000U, 2000U, 3000U}) {
    file[at] = '\r';
    file[at + 1] = '\n';
  }
  seal(file);
  base::Bytes changed;
  for (std::size_t i = 0; i < file.size(); ++i) {
    if (file[i] == '\r' && i + 1 < file.size() && file[i + 1] == '\n') continue;
    changed.push_back(file[i]);
  }
  EXPECT_THAT(problem_codes(changed), ElementsAre("changed-as-text", "truncated"));
}

TEST(ParseModule, SaysWhereBytesWereReplacedAsTheyAreNoText) {
  base::Bytes changed;
  for (const std::uint8_t byte : large_part(3)) {
    if (byte < 0x80) {
      changed.push_back(byte);
    } else {
      changed.insert(changed.end(), {0xEF, 0xBF, 0xBD});
    }
  }
  const ParsedModule module = parse(changed);
  ASSERT_THAT(module.problems, Not(IsEmpty()));
  EXPECT_EQ(module.problems.front().code, "changed-as-text");
  EXPECT_THAT(module.problems.front().message, HasSubstr("replaced"));
}

TEST(ParseModule, BlamesNoTransferForDamageOfAnotherKind) {
  base::Bytes cut = large_part(3);
  cut.resize(30000);
  EXPECT_THAT(problem_codes(cut), ElementsAre("truncated"));
  base::Bytes text;
  for (int i = 0; i < 40; ++i) {
    const base::ByteView line = base::as_bytes("a line of a file made on Windows\r\n");
    text.insert(text.end(), line.begin(), line.end());
  }
  EXPECT_THAT(problem_codes(text), ElementsAre("no-header"));
}

// Start and end addresses that would make careless arithmetic wrap or read outside the file.
TEST(ParseModule, RefusesImpossibleAddressesInTheHeader) {
  struct Range {
    std::uint32_t start;
    std::uint32_t end;
  };
  for (const Range range :
       {Range{0x08020000, 0x08020000}, Range{0x08020000, 0x0801FFFF}, Range{0x08020000, 0},
        Range{0xFFFFFFFF, 0}, Range{0, 0xFFFFFFFF}, Range{0, 0xFFFFFFFC}, Range{1, 0xFFFFFFFF},
        Range{0x08020000, 0xFFFFFFFE}, Range{0x08020000, 0x08020000 + 0x184 + 23}}) {
    base::Bytes file = part1();
    base::store_le32(file, kOffset, range.start);
    base::store_le32(file, kOffset + 4, range.end);
    EXPECT_THAT(problem_codes(file), ElementsAre("no-header")) << range.start << ' ' << range.end;
  }
}

TEST(ParseModule, SurvivesAnEndAtTheTopOfTheAddressSpace) {
  base::Bytes file = user_part();
  base::store_le32(file, 0, 0xFFFFFFFF - 508);
  base::store_le32(file, 4, 0xFFFFFFFF);
  base::store_be32(file, 508, base::crc32(base::ByteView(file).first(508)));
  const ParsedModule module = parse(file);
  EXPECT_TRUE(module.crc_ok);
}

TEST(ParseModule, SurvivesRandomBytes) {
  std::mt19937 random(20160401);
  for (int i = 0; i < 2000; ++i) {
    base::Bytes file(random() % 1500);
    for (auto& b : file) b = static_cast<std::uint8_t>(random());
    if (i % 2 == 0 && file.size() >= 4) base::store_le32(file, 0, 0x20020000);
    EXPECT_THAT(parse(file).problems, Not(IsEmpty()));
  }
}

TEST(ParseHeader, ReadsABlankSectorAsTheFirmwareDoes) {
  const base::Bytes blank(kHeaderReach, 0xFF);
  std::uint32_t offset = 99;
  const auto header = parse_header(blank, &offset);
  ASSERT_TRUE(header);
  EXPECT_EQ(offset, 0U);
  EXPECT_EQ(header->version, 0xFFFF);
  EXPECT_EQ(static_cast<int>(header->id.function), 0xFF);
}

TEST(ParseHeader, NeedsNoMoreThanItsReach) {
  base::Bytes bytes = part1();
  bytes.resize(kHeaderReach);
  EXPECT_TRUE(parse_header(bytes, nullptr));
  bytes.resize(kHeaderReach - 1);
  EXPECT_FALSE(parse_header(bytes, nullptr));
}

TEST(ParseHeader, TakesTheHeaderAsItIs) {
  base::Bytes bytes = part1();
  base::store_le32(bytes, kOffset + 4, 0);
  const auto header = parse_header(bytes, nullptr);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->end, 0U);
}

// Its bytes at the place of the flags say "combined".
TEST(Parse, TakesNoTextForAModule) {
  const std::string text = R"({"bootloader":"1004","mode":"dfu"})"
                           "\n";
  const ParsedModule module = parse(base::Bytes(text.begin(), text.end()));
  EXPECT_FALSE(module.header);
  ASSERT_EQ(module.problems.size(), 1U);
  EXPECT_EQ(module.problems.front().code, "no-header");
}

}  // namespace
}  // namespace firmware
