// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// How long a board waits for its job while all other slots are busy: a whole station on threads,
// with virtual Electrons that take the computer's time, and records on a disk.

#include "records/sqlite_store.h"
#include "sim/world/hall.h"
#include "station/model_bench.h"
#include "station/runner.h"

#include <atomic>
#include <filesystem>

namespace station::bench {

// The last board is not there before the curtain is open.
struct Curtain {
  std::atomic<bool> open{false};
  usb::PortPath port;
};

class LateHost final : public usb::Host {
 public:
  LateHost(std::unique_ptr<usb::Host> inner, const Curtain& curtain)
      : inner_(std::move(inner)), curtain_(curtain) {}
  base::Result<std::vector<usb::DeviceInfo>> list(std::uint16_t vendor) override {
    TRY_ASSIGN(auto devices, inner_->list(vendor));
    if (!curtain_.open) {
      std::erase_if(devices, [&](const auto& device) { return device.port == curtain_.port; });
    }
    return devices;
  }
  base::Result<std::unique_ptr<usb::Transport>> open(const usb::DeviceInfo& info) override {
    return inner_->open(info);
  }
  void wait_for_change(base::Millis most, const base::CancelToken& cancel) override {
    inner_->wait_for_change(most, cancel);
  }

 private:
  std::unique_ptr<usb::Host> inner_;
  const Curtain& curtain_;
};

class LatePorts final : public serial::Ports {
 public:
  LatePorts(std::unique_ptr<serial::Ports> inner, const Curtain& curtain)
      : inner_(std::move(inner)), curtain_(curtain) {}
  base::Result<std::vector<serial::PortInfo>> list() override {
    TRY_ASSIGN(auto ports, inner_->list());
    if (!curtain_.open) {
      std::erase_if(
          ports, [&](const auto& port) { return port.usb_port == usb::to_string(curtain_.port); });
    }
    return ports;
  }
  base::Result<std::unique_ptr<serial::Port>> open(const std::string& path) override {
    return inner_->open(path);
  }

 private:
  std::unique_ptr<serial::Ports> inner_;
  const Curtain& curtain_;
};

// Opens the curtain when all other slots are at work, and looks when the last one is.
class Watcher final : public Listener {
 public:
  Watcher(Runner& runner, Curtain& curtain) : runner_(runner), curtain_(curtain) {}
  void on_status(const std::shared_ptr<const Status>& status) override {
    const std::size_t others = status->slots.size() - 1;
    const auto busy = static_cast<std::size_t>(std::ranges::count(
        status->slots, SlotState::working, [](const SlotStatus& slot) { return slot.state; }));
    if (!curtain_.open && busy == others) {
      begun_ = clock_.now();
      curtain_.open = true;
    }
    // Its first step has begun: what it does is known by then.
    const SlotStatus& last = status->slots.back();
    if (curtain_.open && !seconds_ && last.state == SlotState::working && !last.phase.empty()) {
      seconds_ = std::chrono::duration<double>(clock_.now() - begun_).count();
      runner_.tell({Command::What::drain, "", "bench"}, {});
    }
  }
  std::optional<double> seconds() const { return seconds_; }

 private:
  Runner& runner_;
  Curtain& curtain_;
  base::RealClock clock_;
  base::Instant begun_{};
  std::optional<double> seconds_;
};

// Seconds from plugging in to the first step of the job; none: it did not come to that.
inline std::optional<double> plug_in(std::size_t slots, const std::string& state, const Work& work,
                                     const std::string& folder) {
  base::RealClock clock;
  Curtain curtain;
  curtain.port = {1, {static_cast<std::uint8_t>(slots)}};
  std::vector<sim::ElectronSpec> specs;
  Config config;
  config.name = "bench";
  config.policy.stop_in_a_row = 0;
  for (std::size_t n = 1; n <= slots; ++n) {
    sim::ElectronSpec spec = sim::parse_state(state).value();
    spec.seed = n;
    specs.push_back(spec);
    config.slots.push_back({fmt::format("A{}", n), fmt::format("sim/{}", n)});
  }
  const auto hall = sim::Hall::make(specs, *work.library, clock).value();
  const auto store = records::open_store({folder + "/station.db", config.name}).value();
  struct OwnWorld {
    OwnWorld(sim::Hall& hall, const Curtain& curtain, base::Clock& clock)
        : usb(hall.host(), curtain), serial(hall.ports(), curtain), world{usb, serial, clock} {}
    LateHost usb;
    LatePorts serial;
    discovery::World world;
  };
  Runner runner(
      {.world =
           [&] {
             auto own = std::make_shared<OwnWorld>(*hall, curtain, clock);
             return std::shared_ptr<discovery::World>(own, &own->world);
           },
       .store = *store,
       .port_name =
           [](const usb::PortPath& port) { return fmt::format("sim/{}", port.ports.front()); },
       .reload = {},
       .backups = {},
       .logs = {},
       .stamp = {},
       .tool = "bench",
       .user = "bench"},
      config, work);
  Watcher watcher(runner, curtain);
  runner.add(watcher);
  const base::CancelToken cancel;
  if (!runner.run(Runner::Until::settled, cancel)) return std::nullopt;
  return watcher.seconds();
}

}  // namespace station::bench
