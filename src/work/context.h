// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cancel.h"
#include "discovery/world.h"
#include "events/event.h"
#include "platform/platform.h"
#include "release/catalogue.h"
#include "work/fault_policy.h"

namespace work {

// What work on one device needs. One value, made by whoever starts the work and handed down; all of
// it outlives the work. A device and its context belong to one thread.
struct Context {
  discovery::World& world;
  const platform::Platform& platform;
  const release::Catalogue& catalogue;
  events::Sink& sink;
  const base::CancelToken& cancel;
  const FaultPolicy& policy;
};

}  // namespace work
