// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bus/wire.h"

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

Wire::Wire(base::Instant start) : time_(start) {}

std::size_t Wire::add(Board& board) {
  Node node;
  node.board = &board;
  nodes_.push_back(std::move(node));
  board.advance_to(now());
  notice(nodes_.size() - 1);
  return nodes_.size() - 1;
}

usb::PortPath Wire::port(std::size_t number) const {
  return {1, {static_cast<std::uint8_t>(number + 1)}};
}

// --- time ---

std::optional<base::Instant> Wire::next_event() const {
  std::optional<base::Instant> next = time_.next();
  const auto consider = [&next](std::optional<base::Instant> when) {
    if (when && (!next || *when < *next)) next = when;
  };
  for (const Node& node : nodes_) {
    consider(node.board->next_event());
    if (!node.faults.empty()) consider(node.faults.next_event(node.board->flash()));
  }
  return next;
}

void Wire::step_boards(base::Instant when) {
  time_.pass_to(when);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].board->advance_to(now());
    notice(i);
  }
}

void Wire::look() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) notice(i);
}

void Wire::advance_to(base::Instant when) {
  look();
  while (true) {
    const auto next = next_event();
    if (!next || *next > when) break;
    step_boards(*next);
    run_faults();
    while (time_.run_due()) look();
  }
  step_boards(when);
}

void Wire::advance_to_next(base::Instant latest) {
  const auto next = next_event();
  advance_to(next ? std::min(*next, latest) : latest);
}

void Wire::run_faults() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    while (!node.faults.empty()) {
      const auto action = node.faults.take_due(node.board->flash(), now());
      if (!action) break;
      strikes_world(i, *action);
    }
    notice(i);
  }
}

void Wire::set_faults(std::size_t number, std::vector<Fault> faults) {
  nodes_[number].faults = FaultPlan(std::move(faults), nodes_[number].board->flash(), now());
}

// Faults that happen to the board, not to a transfer. False: not one of these.
bool Wire::strikes_world(std::size_t number, const FaultAction& action) {
  Board* const board = nodes_[number].board;
  switch (action.what) {
    case What::unplug:
      board->plug(false);
      if (action.time) at(now() + *action.time, [board] { board->plug(true); });
      break;
    case What::power_cut:
      board->power(false);
      if (action.time) at(now() + *action.time, [board] { board->power(true); });
      break;
    case What::reset:
      board->press_reset(true);
      at(now() + kResetPress, [board] { board->press_reset(false); });
      break;
    default:
      return false;
  }
  notice(number);
  return true;
}

void Wire::notice(std::size_t number) {
  Node& node = nodes_[number];
  if (node.board->attach_count() == node.seen_attach) return;
  node.seen_attach = node.board->attach_count();
  node.out_counted = false;
  if (told_) told_(number);
}

// --- transfers ---

base::Micros Wire::wire_time(std::size_t bytes) const {
  return timing_.transfer + timing_.per_1000_bytes * static_cast<std::int64_t>(bytes) / 1000;
}

base::Instant Wire::ready_at(std::size_t number) const {
  return std::max(now(), nodes_[number].board->ready_at());
}

Wire::Pending Wire::submit_control(std::size_t number, const usb::ControlSetup& setup,
                                   std::uint16_t length, base::ByteView out) {
  Node& node = nodes_[number];
  const TransferKind kind = classify(setup);
  const auto fault = node.faults.on_transfer(kind);
  const std::uint32_t attach = node.board->attach_count();
  Pending pending = fault ? answer_with(*fault, number, setup, length, out)
                          : answer(number, setup, length, out, Board::DataStage::completed);
  pending.attach = attach;
  if (observer_) {
    const bool in = (setup.request_type & 0x80U) != 0;
    const std::string what = fault ? to_string(*fault) : std::string();
    observer_({now(), pending.done, number, attach, kind, setup, 0, length,
               in ? base::ByteView(pending.reply.data) : out, outcome_name(pending.reply.kind),
               what});
  }
  notice(number);
  return pending;
}

Wire::Pending Wire::answer(std::size_t number, const usb::ControlSetup& setup, std::uint16_t length,
                           base::ByteView out, Board::DataStage stage) {
  Pending pending;
  pending.reply = nodes_[number].board->control(setup, length, out, stage);
  const std::size_t bytes = out.size() + pending.reply.data.size();
  pending.done = now() + wire_time(bytes) + pending.reply.busy;
  return pending;
}

Wire::Pending Wire::answer_with(const FaultAction& fault, std::size_t number,
                                const usb::ControlSetup& setup, std::uint16_t length,
                                base::ByteView out) {
  const bool in = (setup.request_type & 0x80U) != 0;
  const auto unheard = [&](Kind kind) {
    return Pending{now() + wire_time(out.size()), {kind, {}, {}}, 0};
  };
  if (strikes_world(number, fault)) return unheard(Kind::gone);
  switch (fault.what) {
    case What::stall:
      return unheard(Kind::stall);
    case What::timeout:
      return unheard(Kind::never);
    case What::lost_data:
      return unheard(in ? Kind::never : Kind::done);
    case What::lost_answer: {
      Pending pending = answer(number, setup, length, out, Board::DataStage::abandoned);
      pending.reply.kind = Kind::never;
      return pending;
    }
    case What::short_answer: {
      Pending pending = answer(number, setup, length, out, Board::DataStage::completed);
      if (pending.reply.data.size() > fault.bytes) pending.reply.data.resize(fault.bytes);
      return pending;
    }
    default: {
      Pending pending = answer(number, setup, length, out, Board::DataStage::completed);
      pending.done += fault.time.value_or(base::Micros::zero());
      return pending;
    }
  }
}

bool Wire::submit_bulk_out(std::size_t number, std::uint8_t endpoint, base::ByteView data) {
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
    observer_({now(),
               now() + wire_time(data.size()),
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

base::Bytes Wire::submit_bulk_in(std::size_t number, std::uint8_t endpoint, std::size_t most) {
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
    observer_({now(),
               now() + wire_time(data.size()),
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
