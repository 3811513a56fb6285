// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Several virtual Electrons for a program that works on them from several threads at a time. Each
// has a wire of its own, "usb:1-N", and a time of its own: a transfer takes none of the computer's,
// and whatever the computer takes passes for the board, too.

#include "sim/world/electron.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace sim {

class Hall : public std::enable_shared_from_this<Hall> {
  struct Key {};  // only make() makes one

 public:
  static constexpr std::size_t kMostBoards = 120;

  // `clock` is thread-safe, and outlives it and all that it makes. Errors: usage (none, or too
  // many), and those of SimWorld::make().
  static base::Result<std::shared_ptr<Hall>> make(const std::vector<ElectronSpec>& electrons,
                                                  const release::Library& library,
                                                  base::Clock& clock);
  explicit Hall(Key) {}

  std::size_t size() const { return wires_.size(); }
  // For one thread each; they hold the hall.
  std::unique_ptr<usb::Host> host();
  std::unique_ptr<serial::Ports> ports();

  // A wire, and its time brought to the present, for as long as this lives.
  class Turn;

 private:
  friend class HallHost;
  friend class HallPorts;
  struct OwnWire {
    std::mutex mutex;
    std::unique_ptr<SimWorld> world;
    base::Instant seen{};  // the computer's time, when it was brought up to that
  };

  std::vector<std::unique_ptr<OwnWire>> wires_;
  base::Clock* clock_ = nullptr;
};

}  // namespace sim
