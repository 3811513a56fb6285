// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The virtual bus: boards on ports, the time they share, the faults on the way, and the computer's
// end as usb::Host. serial_port.h has the serial ports over the same bus. Single-threaded.

#include "sim/board/board.h"
#include "sim/bus/faults.h"
#include "sim/bus/transfer_log.h"
#include "usb/host.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
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

class SimBus final : public usb::Host {
 public:
  // Who enumerates: this bus, as an operating system does, or somebody outside who drives the
  // submit_ functions (a real kernel).
  enum class Enumeration { here, outside };

  SimBus(base::Instant start, Enumeration enumeration);
  ~SimBus() override;

  // On port n + 1 of bus 1, n being the number returned. The board must outlive the bus.
  std::size_t add(Board& board);
  std::size_t size() const { return nodes_.size(); }
  Board& board(std::size_t number) { return *nodes_[number].board; }
  usb::PortPath port(std::size_t number) const;

  // --- time, for all boards alike ---
  base::Instant now() const { return now_; }
  std::optional<base::Instant> next_event() const;
  void advance_to(base::Instant when);
  // The world's hand: does something at a moment, also in the middle of a transfer.
  void at(base::Instant when, std::function<void()> action);

  // --- faults and observation ---
  void set_faults(std::size_t number, std::vector<Fault> faults);
  const FaultPlan& faults(std::size_t number) const { return nodes_[number].faults; }
  void set_observer(TransferObserver observer) { observer_ = std::move(observer); }
  void set_timing(const BusTiming& timing) { timing_ = timing; }

  // --- usb::Host ---
  base::Result<std::vector<usb::DeviceInfo>> list(std::uint16_t vendor) override;
  base::Result<std::unique_ptr<usb::Transport>> open(const usb::DeviceInfo& info) override;
  void wait_for_change(base::Millis most, const base::CancelToken& cancel) override;

  // --- one transfer, without waiting: for a kernel that waits itself ---
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
  // False: NAK, offer it again later (after an event, or a millisecond).
  bool submit_bulk_out(std::size_t number, std::uint8_t endpoint, base::ByteView data);
  // Empty: NAK.
  base::Bytes submit_bulk_in(std::size_t number, std::uint8_t endpoint, std::size_t most);

  // --- the same, waiting in virtual time; for the host's end in this room ---
  // `attach`: Board::attach_count() when the device was opened. Errors as usb::Transport.
  struct Address {
    std::size_t number = 0;
    std::uint32_t attach = 0;
  };
  base::Result<base::Bytes> control(Address device, const usb::ControlSetup& setup,
                                    std::uint16_t length, base::ByteView out, base::Millis timeout);
  base::Result<> bulk_out(Address device, std::uint8_t endpoint, base::ByteView data,
                          base::Millis timeout);
  base::Result<base::Bytes> bulk_in(Address device, std::uint8_t endpoint, std::size_t most,
                                    base::Millis timeout);
  bool present(Address device) const;

  // What the enumeration learnt of the device on a port; none while there is no configured device.
  struct Enumerated {
    usb::DeviceInfo info;
    std::uint32_t attach = 0;
    base::Bytes configuration;
    std::string serial;
    int serial_port = -1;                // N of /dev/ttyACMN; -1 without a CDC interface
    std::uint8_t control_interface = 0;  // CDC
    std::uint8_t bulk_in_endpoint = 0;
    std::uint8_t bulk_out_endpoint = 0;
    std::set<std::uint8_t> claimed;  // interfaces in use by an open device
    bool serial_open = false;
    std::uint32_t baud = 9600;  // the line coding last sent; the driver sends only changes
  };
  Enumerated* enumerated(std::size_t number);

 private:
  struct Node {
    Board* board = nullptr;
    FaultPlan faults;
    std::uint32_t seen_attach = 0;
    std::optional<base::Instant> enumerate_at;
    std::optional<Enumerated> device;
    bool out_counted = false;  // the bulk OUT data on offer have met their fault
    std::optional<FaultAction> out_fault;
  };
  struct Action {
    base::Instant when;
    std::uint64_t order;
    std::function<void()> what;
  };

  Pending answer(std::size_t number, const usb::ControlSetup& setup, std::uint16_t length,
                 base::ByteView out, Board::DataStage stage);
  Pending answer_with(const FaultAction& fault, std::size_t number, const usb::ControlSetup& setup,
                      std::uint16_t length, base::ByteView out);
  void notice(std::size_t number);
  void notice_all();
  void enumerate(std::size_t number);
  int free_serial_port() const;
  bool strikes_world(std::size_t number, const FaultAction& action);
  void step_boards(base::Instant when);
  bool run_due();
  void run_faults();
  base::Micros wire_time(std::size_t bytes) const;
  void advance_to_next(base::Instant latest);

  base::Instant now_;
  Enumeration enumeration_;
  BusTiming timing_;
  std::vector<Node> nodes_;
  std::vector<Action> actions_;
  std::uint64_t order_ = 0;
  std::uint64_t changes_ = 0;  // arrivals and departures
  std::uint8_t next_address_ = 1;
  TransferObserver observer_;
};

}  // namespace sim
