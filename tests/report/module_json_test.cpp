// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/module_json.h"

#include "firmware/build.h"
#include "firmware/check.h"
#include "firmware/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace report {
namespace {

using Json = nlohmann::ordered_json;

const platform::Platform& kElectron = platform::electron();
const release::Catalogue& kCatalogue = release::Catalogue::embedded();

firmware::CheckedModule part2() {
  const base::Bytes file = firmware::build({.id = platform::kSystemPart2,
                                            .version = 4242,
                                            .dependency1 = {platform::kSystemPart1, 4242},
                                            .dependency2 = {platform::kBootloader, 1003},
                                            .size = 1024},
                                           kElectron);
  auto module = firmware::check(firmware::parse(file), kElectron, "part.bin");
  EXPECT_TRUE(module);
  return std::move(*module);
}

plan::InstalledModule installed() { return plan::installed(part2()); }

TEST(ModuleJson, HasEveryFieldOfTheContractInOrder) {
  const Json json = module_json(part2(), kCatalogue);
  std::vector<std::string> fields;
  for (const auto& [field, value] : json.items()) fields.push_back(field);
  EXPECT_THAT(fields,
              testing::ElementsAre("file", "function", "index", "version", "release", "platform",
                                   "address", "end", "size", "header_offset", "dependencies",
                                   "crc32", "crc_ok", "sha256", "catalogue", "valid", "problems"));
}

TEST(ModuleJson, TellsOfAFileWhatItIs) {
  const firmware::CheckedModule module = part2();
  const Json json = module_json(module, kCatalogue);
  EXPECT_EQ(json["file"], "part.bin");
  EXPECT_EQ(json["function"], "system-part");
  EXPECT_EQ(json["index"], 2);
  EXPECT_EQ(json["version"], 4242);
  EXPECT_EQ(json["release"], nullptr);
  EXPECT_EQ(json["platform"], 10);
  EXPECT_EQ(json["address"], "0x08040000");
  EXPECT_EQ(json["end"], "0x080403fc");
  EXPECT_EQ(json["size"], 1024);
  EXPECT_EQ(json["header_offset"], 388);
  EXPECT_EQ(json["dependencies"],
            Json::parse(R"([{"function":"system-part","index":1,"version":4242},
                            {"function":"bootloader","index":0,"version":1003}])"));
  EXPECT_EQ(json["crc32"], base::hex32(module.crc32()));
  EXPECT_EQ(json["crc_ok"], true);
  EXPECT_EQ(json["sha256"], base::to_hex(module.file_sha256()));
  EXPECT_EQ(json["catalogue"], "unknown");
  EXPECT_EQ(json["valid"], true);
  EXPECT_EQ(json["problems"], Json::array());
}

TEST(ModuleJson, NamesTheReleaseOfAModuleInFlash) {
  release::Version version;
  ASSERT_TRUE(release::Version::parse("0.6.4", version));
  const release::CatalogueFile& file = *kCatalogue.find(version)->part(platform::kSystemPart2);
  plan::InstalledModule module = installed();
  auto& read = std::get<plan::Read>(module.seen);
  read.header.version = file.version;
  read.header.end = read.header.start + file.length - 4;
  read.crc32 = file.crc32;
  const Json json = module_json(module, kElectron, std::nullopt, kCatalogue);
  EXPECT_EQ(json["release"], "0.6.4");
  EXPECT_EQ(json["catalogue"], "match");
  EXPECT_EQ(json["health"], "valid");
  EXPECT_EQ(json["file"], nullptr);
  EXPECT_EQ(json["sha256"], nullptr);
}

TEST(ModuleJson, ListsWhatAnOldNumberMayBe) {
  plan::InstalledModule module = installed();
  std::get<plan::Read>(module.seen).header.version = 11;
  const Json json = module_json(module, kElectron, std::nullopt, kCatalogue);
  EXPECT_EQ(json["release"], "0.4.9");
  EXPECT_EQ(json["catalogue"], "unknown");
  EXPECT_THAT(json["may_be"], testing::SizeIs(4));
}

TEST(ModuleJson, KnowsOfABlankSlotOnlyWhatItIsFor) {
  const Json json =
      module_json({.id = platform::kSystemPart2}, kElectron, std::nullopt, kCatalogue);
  EXPECT_EQ(json["function"], "system-part");
  EXPECT_EQ(json["index"], 2);
  EXPECT_EQ(json["address"], "0x08040000");
  EXPECT_EQ(json["version"], nullptr);
  EXPECT_EQ(json["valid"], false);
  EXPECT_EQ(json["health"], "blank");
}

TEST(ModuleJson, TellsTheIdentityOfACorruptSlotFromItsPlace) {
  firmware::ModuleHeader header = part2().header();
  header.id = {static_cast<platform::ModuleFunction>(0x77), 9};
  header.end = 0;
  const plan::InstalledModule module{platform::kSystemPart2,
                                     plan::Corrupt{header, {{"crc-mismatch", "the CRC is wrong"}}}};
  const Json json = module_json(module, kElectron, std::nullopt, kCatalogue);
  EXPECT_EQ(json["function"], "system-part");
  EXPECT_EQ(json["index"], 2);
  EXPECT_EQ(json["size"], nullptr);
  EXPECT_EQ(json["crc32"], nullptr);
  EXPECT_EQ(json["dependencies"], Json::array());
  EXPECT_EQ(json["problems"][0]["code"], "crc-mismatch");
  EXPECT_EQ(json["health"], "corrupt");
}

}  // namespace
}  // namespace report
