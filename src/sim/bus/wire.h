// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The virtual wire: boards on ports, the time they share, and the faults on the way. Who asks them
// is elsewhere: virtual_host.h is a computer's end in virtual time; sim/kernel gives them to a real
// kernel. Single-threaded.

#include "sim/board/board.h"
#include "sim/bus/faults.h"
#include "sim/bus/time.h"
#include "sim/bus/transfer_log.h"
#include "usb/host.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace sim {

inline constexpr std::uint8_t kSetLineCoding = 0x20;  // PSTN 1.2, table 13

// Full speed: measured on a USB 2.0 host, a 4096-byte stage takes 4 to 5 ms and an empty control
// transfer a part of a 1 ms frame.
struct BusTiming {
  base::Micros transfer{150};         // each transfer, besides its data
  base::Micros per_1000_bytes{1000};  // data stage
  base::Micros enumeration{200'000};  // pull-up to configured: debounce, reset, descriptors
};

class Wire {
 public:
  explicit Wire(base::Instant start);

  // On port n + 1 of bus 1, n being the number returned. The board must outlive the wire.
  std::size_t add(Board& board);
  std::size_t size() const { return nodes_.size(); }
  Board& board(std::size_t number) { return *nodes_[number].board; }
  const Board& board(std::size_t number) const { return *nodes_[number].board; }
  usb::PortPath port(std::size_t number) const;

  // --- time, for all boards alike ---
  base::Instant now() const { return time_.now(); }
  std::optional<base::Instant> next_event() const;
  void advance_to(base::Instant when);
  // To the next event, or to `latest` if that comes first.
  void advance_to_next(base::Instant latest);
  // The world's hand: does something at a moment, also in the middle of a transfer.
  void at(base::Instant when, std::function<void()> action) { time_.at(when, std::move(action)); }

  // --- faults and observation ---
  void set_faults(std::size_t number, std::vector<Fault> faults);
  const FaultPlan& faults(std::size_t number) const { return nodes_[number].faults; }
  void set_observer(TransferObserver observer) { observer_ = std::move(observer); }
  void set_timing(const BusTiming& timing) { timing_ = timing; }
  const BusTiming& timing() const { return timing_; }
  // For whoever enumerates: called with a board's number when it has come, or gone, or both.
  // Somebody may have pulled a cable since: look() makes sure that all was told.
  void on_change(std::function<void(std::size_t)> told) { told_ = std::move(told); }
  void look();

  // --- one transfer, without waiting: who asks waits himself ---
  // When the device will take the next request.
  base::Instant ready_at(std::size_t number) const;
  struct Pending {
    base::Instant done{};  // the reply is the host's from this moment, if attach_count is still
    ControlReply reply{};  // this; Kind::never: no answer will come
    std::uint32_t attach = 0;
  };
  // now() must be ready_at() or later.
  Pending submit_control(std::size_t number, const usb::ControlSetup& setup, std::uint16_t length,
                         base::ByteView out);
  // False: NAK, offer it again later (after an event, or a millisecond), or withdraw it.
  bool submit_bulk_out(std::size_t number, std::uint8_t endpoint, base::ByteView data);
  void withdraw_bulk_out(std::size_t number) { nodes_[number].out_counted = false; }
  // Empty: NAK.
  base::Bytes submit_bulk_in(std::size_t number, std::uint8_t endpoint, std::size_t most);

 private:
  struct Node {
    Board* board = nullptr;
    FaultPlan faults;
    std::uint32_t seen_attach = 0;
    bool out_counted = false;  // the bulk OUT data on offer have met their fault
    std::optional<FaultAction> out_fault;
  };

  Pending answer(std::size_t number, const usb::ControlSetup& setup, std::uint16_t length,
                 base::ByteView out, Board::DataStage stage);
  Pending answer_with(const FaultAction& fault, std::size_t number, const usb::ControlSetup& setup,
                      std::uint16_t length, base::ByteView out);
  void notice(std::size_t number);
  bool strikes_world(std::size_t number, const FaultAction& action);
  void step_boards(base::Instant when);
  void run_faults();
  base::Micros wire_time(std::size_t bytes) const;

  Time time_;
  BusTiming timing_;
  std::vector<Node> nodes_;
  TransferObserver observer_;
  std::function<void(std::size_t)> told_;
};

}  // namespace sim
