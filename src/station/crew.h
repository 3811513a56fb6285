// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What takes time, as a seam: asking a device, a job, hooks. One thing at a time for each slot. On
// threads in a real station; in a test whatever makes time pass.

#include "base/result.h"
#include "discovery/device.h"
#include "events/event.h"
#include "events/report.h"
#include "records/row.h"
#include "station/config.h"
#include "station/hooks.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace station {

using SlotNumber = std::size_t;
// Hooks that belong to no slot.
inline constexpr SlotNumber kNoSlot = static_cast<SlotNumber>(-1);

struct JobOrder {
  discovery::Device device;
  records::Kind kind = records::Kind::work;
  std::string job;      // id of its row
  std::string made_at;  // time of day, for the backup
  std::string slot{};
  std::string hub{};      // boards on one hub share its power
  int boots_at_once = 0;  // boards of the hub that may start at the same time; 0: all
};
struct HookOrder {
  std::vector<HookConfig> hooks;  // run one after the other, until one does not agree
  std::string job;
  std::string slot;
  std::string document;  // JSON, on standard input
};

// What comes of it. Exactly one of Identified, JobOver and HooksOver answers an order, also where
// it was cancelled.
struct Identified {
  base::Result<events::Identity> identity;
};
struct JobSaid {
  events::Event event;  // JobFinished is not told: JobOver is
};
// The job found a device on its port, enumerated anew.
struct JobSaw {
  usb::DeviceInfo device;
};
struct JobOver {
  std::shared_ptr<const events::DeviceReport> report;
};
struct HooksOver {
  HookVerdict verdict;
};
struct News {
  SlotNumber slot = kNoSlot;
  std::variant<Identified, JobSaid, JobSaw, JobOver, HooksOver> what;
};

class Crew {
 public:
  virtual ~Crew() = default;
  // Takes a running device to listening mode and asks who it is.
  virtual void identify(SlotNumber slot, const discovery::Device& device) = 0;
  virtual void run_job(SlotNumber slot, JobOrder order) = 0;
  virtual void run_hooks(SlotNumber slot, HookOrder order) = 0;
  // Ends what is under way for the slot: at the next safe point, or at once.
  virtual void cancel(SlotNumber slot, bool at_once) = 0;
};

}  // namespace station
