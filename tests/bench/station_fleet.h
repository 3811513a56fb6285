// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A station in virtual time whose boards are virtual Electrons, each with a wire and a clock of its
// own: the engine is the real one, and so are the jobs, one of which takes on the common clock what
// it took on its board's.

#include "sim/world/electron.h"
#include "station/model_bench.h"
#include "station/recipe.h"
#include "station/threads.h"

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace station::bench {

class Fleet final : public test::ModelBench {
 public:
  // So many boards of release `state`, in as many slots, none of them plugged in yet.
  Fleet(std::uint32_t boards, const std::string& state, std::shared_ptr<const Work> work)
      : ModelBench(config_of(boards), boards), work_(std::move(work)) {
    for (std::uint32_t n = 0; n < boards; ++n) {
      sim::ElectronSpec spec = sim::parse_state(state).value();
      spec.seed = n + 1;
      worlds_.push_back(
          sim::SimWorld::make({spec}, *work_->library, sim::VirtualHost::Enumeration::here)
              .value());
    }
  }

  // All plugged in at once. Seconds on the common clock until the last has passed; 0: not all did.
  double work_on_all() {
    const base::Instant begun = clock.now();
    for (std::size_t n = 0; n < worlds_.size(); ++n) plug(n, n);
    while (shown_pass.size() < worlds_.size()) {
      if (!step()) return 0;
    }
    return std::chrono::duration<double>(clock.now() - begun).count();
  }

  void run_job(SlotNumber slot, JobOrder order) override {
    sim::SimWorld& board = *worlds_[slot];
    discovery::World world{board.usb(), board.serial(), board.clock()};
    const auto devices = discovery::list(world, platform::electron());
    ASSERT_TRUE(devices && devices->size() == 1);
    order.device = devices->front();
    const base::Instant begun = board.clock().now();
    std::vector<std::pair<base::Micros, News>> said;
    const base::CancelToken cancel;
    {
      ThreadedCrew crew(
          {.world =
               [&] { return std::shared_ptr<discovery::World>(std::shared_ptr<void>(), &world); },
           .tell =
               [&](News news) {
                 news.slot = slot;
                 said.emplace_back(board.clock().now() - begun, std::move(news));
               },
           .cancel = cancel,
           .backups = {},
           .logs = {},
           .stamp = {}},
          1);
      crew.use(work_);
      crew.run_job(0, std::move(order));
    }  // it waits until the job has ended
    for (auto& [after, news] : said) {
      // The board of the bench is this one.
      const auto* over = std::get_if<JobOver>(&news.what);
      if (over != nullptr) this->board(slot).id = job_end_of(*over->report, {}).guest.id;
      add(
          after, [this, news = std::move(news)] { engine().on(news); }, true);
    }
  }

 private:
  static Config config_of(std::uint32_t boards) {
    Config config = test::bench_config(static_cast<int>(boards));
    config.policy.stop_in_a_row = 0;
    return config;
  }

  std::shared_ptr<const Work> work_;
  std::vector<std::unique_ptr<sim::SimWorld>> worlds_;
};

}  // namespace station::bench
