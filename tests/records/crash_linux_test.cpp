// SPDX-License-Identifier: GPL-3.0-or-later
//
// What records promise when the program is killed, the disk is full or the log is damaged: every
// row that was acknowledged is there, and one that nobody closed is lost, never passed.
#include "records/exchange.h"
#include "records/fixture.h"
#include "records/row_json.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

namespace records {
namespace {

using records_test::Folder;
using records_test::id;
using records_test::reader;
using records_test::rows;
using records_test::store;
using testing::ElementsAre;

// What the writer has said of each row, over all its lives.
struct Said {
  std::set<std::string> opening, opened, closing, closed, lost;
  std::string failed;
  int lines = 0;

  void line(const std::string& text) {
    ++lines;
    const std::size_t space = text.find(' ');
    const std::string what = text.substr(0, space);
    const std::string of = text.substr(space + 1);
    if (what == "opening") opening.insert(of);
    if (what == "opened") opened.insert(of);
    if (what == "closing") closing.insert(of);
    if (what == "closed") closed.insert(of);
    if (what == "lost") lost.insert(of);
    if (what == "failed") failed = of;
  }
};

class Writer {
 public:
  Writer(const std::string& file, int first) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    std::string program = ER_RECORDS_WRITER;
    std::string path = file;
    std::string number = std::to_string(first);
    char* words[] = {program.data(), path.data(), number.data(), nullptr};
    EXPECT_EQ(::posix_spawn(&process_, program.c_str(), &actions, nullptr, words, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    output_ = ::fdopen(ends[0], "r");
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    if (process_ > 0) end();
    std::fclose(output_);
  }

  // False at the end of what it says; half a line was not said.
  bool hear(Said& said) {
    std::array<char, 256> line{};
    if (std::fgets(line.data(), line.size(), output_) == nullptr) return false;
    std::string text = line.data();
    if (text.empty() || text.back() != '\n') return false;
    text.pop_back();
    said.line(text);
    return true;
  }
  void hear_rest(Said& said) {
    while (hear(said)) {
    }
  }
  void kill() { ::kill(process_, SIGKILL); }
  // Waits for its end; the status that it ended with.
  int wait() {
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  void end() {
    kill();
    wait();
  }
  pid_t process_ = -1;
  std::FILE* output_ = nullptr;
};

// Opens the records as the next start of a station does, and compares.
void expect_truth(const std::string& path, const Said& said) {
  {
    const auto next = store(path);
    ASSERT_TRUE(next);
    ASSERT_TRUE(next->close_lost(1'700'000'200'000));
  }
  auto beside = reader(path);
  const base::CancelToken cancel;
  const auto checked = check(*beside, cancel);
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_THAT(checked->problems, ElementsAre());
  EXPECT_EQ(checked->open, 0);
  std::map<std::string, Row> there;
  std::int64_t seq = 0;
  for (const Row& row : rows(*beside)) {
    EXPECT_GT(row.seq, seq);
    seq = row.seq;
    ASSERT_TRUE(row.ending);
    EXPECT_TRUE(there.emplace(row.opening.id, row).second);
    EXPECT_TRUE(said.opening.count(row.opening.id)) << "nobody wrote " << row.opening.id;
    if (row.ending->outcome == Outcome::pass) {
      EXPECT_TRUE(said.closing.count(row.opening.id)) << row.opening.id;
    } else {
      EXPECT_EQ(row.ending->outcome, Outcome::lost);
      EXPECT_EQ(row.ending->code, "station-died");
    }
  }
  for (const std::string& opened : said.opened) {
    ASSERT_TRUE(there.count(opened)) << opened << " was acknowledged, and is not there";
  }
  for (const std::string& closed : said.closed) {
    EXPECT_EQ(there.at(closed).ending->outcome, Outcome::pass) << closed;
  }
  for (const std::string& lost : said.lost) {
    EXPECT_EQ(there.at(lost).ending->outcome, Outcome::lost) << lost;
  }
}

TEST(RecordsKilled, AtTwoHundredMomentsEveryAcknowledgedRowIsThere) {
  const Folder folder;
  const std::string path = folder / "station.db";
  Said said;
  std::mt19937 random(11);
  constexpr int kKills = 200;
  int next = 1;
  for (int life = 0; life < kKills; ++life) {
    Writer writer(path, next);
    // A moment is so many words after the start, and then wherever the writer happens to be.
    const auto words = std::uniform_int_distribution<int>(0, 40)(random);
    for (int i = 0; i < words && writer.hear(said); ++i) {
    }
    writer.kill();
    writer.hear_rest(said);
    ASSERT_EQ(said.failed, "");
    EXPECT_EQ(writer.wait(), -1);
    next += 1000;
  }
  EXPECT_GT(said.closed.size(), 200U);
  EXPECT_GT(said.lost.size(), 200U);
  expect_truth(path, said);
}

// Until the writer says that it cannot go on.
void fill(const std::string& path, Said& said) {
  Writer writer(path, 1);
  writer.hear_rest(said);
  EXPECT_EQ(writer.wait(), 3);
}

TEST(RecordsFullDisk, OfOneMegabyteLosesNothingThatWasAcknowledged) {
  const Folder folder;
  const std::string disk = folder / "disk";
  ASSERT_TRUE(base::make_directories(disk));
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "no file system can be mounted here: " << std::strerror(errno);
  }
  Said said;
  fill(disk + "/station.db", said);
  EXPECT_EQ(said.failed, "records-full");
  EXPECT_GT(said.closed.size(), 5U);
  // It stays full: whoever only reads still can.
  {
    auto beside = reader(disk + "/station.db");
    for (const Row& row : rows(*beside)) {
      if (said.closed.count(row.opening.id)) {
        EXPECT_EQ(row.ending->outcome, Outcome::pass);
      }
    }
    EXPECT_GE(rows(*beside).size(), said.opened.size());
  }
  // With room again the next start closes what was open.
  EXPECT_EQ(::mount("tmpfs", disk.c_str(), "tmpfs", MS_REMOUNT, "size=16m"), 0);
  expect_truth(disk + "/station.db", said);
  EXPECT_EQ(::umount2(disk.c_str(), MNT_DETACH), 0);
}

TEST(RecordsFullDisk, AFileThatMayNotGrowLosesNothingThatWasAcknowledged) {
  const Folder folder;
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  for (const rlim_t most : {300'000U, 512'345U, 1'000'001U}) {
    const std::string path = folder / fmt::format("station-{}.db", most);
    Said said;
    const rlimit limit{most, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    fill(path, said);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_THAT(said.failed, testing::AnyOf("records-full", "records-failed"));
    EXPECT_FALSE(said.closed.empty());
    expect_truth(path, said);
  }
}

// The file and the log of a station that was killed.
struct Remains {
  base::Bytes file;
  base::Bytes log;
  Said said;
};

Remains killed_station(const Folder& folder) {
  Remains remains;
  const std::string path = folder / "killed.db";
  Writer writer(path, 1);
  while (remains.said.closed.size() < 20 && writer.hear(remains.said)) {
  }
  writer.kill();
  writer.hear_rest(remains.said);
  writer.wait();
  remains.file = base::read_file(path, 1 << 26).value();
  remains.log = base::read_file(path + "-wal", 1 << 26).value();
  return remains;
}

// Whatever is left of the log: rows in the order of their writing up to some moment, each as it was
// written, none of them made up.
void expect_a_prefix(const std::string& path, const Said& said) {
  const auto next = open_store({path, "line1-a"});
  ASSERT_TRUE(next) << next.error().message;
  ASSERT_TRUE((*next)->close_lost(1'700'000'200'000));
  auto beside = reader(path);
  const base::CancelToken cancel;
  EXPECT_THAT(check(*beside, cancel)->problems, ElementsAre());
  std::int64_t seq = 0;
  for (const Row& row : rows(*beside)) {
    EXPECT_EQ(row.seq, ++seq);
    EXPECT_EQ(row.opening.id, id(static_cast<int>(seq)));
    ASSERT_TRUE(row.ending);
    const bool pass = row.ending->outcome == Outcome::pass;
    EXPECT_TRUE(pass || row.ending->outcome == Outcome::lost);
    EXPECT_TRUE(!pass || said.closing.count(row.opening.id));
  }
}

TEST(RecordsDamagedLog, LeavesACleanBeginningWhateverWasDamaged) {
  const Folder folder;
  const Remains remains = killed_station(folder);
  // 32 bytes of the log's own, then frames of a header (24 bytes) and a page (SQLite, file format,
  // section 4.1).
  constexpr std::size_t kPage = 4096;
  constexpr std::size_t kFrame = 24 + kPage;
  ASSERT_GT(remains.log.size(), 32U);
  // The kill may have come in the middle of the last one.
  const std::size_t frames = (remains.log.size() - 32) / kFrame;
  std::mt19937 random(4);
  int tried = 0;
  const auto try_with = [&](const base::Bytes& log) {
    const std::string path = folder / fmt::format("damaged-{}.db", ++tried);
    ASSERT_TRUE(base::write_file(path, remains.file, base::Privacy::normal));
    ASSERT_TRUE(base::write_file(path + "-wal", log, base::Privacy::normal));
    expect_a_prefix(path, remains.said);
    std::filesystem::remove(path);
  };
  for (std::size_t frame = 0; frame < frames; ++frame) {
    base::Bytes log = remains.log;
    const std::size_t begin = 32 + frame * kFrame;
    switch (frame % 3) {
      case 0:  // cut off in the middle of the frame
        log.resize(begin + std::uniform_int_distribution<std::size_t>(0, kFrame - 1)(random));
        break;
      case 1:  // a sector that was never written
        std::fill_n(log.begin() + static_cast<std::ptrdiff_t>(begin), 512, std::uint8_t{0});
        break;
      default:  // a bit
        log[begin + std::uniform_int_distribution<std::size_t>(0, kFrame - 1)(random)] ^= 0x10;
        break;
    }
    try_with(log);
  }
  try_with({});
  EXPECT_GT(tried, 40);
}

}  // namespace
}  // namespace records
