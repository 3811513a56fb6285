// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/board/board.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace sim {
namespace {

// A firmware that hangs before it gets to USB.
class Hang final : public Program {
 public:
  ControlReply control(const usb::ControlSetup& /*setup*/, std::uint16_t /*length*/,
                       base::ByteView /*out*/) override {
    return {ControlReply::Kind::never, {}, {}};
  }
  Led led() const override { return {}; }
};

}  // namespace

// program.h
bool Program::bulk_out(std::uint8_t /*endpoint*/, base::ByteView /*data*/) { return false; }
base::Bytes Program::bulk_in(std::uint8_t /*endpoint*/, std::size_t /*most*/) { return {}; }

Board::Board(const platform::Platform& platform, const UniqueId& unique_id, Programs programs,
             base::Instant now)
    : flash_(platform),
      unique_id_(unique_id),
      programs_(std::move(programs)),
      now_(now),
      busy_until_(now) {
  flash_.set_time(now);
}

Board::~Board() = default;

// Lets the CPU work from now_ on. What it does with its clock is caught up with in advance_to().
template <class Call>
void Board::on_cpu(Call call) {
  flash_.settle(now_);
  flash_.set_time(now_);
  call();
  busy_until_ = flash_.time();
  run_deferred();
}

void Board::power(bool on) {
  if (powered_ == on) return;
  powered_ = on;
  if (!on) {
    stop_cpu();
    running_ = Running::nothing;
    backup_ = {};
    update_attached();
  } else if (!reset_down_) {
    start_bootloader(ResetCause::power_on);
  }
}

void Board::plug(bool in) {
  plugged_ = in;
  update_attached();
}

void Board::press_mode(bool down) {
  mode_down_ = down;
  step();
}

void Board::press_reset(bool down) {
  if (reset_down_ == down) return;
  reset_down_ = down;
  if (!powered_) return;
  if (down) {
    stop_cpu();
    running_ = Running::nothing;
    update_attached();
  } else {
    start_bootloader(ResetCause::pin);
  }
}

Led Board::led() const {
  if (running_ == Running::crashed) return frozen_led_;
  return program_ ? program_->led() : Led{};
}

std::string Board::device_id() const { return base::to_hex(unique_id_); }

// Ends whatever ran: undoes what it had not got to, drops the pull-up and the watchdog.
void Board::stop_cpu() {
  flash_.cut(now_);
  program_.reset();
  deferred_.clear();
  watchdog_.reset();
  pull_up_ = false;
  busy_until_ = now_;
}

void Board::start_bootloader(ResetCause cause) {
  stop_cpu();
  update_attached();
  ++reset_count_;
  running_ = Running::bootloader;
  mode_told_ = mode_down_;  // a program looks for itself when it starts
  on_cpu([&] {
    // The object is not program_ before it is complete; deferred wishes wait for that.
    program_ = programs_.bootloader(*this, cause);
  });
}

base::Instant Board::ready_at() const { return std::max(now_, busy_until_); }

std::optional<base::Instant> Board::next_event() const {
  std::optional<base::Instant> next;
  const auto consider = [&next](base::Instant when) {
    if (!next || when < *next) next = when;
  };
  if (!deferred_.empty()) consider(deferred_.front().when);
  if (watchdog_) consider(*watchdog_);
  if (busy_until_ > now_) consider(busy_until_);
  if (program_ && running_ != Running::crashed) {
    if (mode_told_ != mode_down_) consider(busy_until_);
    if (const auto own = program_->next_event()) consider(std::max(*own, busy_until_));
  }
  return next;
}

void Board::advance_to(base::Instant when) {
  // A program whose next_event() never moves on is a bug that must not hang the world.
  constexpr int kMostAtOnce = 10'000;
  int at_once = 0;
  while (true) {
    const auto next = next_event();
    if (!next || *next > when) break;
    at_once = *next > now_ ? 0 : at_once + 1;
    if (at_once > kMostAtOnce) {
      running_ = Running::crashed;
      break;
    }
    now_ = std::max(now_, *next);
    step();
  }
  now_ = std::max(now_, when);
}

// Everything that is due at now_, one kind after the other; advance_to() comes again.
void Board::step() {
  if (!powered_ || reset_down_) return;
  if (watchdog_ && *watchdog_ <= now_) {
    start_bootloader(ResetCause::watchdog);
    return;
  }
  if (!deferred_.empty()) {
    run_deferred();
    return;
  }
  if (busy_until_ > now_ || !program_ || running_ == Running::crashed) return;
  flash_.settle(now_);
  if (mode_told_ != mode_down_) {
    mode_told_ = mode_down_;
    on_cpu([&] { program_->mode_button(mode_down_); });
    return;
  }
  if (const auto own = program_->next_event(); own && *own <= now_) {
    on_cpu([&] { program_->run(now_); });
  }
}

void Board::defer(Deferred::What what, ResetCause cause) {
  deferred_.push_back({flash_.time(), what, cause});
}

void Board::run_deferred() {
  while (!deferred_.empty() && deferred_.front().when <= now_) {
    const Deferred wish = deferred_.front();
    deferred_.pop_front();
    switch (wish.what) {
      case Deferred::What::pull_up:
      case Deferred::What::pull_down:
        pull_up_ = wish.what == Deferred::What::pull_up;
        update_attached();
        break;
      case Deferred::What::reset:
        start_bootloader(wish.cause);
        return;
      case Deferred::What::crash:
        frozen_led_ = program_ ? program_->led() : Led{};
        running_ = Running::crashed;
        deferred_.clear();
        return;
      case Deferred::What::start_firmware:
        deferred_.clear();
        running_ = Running::firmware;
        on_cpu([&] {
          program_ = programs_.firmware ? programs_.firmware(*this) : std::make_unique<Hang>();
        });
        return;
    }
  }
}

void Board::update_attached() {
  const bool attached = powered_ && plugged_ && pull_up_ && !reset_down_;
  if (attached == attached_) return;
  attached_ = attached;
  ++attach_count_;
}

ControlReply Board::control(const usb::ControlSetup& setup, std::uint16_t length,
                            base::ByteView out, DataStage stage) {
  assert(now_ >= busy_until_);
  ControlReply reply{ControlReply::Kind::never, {}, {}};
  if (!attached_ || !program_ || running_ == Running::crashed) return reply;
  const std::uint32_t attach = attach_count_;
  const base::Instant begin = now_;
  on_cpu([&] {
    reply = program_->control(setup, length, out);
    const bool in = (setup.request_type & 0x80U) != 0;
    if (in && reply.kind == ControlReply::Kind::done && stage == DataStage::completed) {
      reply.kind = program_->data_taken();
    }
    flash_.pass(reply.busy);
    reply.busy = flash_.time() - begin;
  });
  if (attach_count_ != attach) reply.kind = ControlReply::Kind::gone;
  return reply;
}

bool Board::bulk_out(std::uint8_t endpoint, base::ByteView data) {
  if (!attached_ || !program_ || running_ == Running::crashed || now_ < busy_until_) return false;
  bool taken = false;
  on_cpu([&] { taken = program_->bulk_out(endpoint, data); });
  return taken;
}

base::Bytes Board::bulk_in(std::uint8_t endpoint, std::size_t most) {
  if (!attached_ || !program_ || running_ == Running::crashed || now_ < busy_until_) return {};
  base::Bytes data;
  on_cpu([&] { data = program_->bulk_in(endpoint, most); });
  return data;
}

void Board::bus_reset() {
  if (!attached_ || !program_ || running_ == Running::crashed) return;
  on_cpu([&] { program_->bus_reset(); });
}

void Board::pull_up(bool on) {
  defer(on ? Deferred::What::pull_up : Deferred::What::pull_down, ResetCause::software);
}

void Board::start_watchdog(base::Micros period) {
  watchdog_period_ = period;
  watchdog_ = flash_.time() + period;
}

void Board::feed_watchdog() {
  if (watchdog_ && *watchdog_ > flash_.time()) watchdog_ = flash_.time() + watchdog_period_;
}

void Board::reset(ResetCause cause) { defer(Deferred::What::reset, cause); }
void Board::start_firmware() { defer(Deferred::What::start_firmware, ResetCause::software); }
void Board::crash() { defer(Deferred::What::crash, ResetCause::software); }

}  // namespace sim
