// SPDX-License-Identifier: GPL-3.0-or-later
#include "electron_sim/cloud_program.h"

#include "base/files.h"
#include "cli/streams.h"
#include "electron_sim/cloud_server.h"
#include "electron_sim/pace.h"
#include "sim/kernel/outlet_linux.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>

namespace electron_sim {
namespace {

using sim::cloud::AirDevice;
using sim::cloud::Cloud;

class Service {
 public:
  Service(const SimOptions& options, std::unique_ptr<Cloud> cloud)
      : cloud_(std::move(cloud)), pace_(clock_, cloud_->now(), options.speed) {}
  base::Result<> open(const SimOptions& options);
  base::Result<> run();

 private:
  base::Result<> wait();
  base::Result<> read_commands();
  void command(std::string_view line);
  void status();
  void log_events();
  void say(std::string_view line) { streams_.out(fmt::format("{}\n", line)); }

  base::RealClock clock_;
  base::CancelToken never_;
  cli::StandardStreams streams_{never_};
  std::unique_ptr<Cloud> cloud_;
  Pace pace_;
  std::unique_ptr<CloudServer> server_;
  std::optional<base::LineFile> log_;
  std::string unfinished_line_;
  bool input_open_ = true;
  bool quitting_ = false;
};

base::Result<> Service::open(const SimOptions& options) {
  TRY_ASSIGN(server_, CloudServer::listen(*cloud_, options.listen));
  if (options.log_file.empty()) return {};
  TRY_ASSIGN(log_, base::LineFile::append(options.log_file, base::Privacy::owner_only));
  server_->set_observer([this](const Exchange& exchange) {
    nlohmann::ordered_json line;
    line["at"] = cloud_->iso(cloud_->now());
    line["request"] = exchange.method + " " + exchange.target;
    line["status"] = exchange.status;
    log_->line(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  });
  return {};
}

void Service::log_events() {
  for (const sim::cloud::Event& event : cloud_->take_history()) {
    if (!log_) continue;
    nlohmann::ordered_json line;
    line["at"] = event.published_at;
    line["event"] = event.name;
    line["device"] = event.device;
    line["data"] = event.data;
    log_->line(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  }
}

base::Result<> Service::run() {
  say(fmt::format("{} devices at {}", cloud_->size(), server_->url()));
  if (!cloud_->options().tokens.empty()) {
    // Made up, and good for nothing else.
    const bool usual = cloud_->options().tokens.front().token == sim::cloud::kUsualToken;
    if (usual) say(fmt::format("access token: {}", sim::cloud::kUsualToken));
  }
  say("ready");
  while (!quitting_) {
    cloud_->advance_to(pace_.world_now());
    server_->turn();
    log_events();
    TRY(wait());
  }
  return {};
}

base::Result<> Service::wait() {
  std::vector<int> descriptors{server_->descriptor()};
  if (input_open_) descriptors.push_back(STDIN_FILENO);
  std::optional<base::Micros> wait = server_->patience();
  for (const auto& next : {cloud_->next_event(), server_->next_event()}) {
    if (!next) continue;
    const base::Micros until = std::max(base::Micros{0}, pace_.until(*next));
    wait = wait ? std::min(*wait, until) : until;
  }
  TRY_ASSIGN(const auto readable, sim::wait_readable(descriptors, wait));
  const bool commanded =
      std::find(readable.begin(), readable.end(), STDIN_FILENO) != readable.end();
  return commanded ? read_commands() : base::Result<>{};
}

base::Result<> Service::read_commands() {
  TRY_ASSIGN(const auto bytes, sim::read_some(STDIN_FILENO));
  if (bytes.empty()) input_open_ = false;
  unfinished_line_ += base::as_text(bytes);
  for (auto end = unfinished_line_.find('\n'); end != std::string::npos;
       end = unfinished_line_.find('\n')) {
    command(unfinished_line_.substr(0, end));
    unfinished_line_.erase(0, end + 1);
  }
  return {};
}

void Service::command(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  if (line.empty()) return;
  if (line == "quit") {
    quitting_ = true;
  } else if (line == "status") {
    status();
  } else {
    say("say status or quit");
  }
}

// The truth, which no client can see.
void Service::status() {
  for (std::size_t i = 0; i < cloud_->size(); ++i) {
    const AirDevice& device = cloud_->device(i);
    const sim::Start& start = device.start();
    const std::string state = device.dead()         ? "dead"
                              : !device.reachable() ? "out of reach"
                              : start.safe_mode     ? "safe mode"
                                                    : "runs its application";
    say(fmt::format("{} {} {}: {}; {} taken, {} refused, {} needless{}", device.id(),
                    device.options().name, start.version, state, device.parts_taken(),
                    device.parts_refused(), device.parts_needless(),
                    device.development() ? "; development" : ""));
  }
  const auto& ledger = cloud_->ledger();
  say(fmt::format("{} requests, {} flashes, {} streams opened, {} at once", ledger.requests,
                  ledger.flashes, ledger.openings, ledger.open_most));
}

}  // namespace

base::Result<> serve_cloud(const SimOptions& options) {
  TRY_ASSIGN(sim::cloud::Options about, specify_cloud(options));
  using std::chrono::milliseconds;
  const auto unix_time = std::chrono::system_clock::now().time_since_epoch();
  about.epoch_ms = std::chrono::duration_cast<milliseconds>(unix_time).count();
  TRY_ASSIGN(const release::Library library, files_at_hand(options));
  TRY_ASSIGN(auto cloud, Cloud::make(std::move(about), library));
  Service service(options, std::move(cloud));
  TRY(service.open(options));
  return service.run();
}

}  // namespace electron_sim
