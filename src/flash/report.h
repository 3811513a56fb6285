// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a job did, as a value: report renders it as text or JSON and makes an exit code of it.

#include "base/address_range.h"
#include "base/result.h"
#include "plan/plan.h"
#include "usb/device_info.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flash {

// Sums over one job, over all times the device was opened. Times in seconds.
struct Totals {
  std::uint64_t bytes_written = 0;   // programmed, repetitions included
  std::uint64_t bytes_verified = 0;  // read back after writing and found right
  std::uint64_t bytes_read = 0;      // everything that was read
  std::uint64_t sectors_erased = 0;
  std::uint64_t transfers = 0;        // control transfers of the DFU engine
  std::uint64_t write_transfers = 0;  // of these, for erasing and writing
  double seconds = 0;
};

struct StepReport {
  plan::Step step;
  bool erased = false;    // its sector was erased in this job (a blank one need not be)
  bool written = false;   // all of it was programmed
  bool verified = false;  // read back and equal byte for byte; for a skipped step: found equal
  std::uint64_t bytes_written = 0;
  std::uint64_t bytes_verified = 0;
  int attempts = 0;  // 1 if all went well at once
  double seconds = 0;
};

// What a restore did to one region of the backup. All false: not reached.
struct RegionReport {
  std::string name;                          // as in the backup's manifest
  std::optional<platform::ModuleId> module;  // whose place it is; none: the factory image
  base::AddressRange range;
  bool erased = false;
  bool written = false;
  bool verified = false;  // read back and equal; if nothing was written: found equal
  std::uint64_t bytes_written = 0;
  std::uint64_t bytes_verified = 0;
  int attempts = 0;
  double seconds = 0;
};

// What was done to a part (or region) in an earlier and in a later round of the same job, as one: a
// device that was lost in between is looked at afresh, and what was finished before is found there.
template <class Report>
void add_round(Report& sum, const Report& later) {
  const bool touched = later.erased || later.attempts > 0;
  sum.erased = sum.erased || later.erased;
  sum.bytes_written += later.bytes_written;
  sum.bytes_verified += later.bytes_verified;
  sum.attempts += later.attempts;
  sum.seconds += later.seconds;
  sum.verified = later.verified || (sum.verified && !touched);
  if (touched) sum.written = later.written;
  // Found right where this job was at work: its last block had arrived, only the answer had not.
  const bool worked_on = sum.erased || sum.bytes_written > 0;
  sum.written = sum.written || (sum.verified && worked_on);
}

struct StageReport {
  std::optional<release::Version> release;
  std::vector<StepReport> steps;
  bool guarded = false;  // index 1 was erased first and its start address written last
  bool complete = false;
  bool booted = false;  // the device came back with a serial port after it
};

// How it was made sure that the device runs what was written.
enum class ConfirmedBy {
  none,         // not at all
  dfu,          // it stays in DFU mode, and the modules were read from flash
  listening,    // it told in listening mode
  enumeration,  // it came back on the bus as a running device
};
std::string_view name(ConfirmedBy by);

// Where a device is when a job ends.
enum class Whereabouts { unknown, dfu, serial, gone };

struct DeviceReport {
  usb::PortPath port;
  std::string id;  // 24 hex digits; empty if the device has none to tell
  std::optional<plan::InstalledState> before;
  std::optional<plan::InstalledState> after;  // as read or written and verified last
  std::optional<plan::Plan> plan;             // the first one, as it was approved
  std::optional<plan::Refusal> refusal;       // then `error` has kind `refused` and its code
  std::vector<StageReport> stages;            // what was worked on, in order
  std::vector<RegionReport> regions;          // of a restore, in the order of its file
  Totals totals;
  std::vector<std::string> backups;  // paths; usually one
  ConfirmedBy confirmed = ConfirmedBy::none;
  std::vector<plan::InstalledModule> confirmed_modules;  // empty unless asked or read back
  Whereabouts whereabouts = Whereabouts::unknown;
  // "it is in DFU mode and returns to it by itself; run the same command again". Set always.
  std::string device_state;
  std::optional<base::Error> error;  // none: everything that was asked for was done
  bool ok() const { return !error.has_value(); }
};

}  // namespace flash
