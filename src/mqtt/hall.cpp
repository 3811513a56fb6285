// SPDX-License-Identifier: GPL-3.0-or-later
#include "mqtt/hall.h"

#include "mqtt/picture.h"

#include <set>
#include <utility>

namespace mqtt {
namespace {

class BrokerHall final : public Hall {
 public:
  explicit BrokerHall(HallOptions options)
      : options_(std::move(options)), picture_(options_.site) {}
  BrokerHall(const BrokerHall&) = delete;
  BrokerHall& operator=(const BrokerHall&) = delete;
  ~BrokerHall() override { client_.reset(); }

  base::Result<> start() {
    ClientOptions client;
    client.broker = options_.broker;
    client.id = options_.id;
    client.topics = topics_of_hall(options_.site);
    client.on_connected = [this] {
      if (options_.on_link) options_.on_link(true);
    };
    client.on_lost = [this](bool) { lost(); };
    client.on_message = [this](const Message& message) { take(message); };
    TRY_ASSIGN(client_, connect(std::move(client)));
    return {};
  }

 private:
  void take(const Message& message) {
    const Told told = picture_.take(message);
    if (told.status != nullptr) {
      seen_.insert(told.status->station);
      options_.on_status(told.status);
    }
    if (!told.gone.empty()) options_.on_gone(told.gone);
    if (told.alarm) options_.on_alarm(*told.alarm);
  }
  // What nobody tells any more is old; after the next connection all of it is told anew.
  void lost() {
    for (const std::string& station : seen_) options_.on_gone(station);
    if (options_.on_link) options_.on_link(false);
  }

  HallOptions options_;
  Picture picture_;
  std::set<std::string> seen_;
  std::unique_ptr<Client> client_;
};

}  // namespace

base::Result<std::unique_ptr<Hall>> watch(HallOptions options) {
  auto hall = std::make_unique<BrokerHall>(std::move(options));
  TRY(hall->start());
  return std::unique_ptr<Hall>(std::move(hall));
}

}  // namespace mqtt
