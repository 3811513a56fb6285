// SPDX-License-Identifier: GPL-3.0-or-later
//
// What commands owe to whoever runs them: the device as it was, files that are not lost, errors
// that name what is wrong, a stderr that a program can read.

#include "cli/interrupt.h"
#include "cli/release_folder.h"
#include "release/release_set.h"
#include "sim/world/electron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <new>
#include <optional>

namespace cli_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Json = nlohmann::ordered_json;

class HonestCommand : public ReleaseFolder {
 protected:
  Outcome run(const std::string& device, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--device", device});
    return bench_.run(arguments);
  }
  Outcome verify(const std::string& device, std::vector<std::string> more) {
    more.insert(more.begin(),
                {"verify", "--target", "2.3.1", "--firmware", folder_, "--allow-unknown"});
    return run(device, more);
  }
  std::string text_of(const std::string& file) {
    return base::as_text(base::read_file(file, 1 << 20).value());
  }
};

TEST_F(HonestCommand, ARunningDeviceRunsAgainAfterItWasVerified) {
  put("2.3.1");
  for (const char* device : {"sim:2.3.1", "sim:1.5.0"}) {
    const Json there = verify(device, {"--json", "--progress", "none"}).json()["device"];
    EXPECT_EQ(there["mode"], "serial") << device;
    EXPECT_THAT(there["state"].get<std::string>(), HasSubstr("it runs"));
  }
  EXPECT_THAT(verify("sim:2.3.1", {"--progress", "none"}).out, HasSubstr("device: it runs"));
  EXPECT_EQ(verify("sim:blank", {"--json", "--progress", "none"}).json()["device"]["mode"], "dfu");
}

TEST_F(HonestCommand, ARunningDeviceRunsAgainAfterItsBackup) {
  const Outcome outcome =
      run("sim:1.5.0", {"backup", path("a.erbackup"), "--json", "--progress", "none"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.json()["device"]["mode"], "serial");
  EXPECT_GT(outcome.json()["seconds"].get<double>(), 0);
}

TEST_F(HonestCommand, ABackupReplacesAFileOnlyWithConsent) {
  const std::string file = path("a.erbackup");
  ASSERT_TRUE(base::write_file(file, base::as_bytes("mine"), base::Privacy::normal));
  const Outcome refused = run("sim:1.5.0", {"backup", file, "--json"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_EQ(refused.json()["error"]["code"], "file-exists");
  EXPECT_EQ(text_of(file), "mine");
  EXPECT_EQ(run("sim:1.5.0", {"backup", file, "--yes", "--progress", "none"}).code, 0);
  EXPECT_NE(text_of(file), "mine");
}

TEST_F(HonestCommand, ABackupIntoAFolderThatIsNotThereMakesNone) {
  const Outcome outcome = run("sim:1.5.0", {"backup", folder_ + "/typo/a.erbackup"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("there is no folder"), HasSubstr("hint")));
  EXPECT_FALSE(base::exists(folder_ + "/typo"));
}

TEST_F(HonestCommand, ThePlaceOfABackupIsTriedBeforeTheDevice) {
  // No device is there: whoever looked for one first would say so.
  EXPECT_EQ(bench_.run({"backup", folder_}).code, 4);
  EXPECT_EQ(bench_.run({"backup", folder_ + "/none/a.erbackup"}).code, 4);
}

TEST_F(HonestCommand, SerialAndLeaveInDfuExcludeEachOther) {
  put("2.3.1");
  const Outcome outcome = run("sim:0.6.4", {"flash", "--target", "2.3.1", "--firmware", folder_,
                                            "--via", "serial", "--leave-in-dfu", "--json"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.json()["error"]["code"], "usage");
}

TEST_F(HonestCommand, OverSerialThePlanSaysThatNothingIsSavedOrReadBack) {
  put("2.3.1");
  const Json json =
      run("sim:0.6.4", {"flash", "--target", "2.3.1", "--firmware", folder_, "--allow-unknown",
                        "--via", "serial", "--dry-run", "--json", "--progress", "none"})
          .json();
  EXPECT_EQ(json["ok"], true);
  EXPECT_THAT(json["warnings"].dump(), HasSubstr("nothing can be read from the device"));
  EXPECT_EQ(json["stages"][0]["guard"], nullptr);
}

TEST_F(HonestCommand, WhereNothingWasWrittenNotBackIsAFailureOfTheDevice) {
  EXPECT_EQ(run("sim:blank", {"mode", "normal", "--progress", "none"}).code, 6);
  put("2.3.1");
  const Outcome outcome =
      run("sim:blank", {"flash", "--target", "2.3.1", "--firmware", folder_, "--allow-unknown",
                        "--via", "serial", "--progress", "none"});
  EXPECT_EQ(outcome.code, 6);
  EXPECT_THAT(outcome.err, HasSubstr("over DFU"));
}

TEST_F(HonestCommand, InfoOfADeviceThatRunsAgainSaysThatItRuns) {
  const Outcome outcome = run("sim:2.3.1", {"info", "--progress", "none"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("running (asked"), Not(HasSubstr("blinking blue"))));
}

TEST_F(HonestCommand, ProgressAsJsonLeavesNothingElseOnStderr) {
  const std::vector<std::vector<std::string>> all{
      {"list", "--device", "sim:none"},
      {"verify", "--target", "2.3.1", "--firmware", folder_},
      {"flash", "--target", "2.3.1", "--firmware", folder_, "--device", "sim:blank"},
      {"backup", path("k.erbackup"), "--include-keys", "--device", "sim:blank"}};
  for (std::vector<std::string> arguments : all) {
    arguments.insert(arguments.end(), {"--progress", "json"});
    const Outcome outcome = bench_.run(arguments);
    EXPECT_THAT(outcome.err, Not(IsEmpty())) << arguments[0];
    std::istringstream lines(outcome.err);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_TRUE(Json::parse(line, nullptr, false).is_object()) << line;
    }
  }
}

TEST_F(HonestCommand, WithoutProgressWarningsAndOrdersAreToldAllTheSame) {
  put("2.3.1");
  const Outcome flashed =
      run("sim:0.6.4", {"flash", "--target", "2.3.1", "--firmware", folder_, "--allow-unknown",
                        "--via", "serial", "--progress", "none"});
  EXPECT_EQ(flashed.code, 0);
  EXPECT_THAT(flashed.err, HasSubstr("nothing can be read from the device"));
  const Outcome asked = run("sim:0.4.8-rc.6", {"info", "--progress", "none"});
  EXPECT_THAT(asked.err, HasSubstr("MODE"));
}

TEST_F(HonestCommand, ADamagedReleaseFileIsNamed) {
  put("2.3.1");
  const std::string damaged = base::join(folder_, "electron-system-part1@2.3.1.bin");
  base::Bytes content = base::read_file(damaged, 1 << 20).value();
  content[1000] ^= 1U;
  ASSERT_TRUE(base::write_file(damaged, content, base::Privacy::normal));
  write("readme.txt", base::as_bytes("no module"));
  const Outcome outcome = verify("sim:blank", {"--progress", "none"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("passed over"), HasSubstr("system-part1@2.3.1.bin"),
                                 Not(HasSubstr("readme.txt"))));
}

TEST_F(HonestCommand, AnEmptyValueIsNotTakenForNone) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"list", "--device", ""},
                                             {"list", "--device", "sim:"},
                                             {"list", "--log-file", ""},
                                             {"backup", ""},
                                             {"flash", "--target", "2.3.1", "--from", ""},
                                             {"flash", "--target", "2.3.1", "--user-app", ""}}) {
    EXPECT_EQ(bench_.run(arguments).code, 2) << arguments[1];
  }
  EXPECT_THAT(bench_.run({"list", "--device", ""}).err, HasSubstr("--device"));
}

TEST_F(HonestCommand, AWordThatIsNotKnownIsNamed) {
  EXPECT_THAT(bench_.run({"bogus"}).err, HasSubstr("no command bogus"));
  EXPECT_THAT(bench_.run({"--bogus"}).err, HasSubstr("no option --bogus"));
  EXPECT_THAT(bench_.run({"flash", "--targ", "2.3.1"}).err, HasSubstr("no option --targ"));
  EXPECT_THAT(bench_.run({"--color", "never", "bogus"}).err, HasSubstr("no command bogus"));
}

TEST_F(HonestCommand, ATimeoutIsANumberOfSecondsThatAClockCanCount) {
  for (const char* text : {"x", "5s", "nan", "inf", "1e13", "-1"}) {
    const Outcome outcome = run("sim:blank", {"wait", "--mode", "listen", "--timeout", text});
    EXPECT_EQ(outcome.code, 2) << text;
    EXPECT_THAT(outcome.err, HasSubstr("number of seconds"));
    EXPECT_LT(outcome.err.size(), 300U);
  }
}

TEST_F(HonestCommand, WaitForListeningSaysWhatItCannotKnow) {
  const Outcome outcome = run("sim:1.5.0", {"wait", "--mode", "listen", "--timeout", "1"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("mode listen"));
}

TEST_F(HonestCommand, APlanIsEitherForADeviceOrForAStateWithoutOne) {
  EXPECT_EQ(run("sim:1.5.0", {"plan", "--from", "1.5.0", "--target", "2.3.1"}).code, 2);
}

TEST_F(HonestCommand, HelpAndVersionAreDocumentsIfAskedTo) {
  EXPECT_THAT(bench_.run({"--json", "--version"}).json()["version"].get<std::string>(),
              HasSubstr("electron-rescue"));
  EXPECT_THAT(bench_.run({"wait", "--help", "--json"}).json()["help"].get<std::string>(),
              HasSubstr("--timeout"));
}

TEST_F(HonestCommand, ErrorsAlwaysSayWhatToDoNext) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"plan", "--target", "2.3.1", "--state", "/none.json"},
                                             {"restore", "/none.erbackup", "--device", "sim:blank"},
                                             {"list", "--device", "sim:/none.json"},
                                             {"list", "--log-file", "/none/log"}}) {
    std::vector<std::string> with = arguments;
    with.emplace_back("--json");
    EXPECT_NE(bench_.run(with).json()["error"]["hint"], "") << arguments[0];
  }
}

TEST_F(HonestCommand, ARecordThatIsNotWholeIsAnError) {
  if (!base::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  EXPECT_EQ(bench_.run({"udev", "print", "--log-file", "/dev/full"}).code, 4);
  const Outcome traced = run("sim:blank", {"info", "--trace", "/dev/full", "--json"});
  EXPECT_EQ(traced.code, 4);
  EXPECT_EQ(traced.json()["error"]["code"], "lines-lost");
  EXPECT_EQ(traced.json()["device"]["mode"], "dfu");
}

// Fails as often as it is told to, then works.
class Flickering final : public cli::WorldSource, public usb::Host {
 public:
  explicit Flickering(int failures) : failures_(failures) {
    auto made = sim::SimWorld::make({*sim::parse_state("2.3.1")}, release::Library(),
                                    sim::VirtualHost::Enumeration::here);
    EXPECT_TRUE(made);
    sim_ = std::move(*made);
    world_.emplace(discovery::World{*this, sim_->serial(), sim_->clock()});
  }
  base::Result<discovery::World*> world() override { return &*world_; }
  base::Result<std::vector<usb::DeviceInfo>> list(std::uint16_t vendor) override {
    if (failures_-- > 0) return base::make_error(base::Errc::usb_io, "the bus is busy");
    return sim_->usb().list(vendor);
  }
  base::Result<std::unique_ptr<usb::Transport>> open(const usb::DeviceInfo& info) override {
    return sim_->usb().open(info);
  }
  void wait_for_change(base::Millis most, const base::CancelToken& cancel) override {
    sim_->usb().wait_for_change(most, cancel);
    if (on_wait) on_wait();
  }
  std::function<void()> on_wait;

 private:
  int failures_;
  std::unique_ptr<sim::SimWorld> sim_;
  std::optional<discovery::World> world_;
};

TEST(Wait, GoesOnAfterAListingThatFailed) {
  Bench bench;
  Flickering twice(2);
  EXPECT_EQ(bench.run({"wait", "--timeout", "20"}, twice).code, 0);
  Flickering always(1000);
  EXPECT_EQ(bench.run({"wait", "--timeout", "20"}, always).code, 6);
}

TEST(ListWatch, TellsEventsAsDocuments) {
  Bench bench;
  Flickering world(2);
  int waits = 0;
  world.on_wait = [&] {
    if (++waits == 4) bench.cancel.request();
  };
  const Outcome outcome = bench.run({"list", "--watch", "--json"}, world);
  EXPECT_EQ(outcome.code, 130);
  const Json line = Json::parse(outcome.out.substr(0, outcome.out.find('\n')));
  EXPECT_EQ(line["schema"], 1);
  EXPECT_EQ(line["ok"], true);
  EXPECT_EQ(line["event"], "arrived");
}

TEST(ListWatch, EndsWhenNobodyReadsAnyMore) {
  Bench bench;
  bench.output.read = false;
  Flickering world(0);
  EXPECT_EQ(bench.run({"list", "--watch"}, world).code, 0);
}

// Memory runs out when the devices are asked for.
class OutOfMemory final : public cli::WorldSource {
 public:
  base::Result<discovery::World*> world() override { throw std::bad_alloc(); }
};

TEST(Command, ThatRunsOutOfMemoryEndsWithADocument) {
  Bench bench;
  OutOfMemory memory;
  const Outcome outcome = bench.run({"list", "--json"}, memory);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.json()["error"]["code"], "internal");
}

#ifdef SIGHUP
TEST(Interrupt, ThatWasIgnoredBeforeStaysIgnored) {
  std::signal(SIGHUP, SIG_IGN);
  base::CancelToken cancel;
  {
    const cli::InterruptHandler handler(cancel);
    std::raise(SIGHUP);
    EXPECT_FALSE(cancel.requested());
    std::raise(SIGTERM);
    EXPECT_TRUE(cancel.requested());
  }
  std::signal(SIGHUP, SIG_DFL);
}
#endif

}  // namespace
}  // namespace cli_test
