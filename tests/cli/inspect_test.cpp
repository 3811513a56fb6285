// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands/inspect.h"

#include "base/files.h"
#include "cli/harness.h"
#include "firmware/build.h"
#include "firmware/parse.h"
#include "release/catalogue.h"
#include "release/packed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>

namespace cli_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

const platform::Platform& kElectron = platform::electron();

base::Bytes part(std::uint8_t index, std::uint16_t version) {
  firmware::BuildRequest request{.id = {platform::ModuleFunction::system_part, index},
                                 .version = version,
                                 .size = 1024,
                                 .seed = index};
  if (index == 1) request.dependency1 = {platform::kSystemPart3, version};
  if (index == 2) request.dependency1 = {platform::kSystemPart1, version};
  return firmware::build(request, kElectron);
}

class Inspect : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = ::testing::TempDir() + "inspect_" + test->name();
    ASSERT_TRUE(base::make_directories(folder_));
  }
  void TearDown() override {
    for (const std::string& file : written_) EXPECT_TRUE(base::remove_file(file));
    EXPECT_TRUE(base::remove_file(folder_));
  }
  std::string write(const std::string& name, const base::Bytes& content) {
    const std::string path = folder_ + "/" + name;
    EXPECT_TRUE(base::write_file(path, content, base::Privacy::normal));
    if (std::find(written_.begin(), written_.end(), path) == written_.end()) {
      written_.push_back(path);
    }
    return path;
  }
  // A release without released files in the catalogue.
  void write_release(std::uint16_t version) {
    for (const std::uint8_t index : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) {
      write("part-" + std::to_string(index) + ".bin", part(index, version));
    }
  }
  std::string folder_;
  std::vector<std::string> written_;
  Bench bench_;
};

TEST_F(Inspect, TellsOfACompleteReleaseInAFolder) {
  write_release(3300);
  const Outcome outcome = bench_.run({"inspect", folder_});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("system part 3"), HasSubstr("0x08060000"), HasSubstr("3.3.0-rc.1?"),
                    HasSubstr("complete"), HasSubstr("not-in-catalogue")));
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_F(Inspect, NamesTheMissingFilesAsTheyArePublished) {
  const std::string file = write("one.bin", part(1, 3300));
  const Outcome outcome = bench_.run({"inspect", file});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("incomplete: "),
                    HasSubstr("electron-system-part1@3.3.0-rc.1.bin (system part 3)"),
                    HasSubstr("electron-system-part3@3.3.0-rc.1.bin (system part 2)")));
  const auto release = bench_.run({"inspect", "--json", file}).json()["releases"][0];
  EXPECT_EQ(release["missing"], (nlohmann::ordered_json{2, 3}));
  EXPECT_EQ(release["missing_files"],
            nlohmann::ordered_json::parse(
                R"([{"part": 1, "index": 3, "file": "electron-system-part1@3.3.0-rc.1.bin"},
                    {"part": 3, "index": 2, "file": "electron-system-part3@3.3.0-rc.1.bin"}])"));
}

TEST_F(Inspect, SaysThatUnknownBytesAreUsedOnlyWhereThatIsAllowed) {
  write_release(3300);
  EXPECT_THAT(bench_.run({"inspect", folder_}).out,
              HasSubstr("complete, but used only with --allow-unknown"));
  EXPECT_THAT(bench_.run({"inspect", "--allow-unknown", folder_}).out,
              HasSubstr("complete, with a remark"));
}

base::Bytes application(std::uint16_t wants, std::uint16_t product, std::uint16_t version) {
  base::Bytes file = firmware::build({.id = platform::kUserPart,
                                      .version = 5,
                                      .dependency1 = {platform::kSystemPart2, wants},
                                      .size = 1024},
                                     kElectron);
  base::store_le16(file, file.size() - 4 - 40, product);
  base::store_le16(file, file.size() - 4 - 38, version);
  firmware::seal(file);
  return file;
}

TEST_F(Inspect, TellsWhatAnApplicationNeedsByReleaseAndItsProduct) {
  const std::string file = write("app.bin", application(2302, 1234, 7));
  const Outcome outcome = bench_.run({"inspect", file});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("needs: 2.3.1 or later"), HasSubstr("product: id 1234, version 7")));
  const auto module = bench_.run({"inspect", "--json", file}).json()["modules"][0];
  EXPECT_EQ(module["product"], nlohmann::ordered_json::parse(R"({"id": 1234, "version": 7})"));
  EXPECT_EQ(module["needs"]["version"], 2302);
  EXPECT_EQ(module["needs"]["releases"], (nlohmann::ordered_json{"2.3.1"}));
}

TEST_F(Inspect, HasNoProductForAnApplicationThatIsOfNone) {
  const std::string file = write("app.bin", application(13, 0xFFFF, 0xFFFF));
  EXPECT_THAT(bench_.run({"inspect", file}).out, Not(HasSubstr("product")));
  EXPECT_EQ(bench_.run({"inspect", "--json", file}).json()["modules"][0]["product"], nullptr);
}

TEST_F(Inspect, OpensArchives) {
  const base::ByteView text = base::as_bytes("flash these, then smile at it");
  const std::string file =
      write("restore.zip", release::pack({{"README.txt", release::bytes_of(text)},
                                          {"system-part1.bin", part(1, 3300)},
                                          {"system-part2.bin", part(2, 3300)},
                                          {"tinker.bin", application(110, 0xFFFF, 0xFFFF)}}));
  const Outcome outcome = bench_.run({"inspect", file});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("restore.zip/system-part1.bin"), HasSubstr("user part"),
                                 HasSubstr("1 file passed over")));
  EXPECT_THAT(bench_.run({"--json", "inspect", file}).json()["modules"], SizeIs(3));
}

TEST_F(Inspect, OpensIntelHexFiles) {
  const base::Bytes image = part(1, 3300);
  const std::uint32_t start = kElectron.slot(platform::kSystemPart1)->flash.begin;
  const std::string text = release::hex_of(start, image) + std::string(release::kHexEnd);
  const Outcome outcome =
      bench_.run({"inspect", write("one.hex", release::bytes_of(base::as_bytes(text)))});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("system part 1"));
}

TEST_F(Inspect, RefusesAnArchiveWithoutAnyModule) {
  const base::ByteView text = base::as_bytes("nothing of use in here at all");
  const std::string file =
      write("photos.zip", release::pack({{"README.txt", release::bytes_of(text)}}));
  const Outcome outcome = bench_.run({"--json", "inspect", file});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_EQ(outcome.json()["error"]["code"], "no-modules");
}

TEST_F(Inspect, TakesASectorThatWasReadBack) {
  base::Bytes sector = part(1, 3300);
  sector.resize(0x20000, 0xFF);
  const Outcome outcome = bench_.run({"inspect", write("sector.bin", sector)});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("padding: "));
}

TEST_F(Inspect, CutsANameOnlyToFitATerminal) {
  const std::string file = write(std::string(120, 'n') + ".bin", part(1, 3300));
  EXPECT_THAT(bench_.run({"inspect", file}).out, HasSubstr(file));
  bench_.terminal.out_is_terminal = true;
  bench_.terminal.no_color = true;
  bench_.terminal.width = 400;
  EXPECT_THAT(bench_.run({"inspect", file}).out, HasSubstr(file));
  bench_.terminal.width = 80;
  EXPECT_THAT(bench_.run({"inspect", file}).out, Not(HasSubstr(file)));
}

TEST_F(Inspect, GivesOneJsonDocument) {
  write_release(3300);
  const Outcome outcome = bench_.run({"--json", "inspect", folder_});
  EXPECT_EQ(outcome.code, 0);
  const auto json = outcome.json();
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["ok"], true);
  EXPECT_THAT(json["modules"], SizeIs(3));
  EXPECT_EQ(json["modules"][0]["valid"], true);
  const auto& release = json["releases"][0];
  EXPECT_EQ(release["release"], "3.3.0-rc.1");
  EXPECT_EQ(release["version"], 3300);
  EXPECT_EQ(release["complete"], true);
  EXPECT_THAT(release["missing"], IsEmpty());
  EXPECT_THAT(release["parts"][0].get<std::string>(), HasSubstr("part-3.bin"));
  EXPECT_THAT(release["parts"][2].get<std::string>(), HasSubstr("part-2.bin"));
}

TEST_F(Inspect, RefusesADamagedFileWithItsReasonAndWhatToDo) {
  base::Bytes damaged = part(3, 3300);
  damaged[500] ^= 1;
  const Outcome outcome = bench_.run({"inspect", write("damaged.bin", damaged)});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("BAD"), HasSubstr("crc-mismatch: "), HasSubstr("do: ")));
  EXPECT_THAT(outcome.err, HasSubstr("damaged.bin"));
}

TEST_F(Inspect, SaysInJsonWhyItFails) {
  base::Bytes cut = part(3, 3300);
  cut.resize(700);
  const Outcome outcome = bench_.run({"inspect", "--json", write("cut.bin", cut)});
  EXPECT_EQ(outcome.code, 4);
  const auto json = outcome.json();
  EXPECT_EQ(json["ok"], false);
  EXPECT_EQ(json["error"]["code"], "truncated");
  EXPECT_EQ(json["modules"][0]["valid"], false);
  EXPECT_EQ(json["modules"][0]["problems"][0]["code"], "truncated");
  EXPECT_EQ(json["modules"][0]["crc32"], nullptr);
  EXPECT_EQ(json["modules"][0]["version"], 3300);
}

TEST_F(Inspect, GoesOnAfterABadFile) {
  const std::string good = write("good.bin", part(3, 3300));
  const Outcome outcome = bench_.run(
      {"--json", "inspect", folder_ + "/missing.bin", write("bad.bin", {1, 2, 3}), good});
  EXPECT_EQ(outcome.code, 4);
  const auto json = outcome.json();
  EXPECT_EQ(json["error"]["code"], "invalid-files");
  EXPECT_THAT(json["modules"], SizeIs(3));
  EXPECT_EQ(json["modules"][0]["problems"][0]["code"], "bad-file");
  EXPECT_EQ(json["modules"][0]["sha256"], nullptr);
  EXPECT_EQ(json["modules"][2]["valid"], true);
}

TEST_F(Inspect, CallsWrongBytesOfAKnownReleaseInvalid) {
  const std::string file = write("forged.bin", part(3, 110));
  const Outcome outcome = bench_.run({"--json", "inspect", file});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_EQ(outcome.json()["error"]["code"], "catalogue-mismatch");
  EXPECT_EQ(outcome.json()["modules"][0]["catalogue"], "mismatch");
  const Outcome allowed = bench_.run({"--json", "inspect", "--allow-unknown", file});
  EXPECT_EQ(allowed.code, 0);
  EXPECT_EQ(allowed.json()["modules"][0]["notes"][0]["code"], "catalogue-mismatch");
}

TEST_F(Inspect, PassesOverWhatElseIsInAFolder) {
  write_release(3300);
  const base::ByteView text = base::as_bytes("read me first, then flash");
  write("README.txt", base::Bytes(text.begin(), text.end()));
  const Outcome outcome = bench_.run({"inspect", folder_});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("1 file passed over"), Not(HasSubstr("README"))));
  EXPECT_THAT(bench_.run({"inspect", "-v", folder_}).out, HasSubstr("README.txt"));
}

TEST_F(Inspect, DoesNotPassOverAFileThatIsNamed) {
  const base::ByteView text = base::as_bytes("read me first, then flash");
  const std::string file = write("README.txt", base::Bytes(text.begin(), text.end()));
  EXPECT_EQ(bench_.run({"inspect", file}).code, 4);
}

TEST_F(Inspect, FailsWhereThereIsNothing) {
  const Outcome outcome = bench_.run({"--json", "inspect", folder_});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_EQ(outcome.json()["error"]["code"], "no-modules");
}

TEST_F(Inspect, WantsAtLeastOneFile) { EXPECT_EQ(bench_.run({"inspect"}).code, 2); }

TEST_F(Inspect, NotesADfuSuffix) {
  base::Bytes file = part(3, 3300);
  const std::size_t at = file.size();
  file.resize(at + 16, 0xFF);
  const std::string_view mark = "UFD\x10";
  std::copy(mark.begin(), mark.end(), file.begin() + static_cast<std::ptrdiff_t>(at + 8));
  base::store_le32(file, at + 12, ~base::crc32(base::ByteView(file).first(at + 12)));
  const Outcome outcome = bench_.run({"inspect", write("suffixed.bin", file)});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("dfu-suffix: "));
}

TEST_F(Inspect, PrintsTheSha256OnRequest) {
  const base::Bytes file = part(3, 3300);
  const std::string path = write("one.bin", file);
  EXPECT_THAT(bench_.run({"inspect", "-v", path}).out, HasSubstr(base::to_hex(base::sha256(file))));
}

TEST_F(Inspect, FitsTheTerminalAndNeedsNoColour) {
  write_release(3300);
  base::Bytes damaged = part(3, 3300);
  damaged.resize(1100, 7);
  write("a-file-with-quite-a-long-name-that-goes-on-and-on-and-on-until-it-is-far-too-long.bin",
        damaged);
  bench_.terminal.out_is_terminal = true;
  bench_.terminal.no_color = true;
  bench_.terminal.width = 100;
  const Outcome outcome = bench_.run({"inspect", "-v", folder_});
  EXPECT_THAT(outcome.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(outcome.out, HasSubstr("far-too-long.bin"));
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(report::columns(line), 100U) << line;
    EXPECT_THAT(line, Not(testing::EndsWith(" ")));
  }
}

TEST_F(Inspect, LeavesColumnsOutWhereATerminalIsNarrow) {
  write_release(3300);
  bench_.terminal.out_is_terminal = true;
  for (const int width : {60, 80}) {
    bench_.terminal.width = width;
    std::istringstream lines(bench_.run({"inspect", folder_}).out);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(report::columns(line), static_cast<std::size_t>(width)) << line;
    }
  }
}

TEST_F(Inspect, UsesColourIfAskedTo) {
  const std::string path = write("one.bin", part(3, 3300));
  EXPECT_THAT(bench_.run({"--color", "always", "inspect", path}).out, HasSubstr("\x1b[32mok"));
}

// Every file damaged in one of many ways is refused, and says why.
TEST_F(Inspect, RefusesFiveHundredDamagedFilesEachWithItsReason) {
  std::mt19937 random(500);
  const base::Bytes whole = part(2, 3300);
  for (int i = 0; i < 500; ++i) {
    base::Bytes file = whole;
    switch (i % 5) {
      case 0:
        file.resize(random() % whole.size());
        break;
      case 1:
        file[random() % file.size()] ^= static_cast<std::uint8_t>(1U << (random() % 8));
        break;
      case 2:
        file.resize(file.size() + 1 + random() % 5000, static_cast<std::uint8_t>(random() % 255));
        break;
      case 3:
        for (auto& b : file) b = static_cast<std::uint8_t>(random());
        break;
      default:  // another header field, with checksums that agree
        file[0x184 + 12 + random() % 4] ^= static_cast<std::uint8_t>(1 + random() % 255);
        firmware::seal(file);
    }
    const Outcome outcome = bench_.run({"--json", "inspect", write("damaged.bin", file)});
    EXPECT_EQ(outcome.code, 4) << i;
    EXPECT_THAT(outcome.json()["modules"][0]["problems"], Not(IsEmpty())) << i;
  }
}

}  // namespace
}  // namespace cli_test
