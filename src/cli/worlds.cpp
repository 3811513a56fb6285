// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/worlds.h"

#include "discovery/identity.h"

namespace cli {

Worlds::Worlds(WorldSource& real, const GlobalOptions& global) : real_(real), global_(global) {}

base::Result<discovery::Selector> Worlds::selector() const {
  return discovery::parse_selector(named());
}

std::string_view Worlds::named() const {
  return global_.simulated() ? std::string_view() : global_.device;
}

base::Result<discovery::World*> Worlds::untraced(const release::Library* firmware) {
  if (!global_.simulated()) return real_.world();
  if (global_.device == "sim:") {
    return base::make_error(base::Errc::usage, "--device sim: names no state",
                            "say sim:blank, sim:RELEASE such as sim:1.5.0, or sim:FILE.json");
  }
  const release::Library none;
  TRY_ASSIGN(virtual_,
             rescue::virtual_electron(global_.device, firmware == nullptr ? none : *firmware));
  return &virtual_->world();
}

base::Result<discovery::World*> Worlds::world(const release::Library* firmware) {
  if (world_ != nullptr) return world_;
  TRY_ASSIGN(discovery::World * bare, untraced(firmware));
  if (!global_.trace_file.empty()) {
    TRY_ASSIGN(traced_, rescue::traced(*bare, global_.trace_file));
    bare = &traced_->world();
  }
  world_ = bare;
  return world_;
}

base::Result<discovery::Device> Worlds::device(const release::Library* firmware) {
  TRY_ASSIGN(discovery::World * found, world(firmware));
  rescue::Rescue electrons(*found);
  auto chosen = electrons.device(named());
  if (!chosen && chosen.error().code == base::Errc::ambiguous_device) {
    TRY_ASSIGN(const discovery::Selector wanted, selector());
    TRY_ASSIGN(candidates_, electrons.devices());
    std::erase_if(candidates_,
                  [&](const auto& device) { return !discovery::matches(wanted, device); });
  }
  return chosen;
}

std::string Worlds::trace_problem() const {
  return traced_ == nullptr ? std::string() : traced_->problem();
}

}  // namespace cli
