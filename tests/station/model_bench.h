// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A bench with boards of few bytes, in virtual time and on one thread: hands plug and pull, jobs go
// on step by step, and the station's computer can lose power at any moment. What a job does to a
// board's flash is told by the board itself, so that a job cut off leaves it half done.

#include "station/engine.h"
#include "station/memory_store.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <set>

namespace station::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ModelClock final : public base::Clock {
 public:
  base::Instant now() const override { return now_; }
  void sleep(base::Micros duration, const base::CancelToken&) override { now_ += duration; }
  void to(base::Instant when) { now_ = std::max(now_, when); }

 private:
  base::Instant now_{seconds(1000)};
};

struct ModelBoard {
  std::string id;
  int blocks = 0;        // of kBlocks that are written
  bool tells_id = true;  // in its descriptor
  bool running = true;   // not in DFU mode
  int fails_with = 0;    // exit code of its jobs; 0: they work
};
constexpr int kBlocks = 4;

class ModelBench : public Crew {
 public:
  explicit ModelBench(Config config, std::uint32_t boards) : config_(std::move(config)) {
    for (std::uint32_t n = 0; n < boards; ++n) {
      ModelBoard board;
      board.id = fmt::format("{:024x}", n + 1);
      boards_.push_back(board);
      in_slot_.push_back(std::nullopt);
    }
    in_slot_.resize(std::max(in_slot_.size(), config_.slots.size()));
    jobs_.resize(config_.slots.size());
    power_on();
  }

  // --- the computer ---
  void power_on() {
    work_.recipe.id = "recipe";
    work_.recipe.target = "2.3.1";
    engine_ = std::make_unique<Engine>(
        Surroundings{.clock = clock,
                     .store = store,
                     .crew = *this,
                     .wall_ms = [this] { return wall_ms(); },
                     .new_id = [this] { return fmt::format("job-{}", ++ids_); },
                     .port_name = [](const usb::PortPath& port) { return port_name(port); },
                     .clock_is_sure = {},
                     .changed_file = [this] { return changed_file; },
                     .reload = {},
                     .boot = "boot",
                     .tool = "test",
                     .user = "test"},
        config_, work_);
    const auto begun = engine_->begin();
    ASSERT_TRUE(begun) << begun.error().message;
    for (std::size_t slot = 0; slot < config_.slots.size(); ++slot) {
      if (in_slot_[slot] && on_bus_.contains(slot)) tell_arrival(slot);
    }
  }
  // Jobs die where they are; what they had written is written.
  void lose_power() {
    for (Job& job : jobs_) job = {};
    std::erase_if(agenda_, [](const auto& entry) { return entry.second.of_job; });
    engine_.reset();
    power_on();
  }

  // --- hands ---
  void plug(std::size_t slot, std::size_t board) {
    in_slot_[slot] = board;
    on_bus_.insert(slot);
    tell_arrival(slot);
  }
  void pull(std::size_t slot) {
    if (!in_slot_[slot]) return;
    in_slot_[slot].reset();
    leave_bus(slot);
  }
  std::optional<std::size_t> board_in(std::size_t slot) const { return in_slot_[slot]; }
  void later(base::Micros after, std::function<void()> what) { add(after, std::move(what), false); }

  // --- time ---
  // One thing happens. False: nothing will.
  bool step() {
    const auto tick = engine_->tick_at();
    if (!agenda_.empty() && (!tick || agenda_.begin()->first.first <= *tick)) {
      const auto first = agenda_.begin();
      clock.to(first->first.first);
      const auto what = std::move(first->second.what);
      agenda_.erase(first);
      what();
    } else if (tick && *tick <= end_) {
      clock.to(*tick);
      engine_->tick();
    } else {
      return false;
    }
    ++steps;
    observe();
    return true;
  }
  void run(base::Micros duration = std::chrono::minutes(10)) {
    end_ = clock.now() + duration;
    while (step()) {
    }
  }

  Engine& engine() { return *engine_; }
  ModelBoard& board(std::size_t number) { return boards_[number]; }
  Config& config() { return config_; }
  std::int64_t wall_ms() const {
    return std::chrono::duration_cast<milliseconds>(clock.now().time_since_epoch()).count() +
           clock_set_back_ms * -1;
  }

  ModelClock clock;
  MemoryStore store;
  std::string changed_file;
  std::int64_t clock_set_back_ms = 0;
  int steps = 0;
  std::set<std::string> shown_pass;  // jobs whose PASS was on a tile
  // What hooks say, by event; none: they go on.
  std::map<HookConfig::On, HookVerdict> hooks_say;
  int hooks_run = 0;

  // --- Crew ---
  void identify(SlotNumber slot, const discovery::Device&) override {
    add(
        milliseconds(800),
        [this, slot] {
          Identified answer{base::make_error(base::Errc::device_gone, "it is gone", "")};
          if (in_slot_[slot] && on_bus_.contains(slot)) {
            events::Identity identity;
            identity.id = boards_[*in_slot_[slot]].id;
            answer.identity = identity;
          }
          engine_->on(News{slot, std::move(answer)});
        },
        true);
  }
  void run_job(SlotNumber slot, JobOrder order) override {
    jobs_[slot] = Job{true, 0, order.device, false};
    job_step(slot);
  }
  void run_hooks(SlotNumber slot, HookOrder order) override {
    ++hooks_run;
    HookVerdict verdict;
    const auto said = hooks_say.find(order.hooks.front().on);
    if (said != hooks_say.end()) verdict = said->second;
    add(
        milliseconds(50),
        [this, slot, verdict] {
          engine_->on(News{slot, HooksOver{verdict}});
        },
        true);
  }
  void cancel(SlotNumber slot, bool) override {
    if (jobs_[slot].runs) jobs_[slot].cancelled = true;
  }

  static std::string port_name(const usb::PortPath& port) {
    return fmt::format("sim/{}.{}", port.ports[0], port.ports[1]);
  }

 protected:
  void add(base::Micros after, std::function<void()> what, bool of_job) {
    agenda_.emplace(std::pair(clock.now() + after, ++order_), Entry{std::move(what), of_job});
  }

 private:
  struct Job {
    bool runs = false;
    int at = 0;
    discovery::Device device;
    bool cancelled = false;
  };
  struct Entry {
    std::function<void()> what;
    bool of_job = false;
  };

  // Eight slots a hub.
  discovery::Device device_in(std::size_t slot) const {
    discovery::Device device;
    device.info.port = {
        1, {static_cast<std::uint8_t>(slot / 8 + 1), static_cast<std::uint8_t>(slot % 8 + 1)}};
    device.info.address = address_;
    const ModelBoard& board = boards_[*in_slot_[slot]];
    device.mode = board.running ? discovery::Mode::serial : discovery::Mode::dfu;
    if (board.tells_id) device.id = board.id;
    return device;
  }
  void tell_arrival(std::size_t slot) {
    ++address_;
    known_[slot] = device_in(slot);
    engine_->on(discovery::Change{discovery::Arrived{known_[slot]}});
  }
  void leave_bus(std::size_t slot) {
    if (on_bus_.erase(slot) == 0) return;
    engine_->on(discovery::Change{discovery::Left{known_[slot]}});
  }

  bool is_there(std::size_t slot) const { return in_slot_[slot] && on_bus_.contains(slot); }

  // Look, write four blocks, start (gone for a second), confirm.
  void job_step(std::size_t slot) {
    Job& job = jobs_[slot];
    if (!job.runs) return;
    const int at = job.at++;
    constexpr int kStart = kBlocks + 1;
    if (job.cancelled) return end_job(slot, base::Errc::cancelled, "interrupted");
    const bool starting = at == kStart + 1;
    if (!is_there(slot) && !starting) {
      return at > kStart ? end_job(slot, base::Errc::not_back, "not-back")
                         : end_job(slot, base::Errc::device_gone, "device-gone");
    }
    if (at == 0) {
      say(slot, events::StepStarted{events::Doing::observe, {}, {}, {}, 0, 0});
    } else if (at <= kBlocks) {
      ModelBoard& board = boards_[*in_slot_[slot]];
      if (at == 2 && board.fails_with != 0) return fail_job(slot, board.fails_with);
      if (at == 1) say(slot, events::StepStarted{events::Doing::write, {}, {}, {}, 0, 0});
      board.blocks = std::max(board.blocks, at);
      say(slot, events::Progress{0.2 * at, events::Part::write, 0, 0});
    } else if (at == kStart) {
      say(slot, events::StepStarted{events::Doing::start, {}, {}, {}, 0, 0});
      leave_bus(slot);
      const std::size_t board = *in_slot_[slot];
      boards_[board].running = true;
      later(seconds(1), [this, slot, board] {
        if (in_slot_[slot] != board || on_bus_.contains(slot)) return;
        on_bus_.insert(slot);
        tell_arrival(slot);
      });
      return add(
          milliseconds(1500), [this, slot] { job_step(slot); }, true);
    } else if (at == kStart + 1) {
      if (!is_there(slot)) return end_job(slot, base::Errc::not_back, "not-back");
      // It is asked in listening mode who it is and what it has.
      const ModelBoard& board = boards_[*in_slot_[slot]];
      if (!job.device.id.empty() && board.id != job.device.id) {
        return end_job(slot, base::Errc::no_device, "another-device");
      }
      if (board.blocks < kBlocks) return end_job(slot, base::Errc::not_back, "device-differs");
      say(slot, events::StepStarted{events::Doing::confirm, {}, {}, {}, 0, 0});
    } else {
      return end_job(slot, base::Errc::internal, "");
    }
    add(
        milliseconds(200), [this, slot] { job_step(slot); }, true);
  }
  void say(std::size_t slot, events::Event event) {
    engine_->on(News{slot, JobSaid{std::move(event)}});
  }
  void fail_job(std::size_t slot, int exit_code) {
    switch (exit_code) {
      case 5:
        return end_job(slot, base::Errc::refused, "stage-missing");
      case 7:
        return end_job(slot, base::Errc::verify_mismatch, "verify-mismatch");
      default:
        return end_job(slot, base::Errc::usb_io, "usb-io");
    }
  }
  void end_job(std::size_t slot, base::Errc code, const std::string& id) {
    jobs_[slot] = {};
    auto report = std::make_shared<events::DeviceReport>();
    report->goal = "flash";
    if (!id.empty()) report->error = base::make_error(code, id, "the model says " + id, "");
    if (id.empty()) report->identity.id = boards_[*in_slot_[slot]].id;
    engine_->on(News{slot, JobOver{std::move(report)}});
  }

  // What a person sees, after everything that happens.
  void observe() {
    for (SlotNumber slot = 0; slot < config_.slots.size(); ++slot) {
      const Slot& shown = engine_->slot(slot);
      if (shown.state != SlotState::pass) continue;
      const records::Row* row = store.find(shown.job);
      ASSERT_NE(row, nullptr);
      ASSERT_TRUE(row->ending) << "PASS without a closed row";
      ASSERT_EQ(row->ending->outcome, records::Outcome::pass);
      const bool tells = is_there(slot) && !row->opening.device.empty();
      if (tells) {
        ASSERT_EQ(row->opening.device, boards_[*in_slot_[slot]].id) << "another's PASS";
      }
      shown_pass.insert(shown.job);
    }
  }

  Config config_;
  Work work_;
  std::vector<ModelBoard> boards_;
  std::vector<std::optional<std::size_t>> in_slot_;
  std::set<std::size_t> on_bus_;
  std::map<std::size_t, discovery::Device> known_;
  std::vector<Job> jobs_;
  std::map<std::pair<base::Instant, int>, Entry> agenda_;
  int order_ = 0;
  std::uint8_t address_ = 0;
  int ids_ = 0;
  base::Instant end_ = base::Instant::max();
  std::unique_ptr<Engine> engine_;
};

// So many slots, eight a hub.
inline Config bench_config(int slots) {
  Config config;
  config.name = "line1-a";
  config.target = "2.3.1";
  for (int n = 0; n < slots; ++n) {
    config.slots.push_back(
        {fmt::format("A{}", n + 1), fmt::format("sim/{}.{}", n / 8 + 1, n % 8 + 1)});
  }
  return config;
}

}  // namespace station::test
