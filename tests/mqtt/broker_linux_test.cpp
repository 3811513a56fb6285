// SPDX-License-Identifier: GPL-3.0-or-later
//
// The live picture and results over a real broker: Debian's mosquitto, started by the test.
#include "board_page/fixture.h"
#include "mqtt/hall.h"
#include "mqtt/picture.h"
#include "mqtt/publisher.h"
#include "records/fixture.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <arpa/inet.h>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <set>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>

namespace mqtt {
namespace {

using board_test::shared;
using board_test::status;
using records_test::ending;
using records_test::Folder;
using records_test::id;
using records_test::number;
using records_test::opening;
using station::SlotState;
using testing::HasSubstr;

constexpr const char* kProgram = "/usr/sbin/mosquitto";
// Far longer than anything takes; only a failure waits for it.
constexpr std::chrono::seconds kPatience{60};

pid_t spawn(std::vector<std::string> words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t process = -1;
  EXPECT_EQ(
      ::posix_spawn(&process, words.front().c_str(), nullptr, nullptr, pointers.data(), environ),
      0);
  return process;
}

void kill_hard(pid_t process) {
  ::kill(process, SIGKILL);
  ::waitpid(process, nullptr, 0);
}

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&own), sizeof own), 0);
  socklen_t size = sizeof own;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size);
  ::close(socket);
  return ntohs(own.sin_port);
}

// Keeps on its disk what it has confirmed (persistence), as a broker of a hall should.
class BrokerProgram {
 public:
  BrokerProgram() : port_(free_port()) {
    const std::string text = fmt::format(
        "listener {} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {}/\n"
        "autosave_on_changes true\nautosave_interval 1\nlog_dest file {}/log\n{}",
        port_, folder_.path(), folder_.path(), ::geteuid() == 0 ? "user mosquitto\n" : "");
    EXPECT_TRUE(base::write_file(folder_ / "conf", base::as_bytes(text), base::Privacy::normal));
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
    start();
  }
  ~BrokerProgram() { kill(); }
  BrokerProgram(const BrokerProgram&) = delete;
  BrokerProgram& operator=(const BrokerProgram&) = delete;
  void start() { process_ = spawn({kProgram, "-c", folder_ / "conf"}); }
  void kill() {
    if (process_ > 0) kill_hard(process_);
    process_ = -1;
  }
  // In order: what it has confirmed is on its disk. (One that is killed may have confirmed what is
  // not there yet, which no client can know.)
  void stop() {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }
  std::string url() const { return fmt::format("mqtt://127.0.0.1:{}", port_); }

 private:
  Folder folder_;
  int port_;
  pid_t process_ = -1;
};

// What a hall is told, to be waited for.
class Seen {
 public:
  HallOptions options(const std::string& url, const std::string& client) {
    HallOptions options;
    options.broker.url = url;
    options.site = "plant2";
    options.id = client;
    options.on_status = [this](const auto& status) {
      const std::lock_guard lock(mutex_);
      stations_[status->station] = *status;
      gone_[status->station] = false;
      changed_.notify_all();
    };
    options.on_gone = [this](const std::string& station) {
      const std::lock_guard lock(mutex_);
      gone_[station] = true;
      changed_.notify_all();
    };
    options.on_alarm = [this](const station::Alarm& alarm) {
      const std::lock_guard lock(mutex_);
      alarms_.push_back(alarm.text);
      changed_.notify_all();
    };
    return options;
  }
  bool until(const std::function<bool(Seen&)>& is) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return is(*this); });
  }
  std::map<std::string, station::Status> stations_;
  std::map<std::string, bool> gone_;
  std::vector<std::string> alarms_;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

// Every result, by its job, to be waited for.
class Results {
 public:
  explicit Results(const std::string& url) {
    ClientOptions options;
    options.broker.url = url;
    options.id = "results";
    options.is_kept = true;
    options.topics = {"er/v1/plant2/+/result"};
    options.on_message = [this](const Message& message) {
      const auto json = nlohmann::json::parse(message.payload, nullptr, false);
      const std::lock_guard lock(mutex_);
      digests_[json.value("id", "")].insert(json.value("digest", ""));
      changed_.notify_all();
    };
    client_ = connect(std::move(options)).value();
    // What comes back to us shows that the broker has heard what we want.
    while (!client_->is_connected()) std::this_thread::yield();
    client_->publish({"er/v1/plant2/probe/result", R"({"id":"probe"})", 1, false});
    EXPECT_TRUE(until(1));
    const std::lock_guard lock(mutex_);
    digests_.clear();
  }
  bool until(std::size_t jobs) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return digests_.size() >= jobs; });
  }
  std::map<std::string, std::set<std::string>> digests_;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Client> client_;
};

class OnBroker : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kProgram)) GTEST_SKIP() << "no mosquitto here (Debian: mosquitto)";
    broker_ = std::make_unique<BrokerProgram>();
  }
  PublisherOptions options(const std::string& station, const std::string& file = "") const {
    PublisherOptions options;
    options.broker.url = broker_->url();
    options.site = "plant2";
    options.station = station;
    options.uid = "uid-" + station;
    options.file = file;
    return options;
  }
  std::unique_ptr<BrokerProgram> broker_;
  base::RealClock clock_;
};

TEST_F(OnBroker, WhoeverComesLaterSeesWhatIsShownNow) {
  auto publisher = publish(options("line1-a"), clock_);
  ASSERT_TRUE(publisher) << publisher.error().message;
  station::Status now = status(4);
  now.slots[2].state = SlotState::pass;
  (*publisher)->on_status(shared(now));
  Seen first;
  const auto hall = watch(first.options(broker_->url(), "hall-1"));
  const auto has_it = [](Seen& seen) {
    const auto found = seen.stations_.find("line1-a");
    return found != seen.stations_.end() && found->second.slots.size() == 4 &&
           found->second.slots[2].state == SlotState::pass;
  };
  EXPECT_TRUE(first.until(has_it));
  Seen later;
  const auto other = watch(later.options(broker_->url(), "hall-2"));
  EXPECT_TRUE(later.until(has_it));
  (*publisher)->on_alarm({5, "hub", "hub 1.4 reset"});
  EXPECT_TRUE(later.until([](Seen& seen) { return seen.alarms_.size() == 1; }));
  now.slots[0].state = SlotState::fail;
  (*publisher)->on_status(shared(now));
  EXPECT_TRUE(later.until(
      [](Seen& seen) { return seen.stations_["line1-a"].slots[0].state == SlotState::fail; }));
}

TEST_F(OnBroker, TheLastWillTellsOfAStationThatWasKilled) {
  Seen seen;
  const auto hall = watch(seen.options(broker_->url(), "hall"));
  const pid_t station = spawn({ER_MQTT_STATION, broker_->url(), "line1-a"});
  EXPECT_TRUE(seen.until([](Seen& now) { return now.stations_.count("line1-a") == 1; }));
  kill_hard(station);
  EXPECT_TRUE(seen.until([](Seen& now) { return now.gone_["line1-a"]; }));
  // One that ends in order says so by itself.
  {
    auto publisher = publish(options("line1-b"), clock_);
    (*publisher)->on_status(shared(status(1, "line1-b")));
    EXPECT_TRUE(seen.until([](Seen& now) { return now.stations_.count("line1-b") == 1; }));
  }
  EXPECT_TRUE(seen.until([](Seen& now) { return now.gone_["line1-b"]; }));
}

TEST_F(OnBroker, EndedAndStartedInTheMiddleOfAThousandResultsItGetsEach) {
  const Folder folder;
  constexpr int kJobs = 334;
  auto results = std::make_unique<Results>(broker_->url());
  std::map<std::string, std::string> sent;
  std::vector<std::unique_ptr<records::Store>> stores;
  std::vector<std::unique_ptr<Publisher>> publishers;
  for (int s = 0; s < 3; ++s) {
    const std::string station = fmt::format("line{}", s);
    const std::string file = folder / (station + ".db");
    stores.push_back(records::open_store({file, station, {kBrokerTarget}}).value());
    publishers.push_back(publish(options(station, file), clock_).value());
  }
  int made = 0;
  for (int n = 0; n < kJobs; ++n) {
    for (int s = 0; s < 3; ++s) {
      auto& store = *stores[static_cast<std::size_t>(s)];
      const auto open = opening(10'000 * s + n);
      ASSERT_TRUE(store.open_row(open));
      ASSERT_TRUE(store.close_row(open.id, ending(records::Outcome::pass), records_test::kReport));
      publishers[static_cast<std::size_t>(s)]->kick();
      if (++made == 300 || made == 700) {
        broker_->stop();
        broker_->start();
      }
    }
  }
  EXPECT_TRUE(results->until(3 * kJobs)) << results->digests_.size();
  for (int s = 0; s < 3; ++s) {
    auto reader = records_test::reader(folder / fmt::format("line{}.db", s));
    for (const auto& row : records_test::rows(*reader)) {
      EXPECT_EQ(results->digests_[row.opening.id], std::set<std::string>{row.digest});
    }
    // What was confirmed is out of the outbox.
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (number(*reader, "SELECT count(*) FROM outbox") > 0 &&
           std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
    EXPECT_EQ(number(*reader, "SELECT count(*) FROM outbox"), 0);
  }
}

TEST_F(OnBroker, ABrokerThatWasKilledIsToldAllOfItAnew) {
  auto publisher = publish(options("line1-a"), clock_);
  station::Status now = status(4);
  (*publisher)->on_status(shared(now));
  Seen seen;
  const auto hall = watch(seen.options(broker_->url(), "hall"));
  EXPECT_TRUE(seen.until([](Seen& told) { return told.stations_.count("line1-a") == 1; }));
  broker_->kill();
  EXPECT_TRUE(seen.until([](Seen& told) { return told.gone_["line1-a"]; }));
  // Meanwhile the station works on, and nobody waits for the broker.
  now.slots[3].state = SlotState::pass;
  (*publisher)->on_status(shared(now));
  broker_->start();
  EXPECT_TRUE(seen.until([](Seen& told) {
    return !told.gone_["line1-a"] && told.stations_["line1-a"].slots[3].state == SlotState::pass;
  }));
}

TEST_F(OnBroker, TwoWithTheSameIdentityAreSaidToBeClones) {
  std::mutex mutex;
  std::condition_variable said;
  int problems = 0;
  auto with_ears = options("line1-a");
  with_ears.on_problem = [&](const std::string& problem) {
    const std::lock_guard lock(mutex);
    EXPECT_THAT(problem, HasSubstr("cloned disk"));
    ++problems;
    said.notify_all();
  };
  const auto first = publish(with_ears, clock_);
  const auto clone = publish(with_ears, clock_);
  std::unique_lock lock(mutex);
  EXPECT_TRUE(said.wait_for(lock, kPatience, [&] { return problems > 0; }));
}

TEST(Connect, RefusesWhatIsNoBroker) {
  for (const char* url : {"", "http://x", "mqtt://", "mqtt://host:0", "mqtt://host:99999",
                          "mqtt://user:geheim@host", "mqtt://a b"}) {
    ClientOptions options;
    options.broker.url = url;
    EXPECT_EQ(connect(std::move(options)).error().id, "bad-broker-address") << url;
  }
}

}  // namespace
}  // namespace mqtt
