// SPDX-License-Identifier: GPL-3.0-or-later
//
// The whole of it on threads: virtual Electrons, real jobs, records in memory.
#include "station/runner.h"

#include "base/files.h"
#include "sim/world/hall.h"
#include "sim/world/synthetic_files.h"
#include "station/door.h"
#include "station/memory_store.h"
#include "support/own_folder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

namespace station {
namespace {

using records::Outcome;

struct OwnWorld {
  explicit OwnWorld(sim::Hall& hall, base::Clock& clock)
      : usb(hall.host()), serial(hall.ports()), world{*usb, *serial, clock} {}
  std::unique_ptr<usb::Host> usb;
  std::unique_ptr<serial::Ports> serial;
  discovery::World world;
};

class RunnerTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string folder = testing::TempDir() + "er-station-firmware";
    const auto files = sim::write_synthetic_release("0.6.4", folder);
    ASSERT_TRUE(files) << files.error().message;
    config.name = "bench";
    config.path = "bench.toml";
    config.target = "0.6.4";
    config.firmware = {folder};
    config.allow_unknown = true;
    config.accept_safe_mode = true;
  }
  void boards(const std::vector<std::string>& states) {
    std::vector<sim::ElectronSpec> specs;
    for (const std::string& state : states) {
      auto spec = sim::parse_state(state);
      ASSERT_TRUE(spec) << spec.error().message;
      spec->seed = specs.size() + 1;
      specs.push_back(*spec);
      config.slots.push_back(
          {fmt::format("A{}", specs.size()), fmt::format("sim/{}", specs.size())});
    }
    auto made = prepare_work(config, "", 1);
    ASSERT_TRUE(made) << made.error().message;
    work = *made;
    auto halled = sim::Hall::make(specs, *work.library, clock);
    ASSERT_TRUE(halled) << halled.error().message;
    hall = *halled;
  }
  WorldMaker worlds() {
    return [this] {
      auto own = std::make_shared<OwnWorld>(*hall, clock);
      return std::shared_ptr<discovery::World>(own, &own->world);
    };
  }
  Runner make_runner() {
    return Runner(
        {.world = worlds(),
         .store = store,
         .port_name =
             [](const usb::PortPath& port) { return fmt::format("sim/{}", port.ports.front()); },
         .reload = {},
         .backups = {},
         .logs = {},
         .stamp = {},
         .tool = "test",
         .user = "test"},
        config, work);
  }

  base::RealClock clock;
  Config config;
  Work work;
  std::shared_ptr<sim::Hall> hall;
  test::MemoryStore store;
  base::CancelToken cancel;
};

TEST_F(RunnerTest, everyBoardOfABenchGetsItsResultAtTheSameTime) {
  boards({"0.5.3", "blank", "0.6.4"});
  Runner runner = make_runner();
  const auto run = runner.run(Runner::Until::settled, cancel);
  ASSERT_TRUE(run) << run.error().message;
  ASSERT_EQ(store.rows.size(), 3U);
  for (const records::Row& row : store.rows) {
    ASSERT_TRUE(row.ending);
    EXPECT_EQ(row.ending->outcome, Outcome::pass)
        << row.opening.slot << ": " << row.ending->message;
    EXPECT_EQ(row.ending->after_release.substr(0, 5), "0.6.4") << row.opening.slot;
    EXPECT_FALSE(store.reports[row.opening.id].empty());
  }
}

TEST_F(RunnerTest, theFirstWishToStopEndsAStationThatHasNothingToDo) {
  boards({"0.6.4"});
  config.slots.clear();
  config.slots.push_back({"B1", "elsewhere/1"});
  cancel.request();
  Runner runner = make_runner();
  EXPECT_TRUE(runner.run(Runner::Until::stopped, cancel));
  EXPECT_TRUE(store.rows.empty());
}

TEST_F(RunnerTest, boardsOfAHubStartOneAfterTheOtherAndEachLeavesALog) {
  boards({"0.5.3", "blank", "0.6.4", "0.5.3"});
  for (std::size_t n = 0; n < config.slots.size(); ++n) {
    config.slots[n].port = fmt::format("sim/1.{}", n + 1);
  }
  config.policy.boots_at_once = 1;
  const std::string logs = test_support::own_folder("er-station-logs-");
  Runner runner(
      {.world = worlds(),
       .store = store,
       .port_name =
           [](const usb::PortPath& port) { return fmt::format("sim/1.{}", port.ports.front()); },
       .reload = {},
       .backups = {},
       .logs = logs,
       .stamp = [] { return std::string("NOW"); },
       .tool = "test",
       .user = "test"},
      config, work);
  ASSERT_TRUE(runner.run(Runner::Until::settled, cancel));
  ASSERT_EQ(store.rows.size(), 4U);
  for (const records::Row& row : store.rows) {
    EXPECT_EQ(row.ending->outcome, Outcome::pass) << row.ending->message;
    const auto log = base::read_file(base::join(logs, row.opening.id + ".log"), 1'000'000);
    ASSERT_TRUE(log) << row.opening.slot;
    EXPECT_NE(base::as_text(*log).find("slot     " + row.opening.slot), std::string::npos);
    EXPECT_NE(base::as_text(*log).find("end      good"), std::string::npos);
  }
  std::filesystem::remove_all(logs);
}

// Ends the station through its door as soon as it has shown itself.
class Knocker final : public Listener {
 public:
  explicit Knocker(Runner& runner) : runner_(runner) {}
  void on_status(const std::shared_ptr<const Status>& status) override {
    if (!said_) {
      said_ = true;
      runner_.tell({Command::What::hold, "3a0041000a47353235303037", "lead"},
                   [this](const std::string& problem) { held = problem.empty(); });
      runner_.tell({Command::What::again, "Z9", "lead"},
                   [this](const std::string& problem) { refused = !problem.empty(); });
      runner_.tell({Command::What::drain, "", "lead"}, {});
    }
    draining = status->draining;
  }
  bool held = false;
  bool refused = false;
  bool draining = false;

 private:
  Runner& runner_;
  bool said_ = false;
};

TEST_F(RunnerTest, whatTheLeadSaysIsDoneOrRefusedAndIsOnRecord) {
  boards({"0.6.4"});
  config.slots.clear();
  config.slots.push_back({"B1", "elsewhere/1"});
  Runner runner = make_runner();
  Knocker knocker(runner);
  runner.add(knocker);
  ASSERT_TRUE(runner.run(Runner::Until::stopped, cancel));
  EXPECT_TRUE(knocker.held);
  EXPECT_TRUE(knocker.refused);
  EXPECT_TRUE(knocker.draining);
  EXPECT_TRUE(store.history("3a0041000a47353235303037")->held);
}

// The same from another program of this computer.
TEST_F(RunnerTest, theDoorTakesWhatTheLeadSaysAndTellsWhyItIsRefused) {
  boards({"0.6.4"});
  config.slots.clear();
  config.slots.push_back({"B1", "elsewhere/1"});
  Runner runner = make_runner();
  const std::string folder = test_support::own_folder("er-door-");
  const std::string path = door_path(folder, config.name);
  auto door = Door::open(path, runner);
  if (!door && door.error().id == "no-door") GTEST_SKIP() << door.error().message;
  ASSERT_TRUE(door) << door.error().message;
  EXPECT_EQ(Door::open(path, runner).error().id, "station-runs");
  base::Result<> ran;
  std::thread station([&] { ran = runner.run(Runner::Until::stopped, cancel); });
  const std::string device = "3a0041000a47353235303037";
  EXPECT_TRUE(knock(path, {Command::What::hold, device, "anna"}));
  EXPECT_TRUE(knock(path, {Command::What::unlock, "", "anna"}));
  EXPECT_TRUE(knock(path, {Command::What::slot_off, "B1", "anna"}));
  const auto refused = knock(path, {Command::What::again, "Z9", "anna"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().id, "station-refused");
  EXPECT_EQ(refused.error().message, "there is no slot Z9");
  EXPECT_TRUE(knock(path, {Command::What::drain, "", "anna"}));
  station.join();
  EXPECT_TRUE(ran);
  door->reset();
  EXPECT_EQ(knock(path, {Command::What::unlock, "", "anna"}).error().id, "no-station");
  const auto anna = [](const records::Act& act) { return act.who == "anna"; };
  EXPECT_EQ(std::ranges::count_if(store.acts, anna), 4);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace station
