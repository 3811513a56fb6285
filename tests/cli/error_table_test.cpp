// SPDX-License-Identifier: GPL-3.0-or-later
//
// The table of errors: of each id that the manual lists, a situation that produces it and the hint
// that is given there. What a whole command cannot be brought to is produced by another test, which
// names the id; what only a missing library produces is named with that. The table that comes of it
// is error_table.md in the build folder.

#include "cli/situations.h"
#include "release/release_set.h"
#include "sim/world/electron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>

namespace cli_test {
namespace {

using std::chrono::seconds;

class ErrorTable : public Situations {
 protected:
  // Runs the words, which must end with the error `id`.
  void row(const std::string& id, const std::string& situation, Words words) {
    GivenWorld none;
    row(id, situation, std::move(words), none);
  }
  void row(const std::string& id, const std::string& situation, Words words,
           cli::WorldSource& worlds) {
    SCOPED_TRACE(id + ": " + situation);
    std::string line = "electron-rescue";
    for (const std::string& word : words) line += " " + word;
    words.emplace_back("--json");
    const Outcome outcome = bench_.run(words, worlds);
    const auto document = nlohmann::json::parse(outcome.out, nullptr, false);
    ASSERT_TRUE(document.is_object() && document.contains("error")) << outcome.out << outcome.err;
    const auto& error = document["error"];
    const std::string hint = error["hint"];
    EXPECT_EQ(error["code"], id) << error["message"];
    EXPECT_FALSE(hint.empty());
    // Whoever follows a hint must not be told to do what has just been refused.
    EXPECT_EQ(hint.find(line), std::string::npos) << hint;
    const bool final = outcome.code == 2 || outcome.code == 4 || outcome.code == 5;
    if (final) {
      EXPECT_EQ(hint.find("the same command goes on"), std::string::npos) << hint;
    }
    EXPECT_EQ(hint.find("\n"), std::string::npos) << hint;
    seen_.insert(id);
    table_ += fmt::format("| {} | {} | {} | {} |\n", id, outcome.code, situation, hint);
  }

  void command_line();
  void files();
  void plans();
  void devices();
  void backups();

  std::set<std::string> seen_;
  std::string table_ = "| error.code | exit | situation | hint |\n|---|---|---|---|\n";
};

void ErrorTable::command_line() {
  row("usage", "nothing is said to be written", {"flash"});
  row("usage", "an option without its value", {"flash", "--target=", "--device", "sim:2.3.1"});
  row("partial-release", "a part of a release's name", flash("sim:1.5.2", "2.3"));
  row("beyond-last-release", "a release that the Electron never had", flash("sim:1.5.2", "4.0.2"));
  row("unknown-release", "a slip in a release's name", flash("sim:1.5.2", "2.3.9"));
  row("target-undecided", "--target auto, and an application that asks for no system part",
      flash("sim:1.5.2", "auto", {"--user-app", module("undecided.bin", platform::kUserPart, 1)}));
  row("bad-state", "a virtual device of a broken file", {"info", "--device", state("broken", "{")});
  row("state-version", "a virtual device of a later schema",
      {"info", "--device", state("later", R"({"schema": 9})")});
  row("bad-state-file", "a plan for a broken state file",
      with_files({"plan", "--target", "2.3.1", "--state", file("broken-state.json", "[]")}));
}

void ErrorTable::files() {
  const std::string whole = base::join(folder_, "electron-system-part1@2.3.1.bin");
  const auto bytes = base::read_file(whole, 1 << 20);
  ASSERT_TRUE(bytes);
  std::string text = base::as_text(*bytes);
  row("truncated", "a file that was cut off",
      {"inspect", file("cut.bin", std::string_view(text).substr(0, 1500))});
  text[1000] = static_cast<char>(text[1000] ^ 1);
  row("crc-mismatch", "a file with one bit changed", {"inspect", file("spoilt.bin", text)});
  row("no-header", "a text", {"inspect", file("readme.txt", "nothing here")});
  const std::string empty = path("empty");
  ASSERT_TRUE(base::make_directories(empty));
  row("no-modules", "a folder without modules", {"inspect", empty});
  row("no-such-place", "--firmware names what is not there",
      {"plan", "--from", "1.5.2", "--target", "2.3.1", "--firmware", folder_ + "/nowhere"});
  row("bad-archive", "an archive that is cut off",
      {"plan", "--from", "1.5.2", "--target", "2.3.1", "--firmware",
       file("cut.zip", std::string("PK\x03\x04", 4) + "cut")});
  row("wrong-function", "a system part where an application is wanted",
      flash("sim:1.5.2", "2.3.1", {"--user-app", whole}));
  row("not-in-catalogue", "a bootloader that nobody vouches for",
      {"plan", "--from", "2.3.1", "--bootloader",
       module("own-bootloader.bin", platform::kBootloader, 1900)});
  row("target-missing", "a release without files",
      {"flash", "--device", "sim:1.5.2", "--target", "2.2.0", "--firmware", folder_});
  row("bad-file", "an application that is not there",
      flash("sim:1.5.2", "2.3.1", {"--user-app", folder_ + "/none.bin"}));
}

void ErrorTable::plans() {
  row("stage-missing", "the release in between has no files",
      plan({"--from", "0.4.8-rc.6", "--target", "0.6.4"}));
  put("0.6.3");
  put("0.7.0");
  row("application-needs-newer", "an application for a newer system",
      plan({"--from", "0.6.4", "--user-app", module("newer.bin", platform::kUserPart, 3, 2302)}));
  const std::string bootloader = module("bootloader400.bin", platform::kBootloader, 400);
  row("bootloader-put-back", "a bootloader that the system replaces at its next start",
      plan({"--from", "0.6.4", "--bootloader", bootloader}));
  row("bootloader-not-accepted", "a bootloader for a system that takes none",
      plan({"--from", "0.5.3", "--bootloader", bootloader}));
  row("nothing-runs", "over serial, to a device on which nothing runs",
      plan({"--target", "2.3.1", "--medium", "serial", "--state",
            file("blank.json",
                 R"({"modules":[{"function":"system-part","index":1,"health":"blank"},
                                {"function":"system-part","index":2,"health":"blank"}]})")}));
  row("system-does-not-start", "an application alone, onto a blank device",
      plan({"--user-app", module("app.bin", platform::kUserPart, 3, 10), "--state",
            base::join(folder_, "blank.json")}));
  row("unknown-state", "a state that says nothing of the system",
      plan({"--target", "2.3.1", "--state", file("nothing.json", R"({"modules":[]})")}));
  row("target-undecided", "--target auto for a device without application",
      plan({"--from", "1.5.2", "--target", "auto"}));
}

void ErrorTable::devices() {
  sim::ElectronSpec dark = *sim::parse_state("1.5.0");
  dark.mode = sim::ElectronSpec::Mode::off;
  auto none = sim::SimWorld::make({dark}, release::Library(), sim::VirtualHost::Enumeration::here);
  ASSERT_TRUE(none);
  discovery::World without{(*none)->usb(), (*none)->serial(), (*none)->clock()};
  GivenWorld no_device(without);
  row("no-device", "nothing is connected", {"info"}, no_device);
  row("bad-selector", "no id, port or virtual device", {"info", "--device", "usb:"}, no_device);
  auto two = sim::SimWorld::make({*sim::parse_state("2.3.1"), *sim::parse_state("0.6.4")},
                                 release::Library(), sim::VirtualHost::Enumeration::here);
  ASSERT_TRUE(two);
  discovery::World both{(*two)->usb(), (*two)->serial(), (*two)->clock()};
  GivenWorld several(both);
  row("ambiguous-device", "several are connected and none is chosen", {"info"}, several);
  row("safe-mode", "a device without application",
      flash(state("no-app", R"({"release":"1.5.2","user_app":false})"), "2.3.1"));
  row("does-not-start", "a factory application that the bootloader will not restore",
      flash(state("factory", R"({"release":"0.6.4","bootloader":"11","user_app":false,
                                 "factory":true,"mode":"dfu"})"),
            "1.5.2"));
  row("verify-mismatch", "another release than the one compared with",
      with_files({"verify", "--device", "sim:1.5.0", "--target", "2.3.1"}));
  row("timeout", "the power goes for good",
      flash(state("cut", R"({"release":"1.5.0","faults":["at dnload 6: power-cut"]})"), "2.3.1"));
  row("write-failed", "a word that will not program",
      flash(state("stuck", R"({"release":"1.5.0","faults":["stuck word 0x08020400"]})"), "2.3.1"));
}

void ErrorTable::backups() {
  row("no-backup", "no backup file",
      {"restore", file("not-one.txt", "text"), "--device", "sim:1.5.2"});
  const std::string saved = path("saved.erbackup");
  ASSERT_EQ(bench_
                .run({"backup", saved, "--device",
                      state("blank-one", R"({"mode":"dfu","user_app":false})")})
                .code,
            0);
  row("file-exists", "a backup over a file that is there",
      {"backup", saved, "--device", "sim:1.5.2"});
  row("backup-does-not-boot", "a backup of a device that did not start",
      {"restore", saved, "--device", "sim:1.5.2"});
  row("backup-of-another-device", "a backup of another device",
      {"restore", saved, "--device",
       state("other", R"({"release":"1.5.2","id":"00112233445566778899aabb","mode":"dfu"})")});
  auto bytes = base::read_file(saved, 4 << 20);
  ASSERT_TRUE(bytes);
  (*bytes)[bytes->size() / 2] ^= 1U;
  write("spoilt.erbackup", *bytes);
  row("backup-damaged", "a backup with one bit changed",
      {"restore", base::join(folder_, "spoilt.erbackup"), "--device", "sim:1.5.2"});
}

std::set<std::string> ids_of_the_manual() {
  std::ifstream manual(std::string(ER_SOURCE_DIR) + "/docs/electron-rescue.1");
  std::set<std::string> ids;
  bool inside = false;
  for (std::string line; std::getline(manual, line);) {
    if (line.find("error ids: made by") != std::string::npos) inside = true;
    if (line.find("end of error ids") != std::string::npos) break;
    const std::size_t tab = line.find('\t');
    if (!inside || tab == std::string::npos) continue;
    std::string id = line.substr(0, tab);
    std::erase(id, '\\');
    ids.insert(id);
  }
  return ids;
}

// {id: the test files that name it}
std::map<std::string, std::string> named_by_tests(const std::set<std::string>& ids) {
  std::map<std::string, std::string> found;
  const std::filesystem::path tests = std::string(ER_SOURCE_DIR) + "/tests";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(tests)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".cpp" && extension != ".py") continue;
    if (entry.path().filename() == "error_table_test.cpp") continue;
    std::ifstream file(entry.path());
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    for (const std::string& id : ids) {
      std::string kind = "Errc::" + id;
      std::ranges::replace(kind, '-', '_');
      if (text.find('"' + id + '"') == std::string::npos && text.find(kind) == std::string::npos) {
        continue;
      }
      found.emplace(id, std::filesystem::relative(entry.path(), tests).generic_string());
    }
  }
  return found;
}

// Those that only the station and the cloud have are produced by the tests of their rooms.
bool is_of_the_station_or_the_cloud(const std::string& id) {
  const std::filesystem::path sources = std::string(ER_SOURCE_DIR) + "/src";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(sources)) {
    if (entry.path().extension() != ".cpp") continue;
    const std::string name = std::filesystem::relative(entry.path(), sources).generic_string();
    const std::string room = name.substr(0, name.find('/'));
    const bool theirs =
        std::set<std::string>{"board", "cloud", "mqtt", "net", "ota", "records", "station"}
            .contains(room) ||
        name.find("commands/station") != std::string::npos ||
        name.find("commands/ota") != std::string::npos || name == "cli/ota.cpp" ||
        name.find("cli/station") == 0;
    if (theirs) continue;
    std::ifstream file(entry.path());
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    if (text.find('"' + id + '"') != std::string::npos) return false;
  }
  return true;
}

// What no test brings about: libraries that are missing, and families of names.
const std::map<std::string, std::string>& beyond_tests() {
  static const std::map<std::string, std::string> table{
      {"no-libarchive", "libarchive is not installed"},
      {"no-libcurl", "libcurl is not installed"},
      {"no-sqlite", "SQLite is not installed"},
      {"unsupported", "the operating system lacks what is asked for"},
      {"usb-io", "the operating system reports an error of the USB line"},
      {"out-of-range", "an address outside of the device's memory: an error of this program"},
      {"bad-fault", "electron-sim --fault"},
      {"unknown-bootloader", "electron-sim --bootloader"},
      {"device-differs",
       "a device that tells other modules than were written: tests/way/told_test.cpp"},
      {"did-not-stay", "tests/job/via_test.cpp: comes back once and vanishes"},
      {"stage-differs", "tests/job/job_test.cpp: another old device on the port"},
      {"reads-differ", "a cable on which every reading is another one"},
      {"no-accepted-order", "no state that tests/plan/property_test.cpp draws comes to it"},
      {"no-such-job", "tests/records: a number that no record has"},
      {"downgrade-needs-RELEASE", "tests/plan/planner_test.cpp: downgrade-needs-0.6.4"},
      {"rules-dependency-unmet", "tests/plan/rules_test.cpp: dependency-unmet"},
      {"rules-needed-newer", "tests/plan/rules_test.cpp: needed-newer"},
      {"rules-nothing-runs", "tests/plan/rules_test.cpp: nothing-runs"},
      {"rules-unknown-dependency", "tests/plan/rules_test.cpp: unknown-dependency"},
      {"rules-unknown-module", "tests/plan/rules_test.cpp: unknown-module"},
  };
  return table;
}

TEST_F(ErrorTable, NamesASituationAndAHintForEveryErrorOfTheManual) {
  command_line();
  files();
  plans();
  devices();
  backups();
  const std::set<std::string> ids = ids_of_the_manual();
  ASSERT_GT(ids.size(), 100U);
  bench_.cancel.request();
  row("cancelled", "Ctrl-C", flash("sim:1.5.0", "2.3.1"));
  const auto elsewhere = named_by_tests(ids);
  for (const std::string& id : ids) {
    if (seen_.contains(id)) continue;
    const auto test = elsewhere.find(id);
    const auto beyond = beyond_tests().find(id);
    std::string where;
    if (test != elsewhere.end()) {
      where = "tests/" + test->second;
    } else if (beyond != beyond_tests().end()) {
      where = beyond->second;
    } else if (is_of_the_station_or_the_cloud(id)) {
      where = "the station or the cloud";
    } else {
      ADD_FAILURE() << id << ": no test produces it";
    }
    table_ += fmt::format("| {} | | {} | |\n", id, where);
  }
  EXPECT_TRUE(base::write_file(std::string(ER_BINARY_DIR) + "/error_table.md",
                               base::as_bytes(table_), base::Privacy::normal));
}

}  // namespace
}  // namespace cli_test
