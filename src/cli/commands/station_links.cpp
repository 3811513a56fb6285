// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands/station_links.h"

#include "base/bytes.h"
#include "base/files.h"
#include "board/server.h"
#include "cli/commands/station.h"
#include "mqtt/publisher.h"
#include "os/advice.h"
#include "records/forward.h"
#include "records/sqlite_store.h"

#include <fmt/format.h>

#include <atomic>

namespace cli {
namespace {

constexpr std::uint64_t kMostSecret = 4096;
constexpr std::uint64_t kMostPem = 256 * 1024;

std::string beside(const std::string& folder, const std::string& name) {
  return name.empty() || name.starts_with('/') ? name : base::join(folder, name);
}

base::Result<std::string> first_line(const std::string& path) {
  TRY_ASSIGN(const base::Bytes bytes, base::read_file(path, kMostSecret));
  const std::string text = base::as_text(bytes);
  return text.substr(0, text.find_first_of("\r\n"));
}

base::Result<std::string> whole(const std::string& path) {
  if (path.empty()) return std::string();
  TRY_ASSIGN(const base::Bytes bytes, base::read_file(path, kMostPem));
  return base::as_text(bytes);
}

// Rows were closed, or may have been: those who forward them look now.
class Kicker final : public station::Listener {
 public:
  void set(records::Forwarder* forwarder, mqtt::Publisher* publisher) {
    forwarder_ = forwarder;
    publisher_ = publisher;
  }
  void on_status(const std::shared_ptr<const station::Status>& status) override {
    if (forwarder_ != nullptr) forwarder_->work_on(status->order);
    const station::Counts& now = status->counts;
    const std::int64_t jobs = now.pass + now.fail + now.aborted + now.lost;
    if (jobs == jobs_) return;
    jobs_ = jobs;
    if (forwarder_ != nullptr) forwarder_->kick();
    if (publisher_ != nullptr) publisher_->kick();
  }

 private:
  records::Forwarder* forwarder_ = nullptr;
  mqtt::Publisher* publisher_ = nullptr;
  std::int64_t jobs_ = -1;
};

class Links final : public StationLinks {
 public:
  explicit Links(const station::Config& config) : feed_(clock_, config.board.rows) {}

  base::Result<> make(const station::Config& config, station::Lead& lead,
                      const std::string& records) {
    if (config.board.listen != "off") {
      TRY(make_board(config, lead, records));
      listeners_.push_back(&feed_);
    }
    if (!config.mqtt.url.empty()) {
      TRY(make_publisher(config, records));
      listeners_.push_back(publisher_.get());
    }
    if (!config.records.forward.empty()) make_forwarder(config, records);
    kicker_.set(forwarder_.get(), publisher_.get());
    listeners_.push_back(&kicker_);
    return {};
  }

  const std::vector<station::Listener*>& listeners() const override { return listeners_; }
  const std::string& said() const override { return said_; }

 private:
  base::Result<> make_board(const station::Config& config, station::Lead& lead,
                            const std::string& records) {
    board::ServerOptions options;
    options.listen = config.board.listen;
    options.hosts = config.board.hosts;
    TRY_ASSIGN(options.token, read_token(config.folder, config.board.token_file));
    TRY_ASSIGN(options.tls_cert, whole(beside(config.folder, config.board.tls_cert)));
    TRY_ASSIGN(options.tls_key, whole(beside(config.folder, config.board.tls_key)));
    auto served = board::serve(
        options, feed_, [records] { return records::open_sqlite(records, records::Access::read); },
        &lead);
    if (served) {
      server_ = std::move(*served);
      said_ = "the board is at " + server_->address();
    } else if (served.error().id == "port-taken") {
      said_ = "there is no board: " + served.error().message;
    } else {
      return served.error();
    }
    return {};
  }

  base::Result<> make_publisher(const station::Config& config, const std::string& records) {
    mqtt::PublisherOptions options;
    TRY_ASSIGN(options.broker, broker_of(config));
    options.site = config.mqtt.site;
    options.station = config.name;
    TRY_ASSIGN(options.uid, records::station_uid(records));
    options.file = records;
    options.on_problem = [this](const std::string& problem) { alarm("mqtt", problem); };
    TRY_ASSIGN(publisher_, mqtt::publish(std::move(options), clock_));
    return {};
  }

  void make_forwarder(const station::Config& config, const std::string& records) {
    records::ForwarderOptions options;
    options.file = records;
    options.server = config.records.forward;
    options.station = config.name;
    options.now_ms = [] { return now_ms(); };
    options.told = [this](const records::Forwarded& done, const std::string& problem) {
      for (const std::string& refused : done.refused) alarm("record-differs", refused);
      // The board tells how many rows wait; why, it tells once.
      if (problem != last_problem_ && !problem.empty()) alarm("records-unreachable", problem);
      last_problem_ = problem;
    };
    forwarder_ = std::make_unique<records::Forwarder>(std::move(options));
  }

  void alarm(const std::string& code, const std::string& text) {
    feed_.on_alarm({now_ms(), code, text});
  }

  base::RealClock clock_;
  board::Feed feed_;
  std::string last_problem_;  // of the forwarder, on its thread
  Kicker kicker_;
  std::unique_ptr<board::Server> server_;
  std::unique_ptr<mqtt::Publisher> publisher_;
  std::unique_ptr<records::Forwarder> forwarder_;
  std::vector<station::Listener*> listeners_;
  std::string said_;
};

}  // namespace

std::vector<std::string> outbox_targets(const station::Config& config) {
  std::vector<std::string> targets;
  if (!config.records.forward.empty()) targets.emplace_back(records::kServerTarget);
  if (!config.mqtt.url.empty()) targets.emplace_back(mqtt::kBrokerTarget);
  return targets;
}

base::Result<std::unique_ptr<StationLinks>> make_links(const station::Config& config,
                                                       station::Lead& lead,
                                                       const std::string& records) {
  auto links = std::make_unique<Links>(config);
  TRY(links->make(config, lead, records));
  return std::unique_ptr<StationLinks>(std::move(links));
}

base::Result<mqtt::Broker> broker_of(const station::Config& config) {
  mqtt::Broker broker{config.mqtt.url, config.mqtt.user, {}};
  if (!config.mqtt.password_file.empty()) {
    TRY_ASSIGN(broker.password, first_line(beside(config.folder, config.mqtt.password_file)));
  }
  return broker;
}

base::Result<std::string> read_token(const std::string& folder, const std::string& name) {
  if (name.empty()) return std::string();
  const std::string path = beside(folder, name);
  TRY_ASSIGN(std::string token, first_line(path));
  constexpr std::size_t kLeast = 16;
  if (token.size() >= kLeast) return token;
  return base::make_error(
      base::Errc::bad_file, "short-token",
      fmt::format("the token in {} is shorter than 16 characters", base::printable(path)),
      std::string(os::advice().make_secret) + base::printable(path));
}

}  // namespace cli
