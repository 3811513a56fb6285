// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bus.h"

#include <algorithm>
#include <utility>

namespace sim {
namespace {

using Kind = ControlReply::Kind;
using What = FaultAction::What;

constexpr base::Micros kResetPress{100'000};

std::string_view outcome_name(Kind kind) {
  switch (kind) {
    case Kind::done:
      return "done";
    case Kind::stall:
      return "stall";
    case Kind::stall_status:
      return "stall-status";
    case Kind::never:
      return "never";
    case Kind::gone:
      return "gone";
  }
  return "?";
}

TransferKind classify(const usb::ControlSetup& setup) {
  constexpr std::uint8_t kSetLineCoding = 0x20;
  constexpr std::uint8_t kLastDfuRequest = 6;
  if ((setup.request_type & 0x7FU) != 0x21) return TransferKind::control;
  if (setup.request == kSetLineCoding) return TransferKind::line_coding;
  if (setup.request > kLastDfuRequest) return TransferKind::control;
  constexpr TransferKind kDfu[] = {TransferKind::detach,    TransferKind::dnload,
                                   TransferKind::upload,    TransferKind::getstatus,
                                   TransferKind::clrstatus, TransferKind::getstate,
                                   TransferKind::abort};
  return kDfu[setup.request];
}

}  // namespace

SimBus::SimBus(base::Instant start, Enumeration enumeration)
    : now_(start), enumeration_(enumeration) {}
SimBus::~SimBus() = default;

std::size_t SimBus::add(Board& board) {
  Node node;
  node.board = &board;
  nodes_.push_back(std::move(node));
  board.advance_to(now_);
  notice(nodes_.size() - 1);
  return nodes_.size() - 1;
}

usb::PortPath SimBus::port(std::size_t number) const {
  return {1, {static_cast<std::uint8_t>(number + 1)}};
}

// --- time ---

std::optional<base::Instant> SimBus::next_event() const {
  std::optional<base::Instant> next;
  const auto consider = [&next](std::optional<base::Instant> when) {
    if (when && (!next || *when < *next)) next = when;
  };
  for (const Node& node : nodes_) {
    consider(node.board->next_event());
    consider(node.enumerate_at);
    if (!node.faults.empty()) consider(node.faults.next_event(node.board->flash()));
  }
  for (const Action& action : actions_) consider(action.when);
  return next;
}

void SimBus::step_boards(base::Instant when) {
  now_ = std::max(now_, when);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].board->advance_to(now_);
    notice(i);
  }
}

void SimBus::notice_all() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) notice(i);
}

void SimBus::advance_to(base::Instant when) {
  notice_all();  // somebody may have pulled a cable since
  while (true) {
    const auto next = next_event();
    if (!next || *next > when) break;
    step_boards(*next);
    run_faults();
    while (run_due()) {
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      notice(i);
      if (nodes_[i].enumerate_at && *nodes_[i].enumerate_at <= now_) enumerate(i);
    }
  }
  step_boards(when);
}

void SimBus::advance_to_next(base::Instant latest) {
  const auto next = next_event();
  advance_to(next ? std::min(*next, latest) : latest);
}

void SimBus::at(base::Instant when, std::function<void()> action) {
  actions_.push_back({when, order_++, std::move(action)});
}

bool SimBus::run_due() {
  const auto first = std::min_element(
      actions_.begin(), actions_.end(), [](const Action& left, const Action& right) {
        return std::pair(left.when, left.order) < std::pair(right.when, right.order);
      });
  if (first == actions_.end() || first->when > now_) return false;
  const auto what = std::move(first->what);
  actions_.erase(first);
  what();
  return true;
}

void SimBus::run_faults() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    while (!node.faults.empty()) {
      const auto action = node.faults.take_due(node.board->flash(), now_);
      if (!action) break;
      strikes_world(i, *action);
    }
    notice(i);
  }
}

void SimBus::set_faults(std::size_t number, std::vector<Fault> faults) {
  nodes_[number].faults = FaultPlan(std::move(faults), nodes_[number].board->flash(), now_);
}

// Faults that happen to the board, not to a transfer. False: not one of these.
bool SimBus::strikes_world(std::size_t number, const FaultAction& action) {
  Board* const board = nodes_[number].board;
  switch (action.what) {
    case What::unplug:
      board->plug(false);
      if (action.time) at(now_ + *action.time, [board] { board->plug(true); });
      break;
    case What::power_cut:
      board->power(false);
      if (action.time) at(now_ + *action.time, [board] { board->power(true); });
      break;
    case What::reset:
      board->press_reset(true);
      at(now_ + kResetPress, [board] { board->press_reset(false); });
      break;
    default:
      return false;
  }
  notice(number);
  return true;
}

// A departure is seen at once; an arrival is a device to enumerate.
void SimBus::notice(std::size_t number) {
  Node& node = nodes_[number];
  if (node.board->attach_count() == node.seen_attach) return;
  node.seen_attach = node.board->attach_count();
  if (node.device) {
    node.device.reset();
    ++changes_;
  }
  node.out_counted = false;
  node.enumerate_at.reset();
  if (node.board->attached() && enumeration_ == Enumeration::here) {
    node.enumerate_at = now_ + timing_.enumeration;
  }
}

// --- transfers ---

base::Micros SimBus::wire_time(std::size_t bytes) const {
  return timing_.transfer + timing_.per_1000_bytes * static_cast<std::int64_t>(bytes) / 1000;
}

base::Instant SimBus::ready_at(std::size_t number) const {
  return std::max(now_, nodes_[number].board->ready_at());
}

SimBus::Pending SimBus::submit_control(std::size_t number, const usb::ControlSetup& setup,
                                       std::uint16_t length, base::ByteView out) {
  Node& node = nodes_[number];
  Board& board = *node.board;
  const TransferKind kind = classify(setup);
  const bool in = (setup.request_type & 0x80U) != 0;
  const auto fault = node.faults.on_transfer(kind);
  Pending pending{now_ + timing_.transfer, {}, board.attach_count()};
  ControlReply& reply = pending.reply;

  const auto ask = [&](Board::DataStage stage) {
    reply = board.control(setup, length, out, stage);
    const std::size_t bytes = in ? reply.data.size() : out.size();
    pending.done = now_ + wire_time(bytes) + reply.busy;
  };
  const std::size_t on_wire = out.size();
  if (!fault) {
    ask(Board::DataStage::completed);
  } else if (strikes_world(number, *fault)) {
    reply.kind = Kind::gone;
  } else {
    switch (fault->what) {
      case What::stall:
        reply.kind = Kind::stall;
        break;
      case What::timeout:
        reply.kind = Kind::never;
        break;
      case What::lost_data:
        reply.kind = in ? Kind::never : Kind::done;
        pending.done = now_ + wire_time(on_wire);
        break;
      case What::lost_answer:
        ask(Board::DataStage::abandoned);
        reply.kind = Kind::never;
        break;
      case What::short_answer:
        ask(Board::DataStage::completed);
        if (reply.data.size() > fault->bytes) reply.data.resize(fault->bytes);
        break;
      default:
        ask(Board::DataStage::completed);
        pending.done += fault->time.value_or(base::Micros::zero());
        break;
    }
  }
  if (observer_) {
    TransferRecord record{now_,
                          pending.done,
                          number,
                          pending.attach,
                          kind,
                          setup,
                          0,
                          length,
                          in ? base::ByteView(reply.data) : out,
                          outcome_name(reply.kind),
                          {}};
    const std::string what = fault ? to_string(*fault) : std::string();
    record.fault = what;
    observer_(record);
  }
  notice(number);
  return pending;
}

bool SimBus::submit_bulk_out(std::size_t number, std::uint8_t endpoint, base::ByteView data) {
  Node& node = nodes_[number];
  if (!node.out_counted) {
    node.out_counted = true;
    node.out_fault = node.faults.on_transfer(TransferKind::bulk_out);
    if (node.out_fault && strikes_world(number, *node.out_fault)) return false;
  }
  const bool swallowed = node.out_fault && node.out_fault->what == What::lost_data;
  const bool blocked = node.out_fault && !swallowed && node.out_fault->what != What::delay;
  if (blocked) return false;
  const std::uint32_t attach = node.board->attach_count();
  if (!swallowed && !node.board->bulk_out(endpoint, data)) return false;
  if (observer_) {
    const std::string what = node.out_fault ? to_string(*node.out_fault) : std::string();
    observer_({now_,
               now_ + wire_time(data.size()),
               number,
               attach,
               TransferKind::bulk_out,
               {},
               endpoint,
               static_cast<std::uint16_t>(data.size()),
               data,
               "done",
               what});
  }
  node.out_counted = false;
  notice(number);
  return true;
}

base::Bytes SimBus::submit_bulk_in(std::size_t number, std::uint8_t endpoint, std::size_t most) {
  Node& node = nodes_[number];
  const std::uint32_t attach = node.board->attach_count();
  base::Bytes data = node.board->bulk_in(endpoint, most);
  if (data.empty()) {
    notice(number);
    return data;
  }
  const auto fault = node.faults.on_transfer(TransferKind::bulk_in);
  if (fault) {
    if (fault->what == What::short_answer) {
      data.resize(std::min<std::size_t>(data.size(), fault->bytes));
    } else if (strikes_world(number, *fault) || fault->what != What::delay) {
      data.clear();
    }
  }
  if (observer_) {
    const std::string what = fault ? to_string(*fault) : std::string();
    observer_({now_,
               now_ + wire_time(data.size()),
               number,
               attach,
               TransferKind::bulk_in,
               {},
               endpoint,
               static_cast<std::uint16_t>(most),
               data,
               "done",
               what});
  }
  notice(number);
  return data;
}

}  // namespace sim
