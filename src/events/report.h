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

namespace events {

// Sums over one job, over all times the device was opened. Times in seconds.
struct Totals {
  std::uint64_t bytes_written = 0;    // programmed, repetitions included
  std::uint64_t bytes_verified = 0;   // read back after writing and found right
  std::uint64_t bytes_read = 0;       // everything that was read
  std::uint64_t sectors_erased = 0;   // erases that the device carried out
  std::uint64_t transfers = 0;        // control transfers of the DFU engine
  std::uint64_t write_transfers = 0;  // of these, for erasing and writing
  double seconds = 0;
};

// What became of one step of the plan, all rounds of the job added up. All false: not reached.
struct StepReport {
  plan::Step step;
  bool erased = false;    // its sector was erased by it (a blank one need not be)
  bool written = false;   // all of it was programmed, or sent
  bool verified = false;  // read back and equal byte for byte; for `skip`: found equal
  bool told = false;      // the device says that it has it: all that there is over serial
  std::uint64_t bytes_written = 0;
  std::uint64_t bytes_verified = 0;
  int attempts = 0;  // 1 if all went well at once
  double seconds = 0;
  bool touched() const { return erased || attempts > 0; }
};

// What a later round of the same job did to the same step: a device that was lost in between is
// looked at afresh, and what was finished before is found there.
void add_round(StepReport& sum, const StepReport& later);

struct StageReport {
  std::size_t number = 0;  // in the plan that is told in the events, from 0
  std::optional<release::Version> release;
  plan::Medium medium = plan::Medium::dfu;
  std::vector<StepReport> steps;  // as the plan's, in its order
  bool complete = false;
  bool booted = false;  // the device came back running after it
};

// A comparison with a file, of `verify`.
struct Comparison {
  firmware::CheckedModule module;
  bool compared = false;  // it was read whole; else nothing else here means anything
  bool equal = false;
  std::uint32_t first_difference = 0;  // address; meaningful unless equal
  std::uint64_t different_bytes = 0;
};

// A region that went into a backup file.
struct SavedRegion {
  std::string name;
  base::AddressRange range;
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
enum class Whereabouts {
  unknown,
  dfu,
  serial,
  listening,  // left there on purpose, for the same command again
  starting,   // it was told to start, and has not been seen since
  gone,
};
// One sentence: "it is in DFU mode (LED blinks yellow)". With an error it also says that the same
// command goes on from there, where that is so.
std::string describe(Whereabouts where, const std::optional<base::Error>& error);

// What a device told about itself when it was asked. Empty: not asked, or not told.
struct Identity {
  std::string id;  // 24 hex digits
  std::string imei;
  std::string iccid;
  std::string release;            // "2.3.1": what it says it runs
  std::string cellular_firmware;  // of the modem; since 2.1.0
};

struct DeviceReport {
  std::string goal;  // "flash", "restore", "backup", "verify", "look"
  usb::PortPath port;
  std::string id;     // 24 hex digits; empty if the device has none to tell
  Identity identity;  // as it told it in listening mode
  std::optional<plan::InstalledState> before;
  std::optional<plan::InstalledState> after;  // as read or written and verified last
  std::vector<std::uint16_t> bootloaders;     // that were seen on it, each change once
  std::optional<plan::Plan> plan;             // the first one, as it was approved
  std::optional<plan::Refusal> refusal;       // then `error` has kind `refused` and its code
  // One for each stage of the plan, in order; a stage that only a later look found necessary is
  // added behind.
  std::vector<StageReport> stages;
  std::vector<Comparison> comparisons;
  std::vector<SavedRegion> saved;     // of `backup`
  std::vector<std::string> left_out;  // regions of a restored backup that are never written
  Totals totals;
  std::vector<std::string> backups;  // paths; usually one
  ConfirmedBy confirmed = ConfirmedBy::none;
  std::vector<plan::InstalledModule> confirmed_modules;  // empty unless asked or read back
  Whereabouts whereabouts = Whereabouts::unknown;
  std::string device_state;          // describe(), or more where more is known. Set always
  std::optional<base::Error> error;  // none: everything that was asked for was done
  bool ok() const { return !error.has_value(); }
  // Something on the device was erased, written or sent.
  bool touched() const;
};

}  // namespace events
