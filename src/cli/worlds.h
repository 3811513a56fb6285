// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The world that a command works in: this computer's, or that of a virtual Electron; traced if so
// asked. Made when a command first asks for it.

#include "base/files.h"
#include "base/result.h"
#include "cli/options.h"
#include "cli/world_source.h"
#include "discovery/device.h"
#include "release/release_set.h"

#include <memory>
#include <string>
#include <vector>

namespace sim {
class SimWorld;
}
namespace usb {
class TraceHost;
}

namespace cli {

class Worlds {
 public:
  // Both outlive it.
  Worlds(WorldSource& real, const GlobalOptions& global);
  ~Worlds();
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
  base::Result<discovery::World*> untraced(const release::Library* firmware);

  WorldSource& real_;
  const GlobalOptions& global_;
  std::unique_ptr<sim::SimWorld> sim_;
  std::unique_ptr<discovery::World> sim_world_;
  std::unique_ptr<base::LineFile> trace_file_;
  std::unique_ptr<usb::TraceHost> trace_host_;
  std::unique_ptr<discovery::World> world_;
  std::vector<discovery::Device> candidates_;
};

}  // namespace cli
