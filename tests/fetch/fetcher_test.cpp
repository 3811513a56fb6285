// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/fetcher.h"

#include "base/files.h"
#include "release/archive.h"
#include "release/packed.h"
#include "release/synthetic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

namespace fetch {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Pauses take no time.
class TestClock final : public base::Clock {
 public:
  base::Instant now() const override { return now_; }
  void sleep(base::Micros duration, const base::CancelToken& /*cancel*/) override {
    now_ += duration;
  }

 private:
  base::Instant now_{};
};

// A network made up: what lies at each address, and what goes wrong on the way.
class MadeUpNetwork final : public net::Http {
 public:
  struct Page {
    long status = 200;
    base::Bytes body;
    std::size_t cut_after = 0;  // bytes of each try, then the connection is lost; 0: never
    bool goes_on = true;        // understands where to begin
    std::string error;          // this error's id, before any byte
  };
  std::map<std::string, Page> pages;
  std::vector<std::string> asked;
  base::CancelToken* cancel_after_first_piece = nullptr;

  base::Result<net::Answer> get(const net::Request& request, const net::Receive& receive,
                                const base::CancelToken& cancel) override {
    asked.push_back(request.url + (request.offset > 0 ? "+" : ""));
    const auto page = pages.find(request.url);
    if (page == pages.end()) return net::Answer{.status = 404, .offset = 0, .total = {}};
    const Page& found = page->second;
    if (!found.error.empty()) return lost(found.error);
    if (found.status != 200) return net::Answer{.status = found.status, .offset = 0, .total = {}};
    if (found.body.size() > request.most) return lost("download-too-long");
    const std::size_t begin = found.goes_on ? static_cast<std::size_t>(request.offset) : 0;
    const net::Answer answer{
        .status = begin > 0 ? 206 : 200, .offset = begin, .total = found.body.size()};
    std::size_t sent = 0;
    for (std::size_t at = begin; at < found.body.size(); at += 1000) {
      if (cancel.requested()) {
        return base::make_error(base::Errc::cancelled, "cancelled", "interrupted", "");
      }
      if (found.cut_after > 0 && sent >= found.cut_after) return lost("connection-lost");
      const std::size_t size = std::min<std::size_t>(1000, found.body.size() - at);
      receive(answer, base::ByteView(found.body).subspan(at, size));
      sent += size;
      if (cancel_after_first_piece != nullptr && sent > 300'000) {
        cancel_after_first_piece->request();
      }
    }
    return answer;
  }

 private:
  static base::Error lost(const std::string& id) {
    return base::make_error(base::Errc::device_gone, id, "the address: " + id, "");
  }
};

release::Version version(std::string_view text) {
  release::Version parsed;
  EXPECT_TRUE(release::Version::parse(text, parsed)) << text;
  return parsed;
}

// As large as real ones, and as hard to compress.
std::vector<firmware::CheckedModule> large_parts() {
  const auto part = [](platform::ModuleId id, std::uint32_t seed) {
    return release::synthetic({.id = id, .version = 2302, .size = 120'000, .seed = seed});
  };
  return {part(platform::kSystemPart3, 1), part(platform::kSystemPart1, 2),
          part(platform::kSystemPart2, 3)};
}

class Fetching : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    cache_ = ::testing::TempDir() + "fetching_" + test->name() + "/cache";
    for (const release::CatalogueFile& part : known("2.3.1").parts) {
      const base::ByteView image = parts_[static_cast<std::size_t>(part.part) - 1].image();
      real_[part.file] = {image.begin(), image.end()};
    }
  }
  void TearDown() override {
    std::filesystem::remove_all(std::filesystem::path(cache_).parent_path());
  }

  Fetcher fetcher(net::Http* network) {
    return Fetcher({.catalogue = catalogue_,
                    .network = network,
                    .places = {"https://registry.example", "https://files.example/download"},
                    .cache = cache_,
                    .given = given_,
                    .clock = clock_,
                    .cancel = cancel_,
                    .progress = [&](const Progress& now) { done_.push_back(now.done); },
                    .note = [&](const std::string& text) { notes_.push_back(text); }});
  }
  base::Result<std::vector<FetchedFile>> fetch(net::Http* network) {
    return fetcher(network).release(known("2.3.1"), false);
  }
  // The package of npm with these files.
  void publish_package(const std::vector<std::string>& names) {
    release::Packed files{{"package/package.json", {'{', '}'}}};
    for (const std::string& name : names) {
      files.emplace_back("package/assets/updates/2.3.1/" + name, real_.at(name));
    }
    network_.pages["https://registry.example/particle-cli/3.6.0"].body = release::bytes_of(
        base::as_bytes(R"({"dist": {"tarball": "https://registry.example/-/cli.tgz"}})"));
    network_.pages[kArchive].body = release::pack(files, release::Packing::tgz);
  }
  void publish_downloads() {
    for (const auto& [name, bytes] : real_) {
      network_.pages["https://files.example/download/v2.3.1/" + name].body = bytes;
    }
  }
  std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const auto& [name, bytes] : real_) all.push_back(name);
    return all;
  }

  const release::CatalogueRelease& known(std::string_view name) {
    return *catalogue_.find(version(name));
  }

  const std::vector<firmware::CheckedModule> parts_ = large_parts();
  const release::Catalogue catalogue_ =
      release::catalogue_of({{"0.5.4", {}, "", 22, false}, {"2.3.1", parts_, ""}});
  static constexpr const char* kArchive = "https://registry.example/-/cli.tgz";
  std::string cache_;
  std::map<std::string, base::Bytes> real_;
  std::vector<firmware::CheckedModule> given_;
  MadeUpNetwork network_;
  TestClock clock_;
  base::CancelToken cancel_;
  std::vector<std::uint64_t> done_;
  std::vector<std::string> notes_;
};

TEST_F(Fetching, TakesAReleaseOutOfItsPackageAndKeepsIt) {
  publish_package(names());
  const auto files = fetch(&network_);
  ASSERT_TRUE(files) << files.error().message;
  ASSERT_THAT(*files, SizeIs(3));
  EXPECT_EQ(files->front().source, Source::package);
  for (const auto& [name, bytes] : real_) {
    EXPECT_EQ(*base::read_file(base::join(cache_, name), firmware::kLargestFile), bytes);
  }
  // What is there needs no network.
  const auto again = fetch(nullptr);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->front().source, Source::cache);
}

TEST_F(Fetching, TakesFromTheReleasePageWhatThePackageDoesNotHave) {
  publish_package({names().front()});
  publish_downloads();
  const auto files = fetch(&network_);
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_THAT(*files, SizeIs(3));
  EXPECT_EQ(files->front().source, Source::package);
  EXPECT_EQ(files->back().source, Source::downloads);
}

TEST_F(Fetching, KeepsNothingThatIsNotTheReleasedFile) {
  publish_downloads();
  for (auto& [url, page] : network_.pages) page.body[5000] ^= 1;
  const auto files = fetch(&network_);
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().id, "not-fetched");
  EXPECT_FALSE(base::exists(cache_) && !base::list_files(cache_)->empty());
  // Whole modules of another release under the right names are no better.
  for (auto& [url, page] : network_.pages) {
    page.body = firmware::build({.id = platform::kSystemPart3, .version = 2302, .size = 4096},
                                platform::electron());
  }
  const auto others = fetch(&network_);
  ASSERT_FALSE(others);
  EXPECT_THAT(others.error().message, HasSubstr("not the file that was released"));
}

TEST_F(Fetching, SaysWhatCameInstead) {
  publish_downloads();
  for (auto& [url, page] : network_.pages) {
    page.body = release::bytes_of(base::as_bytes("<html>Please sign in to the hotel's network"));
  }
  const auto files = fetch(&network_);
  ASSERT_FALSE(files);
  EXPECT_THAT(files.error().message, HasSubstr("a web page"));
}

TEST_F(Fetching, GoesOnAfterEveryCutOfTheConnection) {
  publish_package(names());
  network_.pages[kArchive].cut_after = 40'000;
  const auto files = fetch(&network_);
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_THAT(network_.asked, Contains(std::string(kArchive) + "+"));
  EXPECT_TRUE(std::ranges::is_sorted(done_));
}

TEST_F(Fetching, BeginsAgainWhereTheServerCannotGoOn) {
  publish_downloads();
  auto& page = network_.pages["https://files.example/download/v2.3.1/" + names().front()];
  page.cut_after = page.body.size() / 2;
  page.goes_on = false;
  const auto files = fetch(&network_);
  ASSERT_FALSE(files);  // it never gets through, and that has an end
  EXPECT_THAT(files.error().message, HasSubstr("connection-lost"));
  page.cut_after = 0;
  EXPECT_TRUE(fetch(&network_));
}

TEST_F(Fetching, GoesOnInTheNextRunWhereItWasInterrupted) {
  publish_package(names());
  network_.cancel_after_first_piece = &cancel_;
  const auto stopped = fetch(&network_);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, base::Errc::cancelled);
  const std::string partial = cache_ + "/.partial/particle-cli-3.6.0.tgz";
  EXPECT_TRUE(base::exists(partial));
  network_.cancel_after_first_piece = nullptr;
  network_.asked.clear();
  base::CancelToken fresh;
  Fetcher next({.catalogue = catalogue_,
                .network = &network_,
                .places = {"https://registry.example", "https://files.example/download"},
                .cache = cache_,
                .given = {},
                .clock = clock_,
                .cancel = fresh,
                .progress = {},
                .note = [](const std::string&) {}});
  EXPECT_TRUE(next.release(known("2.3.1"), false));
  EXPECT_THAT(network_.asked, Contains(std::string(kArchive) + "+"));
  EXPECT_FALSE(base::exists(partial));
}

TEST_F(Fetching, FetchesAnewWhereWhatWasKeptIsDamaged) {
  publish_package(names());
  const std::string partial = cache_ + "/.partial/particle-cli-3.6.0.tgz";
  ASSERT_TRUE(base::make_directories(base::folder_of(partial)));
  ASSERT_TRUE(base::write_file(partial, base::Bytes(1000, 0x55), base::Privacy::normal));
  EXPECT_TRUE(fetch(&network_));
  EXPECT_THAT(notes_, Contains(HasSubstr("damaged")));
}

TEST_F(Fetching, ReplacesADamagedFileInTheCache) {
  publish_downloads();
  const std::string path = base::join(cache_, names().front());
  ASSERT_TRUE(base::make_directories(cache_));
  ASSERT_TRUE(base::write_file(path, base::Bytes(100, 1), base::Privacy::normal));
  EXPECT_TRUE(fetch(&network_));
  EXPECT_EQ(*base::read_file(path, firmware::kLargestFile), real_.begin()->second);
}

TEST_F(Fetching, TakesFirstWhatTheUserHas) {
  for (const auto& [name, bytes] : real_) {
    given_.push_back(
        *firmware::check(firmware::parse(bytes), platform::electron(), "mine/" + name));
  }
  const auto files = fetch(&network_);
  ASSERT_TRUE(files);
  EXPECT_EQ(files->front().source, Source::given);
  EXPECT_THAT(network_.asked, IsEmpty());
}

TEST_F(Fetching, SaysSourceBySourceWhyNothingCame) {
  for (const char* id : {"no-network", "timeout", "certificate", "download-too-long"}) {
    publish_downloads();
    publish_package(names());
    for (auto& [url, page] : network_.pages) page.error = id;
    const auto files = fetch(&network_);
    ASSERT_FALSE(files);
    EXPECT_EQ(files.error().code, base::Errc::bad_file);
    EXPECT_THAT(files.error().message, AllOf(HasSubstr(id), HasSubstr("part1@2.3.1.bin")));
    EXPECT_THAT(files.error().hint, HasSubstr("--bundle"));
  }
  network_.pages.clear();
  EXPECT_THAT(fetch(&network_).error().message, HasSubstr("no such file (404)"));
}

TEST_F(Fetching, SaysWhatIsMissingWhereNothingMayBeFetched) {
  const auto files = fetch(nullptr);
  ASSERT_FALSE(files);
  EXPECT_THAT(files.error().hint, HasSubstr("--offline"));
}

TEST_F(Fetching, FetchesNothingThatCouldNotBeChecked) {
  const auto files = fetcher(&network_).release(known("0.5.4"), true);
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().id, "no-checksums");
  EXPECT_THAT(network_.asked, IsEmpty());
}

TEST_F(Fetching, PacksAnArchiveThatServesAsFirmware) {
  publish_package(names());
  const auto archive = bundle(*fetch(&network_));
  ASSERT_TRUE(archive);
  EXPECT_EQ(*archive, *bundle(*fetch(nullptr)));
  const auto content = release::read_archive(*archive, [](const std::string&) { return true; });
  ASSERT_TRUE(content);
  EXPECT_THAT(content->entries, SizeIs(5));
  EXPECT_EQ(content->entries[3].name, "electron-rescue-firmware/SHA256SUMS");
  EXPECT_THAT(base::as_text(content->entries[3].bytes),
              HasSubstr(base::to_hex(base::sha256(real_.begin()->second))));
}

TEST(Sources, ReadNpmsOwnConfiguration) {
  EXPECT_EQ(registry_in("; a comment\nfund=false\nregistry = \"https://npm.example/\"\r\n"),
            "https://npm.example/");
  EXPECT_EQ(registry_in("@scope:registry=https://other.example\n"), "");
  EXPECT_EQ(registry_in(""), "");
}

TEST(Sources, MakeAddresses) {
  const Places places{"https://registry.example", "https://files.example/download"};
  EXPECT_EQ(manifest_address(places, "3.6.0"), "https://registry.example/particle-cli/3.6.0");
  const release::CatalogueRelease& release = *release::Catalogue::embedded().find(version("2.3.1"));
  EXPECT_EQ(file_address(places, release, *release.bootloader),
            "https://files.example/download/v2.3.1/electron-bootloader@2.3.1%2Blto.bin");
}

TEST(Sources, RefuseWhatIsNoManifest) {
  for (const char* text : {"", "<html>", "[]", R"({"dist": 1})", R"({"dist": {"tarball": 1}})"}) {
    const auto address = archive_address(base::as_bytes(text));
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().id, "bad-manifest");
  }
}

}  // namespace
}  // namespace fetch
