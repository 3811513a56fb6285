// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Whole runs of the client against the virtual cloud, in virtual time.

#include "firmware/check.h"
#include "firmware/parse.h"
#include "ota/fleet.h"
#include "platform/platform.h"
#include "release/assemble.h"
#include "release/catalogue.h"
#include "sim/cloud/cloud.h"
#include "sim/cloud/wire.h"
#include "sim/world/synthetic.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ota_test {

using std::chrono::minutes;
using std::chrono::seconds;

inline release::Version version(std::string_view text) {
  release::Version result;
  if (!release::Version::parse(text, result)) std::abort();
  return result;
}

// The releases that these runs need, as files made up, the same that the virtual devices have.
inline const release::Library& shelf(bool with_stage = true) {
  const auto make = [](std::initializer_list<const char*> names) {
    std::vector<firmware::CheckedModule> modules;
    const auto& catalogue = release::Catalogue::embedded();
    for (const char* name : names) {
      const auto images =
          sim::synthesise_release(*catalogue.find(version(name)), platform::electron());
      for (const base::Bytes& image : images) {
        auto checked = firmware::check(firmware::parse(image), platform::electron(),
                                       std::string(name) + ".bin");
        if (!checked) std::abort();
        modules.push_back(std::move(*checked));
      }
    }
    release::AssembleOptions options;
    options.allow_unknown = true;
    return release::assemble(std::move(modules), catalogue, options);
  };
  static const release::Library all = make({"0.5.3", "0.6.3", "0.6.4", "0.7.0", "1.5.2", "2.3.1"});
  static const release::Library without = make({"0.6.4", "0.7.0", "1.5.2", "2.3.1"});
  return with_stage ? all : without;
}

inline std::shared_ptr<sim::Workshop> workshop() {
  static const auto shared = std::make_shared<sim::Workshop>();
  return shared;
}

// The client is killed: it does nothing more, not even tidy up.
struct Killed {};

// Kills whoever waits at the n-th happening; 0: never.
class MortalWire final : public net::Wire {
 public:
  MortalWire(net::Wire& wire, unsigned dies_at) : wire_(wire), dies_at_(dies_at) {}
  net::Ticket ask(const net::Ask& ask) override { return wire_.ask(ask); }
  net::Ticket listen(const net::Listen& listen) override { return wire_.listen(listen); }
  void drop(net::Ticket ticket) override { wire_.drop(ticket); }
  std::optional<net::Happening> next(base::Instant deadline,
                                     const base::CancelToken& cancel) override {
    auto happening = wire_.next(deadline, cancel);
    if (happening && ++happened_ == dies_at_) throw Killed();
    return happening;
  }
  unsigned happened() const { return happened_; }

 private:
  net::Wire& wire_;
  unsigned dies_at_;
  unsigned happened_ = 0;
};

struct Bench {
  explicit Bench(sim::cloud::Options options) {
    auto made = sim::cloud::Cloud::make(std::move(options), shelf(), workshop());
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    if (!made) std::abort();
    cloud = std::move(*made);
    clock = std::make_unique<sim::cloud::CloudClock>(*cloud);
  }

  ota::FleetOrder order(std::string_view target) const {
    ota::FleetOrder order;
    order.wish.target = version(target);
    order.wish.library = &shelf();
    for (std::size_t i = 0; i < cloud->size(); ++i) order.devices.push_back(cloud->device(i).id());
    return order;
  }

  ota::FleetResult run(std::string_view target) { return run(order(target)); }
  // Throws Killed where `dies_at` says so.
  ota::FleetResult run(ota::FleetOrder order, unsigned dies_at = 0) {
    sim::cloud::CloudWire own(*cloud);
    MortalWire wire(own, dies_at);
    const auto account = cloud::Account::make("https://cloud.example", token);
    ota::Watcher watcher;
    ota::Fleet fleet(wire, *clock, *account, records, watcher);
    auto result = fleet.run(std::move(order), cancel);
    happened = wire.happened();
    return result;
  }

  sim::cloud::AirDevice& device(std::size_t number = 0) { return cloud->device(number); }

  std::unique_ptr<sim::cloud::Cloud> cloud;
  std::unique_ptr<sim::cloud::CloudClock> clock;
  ota::RecordsInMemory records;
  base::CancelToken cancel;
  std::string token{sim::cloud::kUsualToken};
  unsigned happened = 0;
};

// Of the device itself, not of what anybody says.
inline bool is_at(const sim::cloud::AirDevice& device, std::string_view target) {
  const auto wanted = release::Catalogue::embedded().find(version(target))->module_version;
  const sim::Start& start = device.start();
  const bool three = *wanted >= plan::kFirstWithIndex3;
  return start.runs && start.index1 == *wanted && start.index2 == *wanted &&
         (!three || start.index3 == *wanted);
}

inline std::string words(const ota::DeviceResult& result) {
  std::string text(ota::name(result.verdict));
  for (const ota::Sent& sent : result.sent) {
    text += " | " + platform::describe(sent.module.id()) + " " +
            std::to_string(sent.module.version()) + " " + std::string(ota::name(sent.proof));
  }
  for (const std::string& reason : result.reasons) text += " | " + reason;
  if (result.error) text += " | " + result.error->id;
  return text;
}

// Devices in safe mode: their application wants `needs`.
inline sim::cloud::Options stuck(const std::vector<std::string>& releases, std::string_view needs) {
  auto options = sim::cloud::make_fleet(releases, releases.size(), needs);
  EXPECT_TRUE(options) << (options ? "" : options.error().message);
  if (!options) std::abort();
  return *options;
}

inline sim::cloud::Options in_product(sim::cloud::Options options, std::uint32_t product) {
  sim::cloud::ProductOptions made;
  made.id = product;
  made.name = "pumps";
  options.products.push_back(made);
  for (sim::cloud::DeviceOptions& device : options.devices) device.product = product;
  return options;
}

}  // namespace ota_test
