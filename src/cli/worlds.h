// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The world that a command works in: this computer's, or that of a virtual Electron; traced if so
// asked. Made when a command first asks for it.

#include "base/result.h"
#include "cli/options.h"
#include "cli/world_source.h"
#include "discovery/device.h"
#include "release/release_set.h"
#include "rescue/rescue.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

class Worlds {
 public:
  // Both outlive it.
  Worlds(WorldSource& real, const GlobalOptions& global);
  Worlds(const Worlds&) = delete;
  Worlds& operator=(const Worlds&) = delete;

  // The world that --device names. Virtual Electrons take their modules from `firmware`, which may
  // be null, where it has them. Errors: usage, bad_file, and those of USB.
  base::Result<discovery::World*> world(const release::Library* firmware);
  // Exactly one device. Errors: no_device, ambiguous_device too.
  base::Result<discovery::Device> device(const release::Library* firmware);
  // Those that device() could not choose among.
  const std::vector<discovery::Device>& candidates() const { return candidates_; }
  // What --device says, without a sim: part. Errors: usage.
  base::Result<discovery::Selector> selector() const;
  // Why --trace did not get everything; empty if it did.
  std::string trace_problem() const;

 private:
  std::string_view named() const;  // the same as text
  base::Result<discovery::World*> untraced(const release::Library* firmware);

  WorldSource& real_;
  const GlobalOptions& global_;
  std::unique_ptr<rescue::Workplace> virtual_;
  std::unique_ptr<rescue::Workplace> traced_;
  discovery::World* world_ = nullptr;  // once a command has asked for it
  std::vector<discovery::Device> candidates_;
};

}  // namespace cli
