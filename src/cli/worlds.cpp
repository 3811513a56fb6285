// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/worlds.h"

#include "discovery/identity.h"
#include "sim/world/electron.h"
#include "usb/trace.h"

namespace cli {

Worlds::Worlds(WorldSource& real, const GlobalOptions& global) : real_(real), global_(global) {}
Worlds::~Worlds() = default;

base::Result<discovery::Selector> Worlds::selector() const {
  return discovery::parse_selector(global_.simulated() ? std::string_view() : global_.device);
}

base::Result<discovery::World*> Worlds::untraced(const release::Library* firmware) {
  if (!global_.simulated()) return real_.world();
  if (global_.device == "sim:") {
    return base::make_error(base::Errc::usage, "--device sim: names no state",
                            "say sim:blank, sim:RELEASE such as sim:1.5.0, or sim:FILE.json");
  }
  const release::Library none;
  TRY_ASSIGN(sim_,
             sim::SimWorld::from_selector(global_.device, firmware == nullptr ? none : *firmware));
  sim_world_ = std::make_unique<discovery::World>(
      discovery::World{sim_->usb(), sim_->serial(), sim_->clock()});
  return sim_world_.get();
}

base::Result<discovery::World*> Worlds::world(const release::Library* firmware) {
  if (world_ != nullptr) return world_.get();
  TRY_ASSIGN(discovery::World * bare, untraced(firmware));
  if (global_.trace_file.empty()) {
    world_ = std::make_unique<discovery::World>(*bare);
    return world_.get();
  }
  TRY_ASSIGN(auto trace, base::LineFile::append(global_.trace_file, base::Privacy::owner_only));
  trace_file_ = std::make_unique<base::LineFile>(std::move(trace));
  const platform::Platform& platform = platform::electron();
  trace_host_ = std::make_unique<usb::TraceHost>(
      bare->usb, bare->clock, usb::TraceAreas{platform.flash, platform.configuration},
      [file = trace_file_.get()](std::string_view line) { file->line(line); });
  world_ = std::make_unique<discovery::World>(
      discovery::World{*trace_host_, bare->serial, bare->clock, bare->locks});
  return world_.get();
}

base::Result<discovery::Device> Worlds::device(const release::Library* firmware) {
  TRY_ASSIGN(discovery::World * found, world(firmware));
  TRY_ASSIGN(const discovery::Selector wanted, selector());
  auto chosen = discovery::choose(*found, platform::electron(), wanted);
  if (!chosen && chosen.error().code == base::Errc::ambiguous_device) {
    TRY_ASSIGN(candidates_, discovery::list(*found, platform::electron()));
    std::erase_if(candidates_,
                  [&](const auto& device) { return !discovery::matches(wanted, device); });
  }
  return chosen;
}

std::string Worlds::trace_problem() const {
  return trace_file_ == nullptr ? std::string() : trace_file_->problem();
}

}  // namespace cli
