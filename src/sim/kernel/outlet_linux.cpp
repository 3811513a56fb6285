// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/kernel/outlet_linux.h"

#include <algorithm>
#include <utility>

namespace sim {
namespace {

// The kernel takes a device out in a thread of its own and tells nobody when it is done.
constexpr base::Micros kPortBusyRetry{5'000};

}  // namespace

Outlet::Outlet(const Vhci& vhci, int port, Wire& wire, std::size_t number, const BusTiming& timing)
    : vhci_(&vhci), port_(port), wire_(&wire), number_(number), timing_(timing) {}

base::Result<> Outlet::follow() {
  const Board& board = wire_->board(number_);
  if (connected()) {
    device_->run();
    const base::Bytes output = device_->take_output();
    // A connection that the kernel has dropped shows at the next receive().
    if (!output.empty() && !write_all(socket_.number(), output)) disconnect();
    if (!board.attached() || board.attach_count() != attach_) disconnect();
  }
  if (board.attached() && !connected() && (!retry_at_ || *retry_at_ <= wire_->now())) {
    TRY(connect());
  }
  return {};
}

base::Result<> Outlet::connect() {
  auto socket = vhci_->attach(port_);
  if (!socket) {
    if (socket.error().code != base::Errc::busy) return std::move(socket.error());
    retry_at_ = wire_->now() + kPortBusyRetry;
    return {};
  }
  retry_at_.reset();
  socket_ = std::move(*socket);
  device_.emplace(*wire_, number_, timing_);
  attach_ = wire_->board(number_).attach_count();
  return {};
}

void Outlet::disconnect() {
  socket_ = Descriptor();
  device_.reset();
}

base::Result<> Outlet::receive() {
  TRY_ASSIGN(const base::Bytes bytes, read_some(socket_.number()));
  if (bytes.empty()) {
    disconnect();
    return {};
  }
  return device_->receive(bytes);
}

std::optional<base::Instant> Outlet::next_event() const {
  if (connected()) return device_->next_event();
  return wire_->board(number_).attached() ? retry_at_ : std::nullopt;
}

}  // namespace sim
