// SPDX-License-Identifier: GPL-3.0-or-later
#include "mqtt/publisher.h"

#include "mqtt/picture.h"
#include "records/query.h"
#include "records/row_json.h"
#include "records/sqlite_connection.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace mqtt {
namespace {

constexpr std::chrono::seconds kLook{1};
constexpr base::Micros kProgressPause = std::chrono::seconds(1);
// Thrown out so often within so long: not the network, but another one of the same name.
constexpr std::size_t kThrownOut = 4;
constexpr base::Micros kThrownOutWithin = std::chrono::seconds(60);
constexpr int kMostUnderWay = 100;

class BrokerPublisher final : public Publisher {
 public:
  BrokerPublisher(PublisherOptions options, const base::Clock& clock)
      : options_(std::move(options)), clock_(clock) {}
  BrokerPublisher(const BrokerPublisher&) = delete;
  BrokerPublisher& operator=(const BrokerPublisher&) = delete;
  ~BrokerPublisher() override {
    if (client_ != nullptr) client_->publish(offline(options_.site, options_.station));
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
    client_.reset();
  }

  base::Result<> start() {
    ClientOptions client;
    client.broker = options_.broker;
    client.id = "er-" + options_.uid;
    client.will = offline(options_.site, options_.station);
    client.on_connected = [this] { wake(&BrokerPublisher::all_anew_); };
    client.on_lost = [this](bool wanted) { lost(wanted); };
    client.on_confirmed = [this](int number) { confirmed(number); };
    TRY_ASSIGN(client_, connect(std::move(client)));
    thread_ = std::thread([this] { run(); });
    return {};
  }

  void on_status(const std::shared_ptr<const station::Status>& status) override {
    const std::lock_guard lock(mutex_);
    newest_ = status;
    changed_.notify_all();
  }
  void on_alarm(const station::Alarm& alarm) override {
    client_->publish(mqtt::alarm(options_.site, options_.station, alarm));
  }
  void kick() override { wake(&BrokerPublisher::kicked_); }
  bool is_connected() const override { return client_->is_connected(); }

 private:
  struct SentSlot {
    station::SlotStatus slot;
    base::Instant at{};
  };
  struct Due {
    std::int64_t seq = 0;
    std::string job;
  };

  void wake(bool BrokerPublisher::*flag) {
    const std::lock_guard lock(mutex_);
    this->*flag = true;
    changed_.notify_all();
  }
  void lost(bool wanted) {
    if (wanted) return;
    std::size_t times = 0;
    {
      const std::lock_guard lock(mutex_);
      const base::Instant now = clock_.now();
      thrown_out_.push_back(now);
      while (now - thrown_out_.front() > kThrownOutWithin) thrown_out_.pop_front();
      times = thrown_out_.size();
    }
    if (times == kThrownOut && options_.on_problem) {
      options_.on_problem(
          "the broker has ended the connection four times within a minute: is there "
          "another station with the same records (a cloned disk)?");
    }
  }
  void confirmed(int number) {
    const std::lock_guard lock(mutex_);
    confirmed_.push_back(number);
    changed_.notify_all();
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (!stop_) {
      changed_.wait_for(lock, kLook, [this] {
        return stop_ || kicked_ || all_anew_ || newest_ != sent_ || !confirmed_.empty();
      });
      if (stop_) return;
      kicked_ = false;
      const bool anew = std::exchange(all_anew_, false);
      const auto status = newest_;
      std::vector<int> numbers = std::exchange(confirmed_, {});
      lock.unlock();
      if (anew) forget_sent();
      if (status != nullptr && client_->is_connected()) send(*status);
      sent_results(numbers);
      if (client_->is_connected()) send_results();
      lock.lock();
      sent_ = status;
    }
  }

  void forget_sent() {
    slots_.clear();
    state_.clear();
  }

  void send(const station::Status& status) {
    Message state = mqtt::state(options_.site, status);
    // The time alone is nothing new.
    station::Status timeless = status;
    timeless.at_ms = 0;
    const std::string same = mqtt::state(options_.site, timeless).payload;
    if (same != state_ && client_->publish(state)) state_ = same;
    for (const station::SlotStatus& slot : status.slots) send(slot);
  }

  void send(const station::SlotStatus& slot) {
    const auto sent = slots_.find(slot.name);
    const base::Instant now = clock_.now();
    if (sent != slots_.end()) {
      if (sent->second.slot == slot) return;
      station::SlotStatus further = slot;
      further.share = sent->second.slot.share;
      further.seconds_left = sent->second.slot.seconds_left;
      further.word = sent->second.slot.word;
      if (further == sent->second.slot) {
        if (now - sent->second.at < kProgressPause) return;
        if (client_->publish(progress(options_.site, options_.station, slot))) {
          sent->second = {slot, now};
        }
        return;
      }
    }
    if (client_->publish(mqtt::slot(options_.site, options_.station, slot))) {
      slots_[slot.name] = {slot, now};
    }
  }

  // What the broker has is out of the outbox.
  void sent_results(const std::vector<int>& numbers) {
    for (const int number : numbers) {
      const auto found = under_way_.find(number);
      if (found == under_way_.end()) continue;
      if (records_ != nullptr) {
        const auto gone = records_->run("DELETE FROM outbox WHERE seq = $1", {found->second});
        if (!gone) records_.reset();
      }
      under_way_.erase(found);
    }
  }

  void send_results() {
    if (options_.file.empty()) return;
    if (records_ == nullptr) {
      auto opened = records::open_sqlite(options_.file, records::Access::write);
      if (!opened) return;  // at the next look
      records_ = std::move(*opened);
    }
    std::vector<Due> due;
    const auto asked = records_->run(
        fmt::format("SELECT seq, job FROM outbox WHERE target = $1 ORDER BY seq LIMIT {}",
                    kMostUnderWay),
        {std::string(kBrokerTarget)}, [&](const records::Answer& answer) {
          due.push_back({answer.integer(0), answer.text(1)});
          return true;
        });
    if (!asked) return records_.reset();
    for (const Due& one : due) send_result(one);
  }

  void send_result(const Due& due) {
    for (const auto& [number, seq] : under_way_) {
      if (seq == due.seq) return;
    }
    const auto row = records::row_of_id(*records_, due.job);
    if (!row || !*row) return;
    nlohmann::ordered_json json{{"schema", 1}};
    json.update(records::row_json(**row));
    const auto number = client_->publish(
        result(options_.site, options_.station,
               json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)));
    if (number) under_way_[*number] = due.seq;
  }

  PublisherOptions options_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  bool kicked_ = false;
  bool all_anew_ = false;
  std::shared_ptr<const station::Status> newest_;
  std::shared_ptr<const station::Status> sent_;
  std::vector<int> confirmed_;
  std::deque<base::Instant> thrown_out_;
  // Of the thread alone.
  std::map<std::string, SentSlot> slots_;
  std::string state_;
  std::map<int, std::int64_t> under_way_;  // the library's number: seq in the outbox
  std::unique_ptr<records::Connection> records_;
  std::unique_ptr<Client> client_;
  std::thread thread_;
};

}  // namespace

base::Result<std::unique_ptr<Publisher>> publish(PublisherOptions options,
                                                 const base::Clock& clock) {
  auto publisher = std::make_unique<BrokerPublisher>(std::move(options), clock);
  TRY(publisher->start());
  return std::unique_ptr<Publisher>(std::move(publisher));
}

}  // namespace mqtt
