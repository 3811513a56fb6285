// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The whole jobs on one device, from finding it in any mode to the report. They share one thread
// with their caller and never fail to return: the outcome is in the report.

#include "discovery/device.h"
#include "events/event.h"
#include "flash/fault_policy.h"
#include "flash/flash_image.h"
#include "flash/mode_switch.h"
#include "flash/report.h"
#include "plan/plan.h"
#include "release/release_set.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace flash {

// What every job needs from its caller. All of it outlives the job.
struct Bench {
  discovery::World& world;
  const platform::Platform& platform;
  events::Sink& sink;
  const base::CancelToken& cancel;
  ModeSwitcher& switcher;
  const FaultPolicy& policy;
};

// --- probe: what one device has in its flash ---

struct Probe {
  discovery::Device device;  // in DFU mode, as it was opened
  plan::InstalledState state;
  FlashImage image;
  Totals totals;
};
// The device must be in DFU mode and stays there. Errors: access_denied, busy, device_gone, ….
base::Result<Probe> probe(Bench& bench, const discovery::Device& device);

// Brings a device into DFU mode from any mode; asks for the MODE button (events::ActionNeeded)
// where it does not go by itself. Errors: timeout, cancelled, access_denied.
base::Result<discovery::Device> bring_to_dfu(Bench& bench, const discovery::Device& device);
// Leaves DFU mode and waits for the device to be back with a serial port. Errors: not_back, ….
base::Result<discovery::Device> leave_dfu(Bench& bench, const discovery::Device& device);

// --- flash: to a release ---

struct JobRequest {
  plan::Request goal;                             // library, target, user part, leave_in_dfu, …
  const release::Catalogue* catalogue = nullptr;  // not null
  // Stop after the plan; nothing is written. A device that was running runs again afterwards.
  bool dry_run = false;
  bool was_running = false;  // before the caller took it to DFU mode for this job
  // Where the backup goes; none: --no-backup. See default_backup_path().
  std::optional<std::string> backup_path;
  std::string made_at;  // the time of day as text, for the backup's manifest
  // Shown the first plan before anything is written; false stops the job as if interrupted. Empty:
  // go on.
  std::function<bool(const plan::Plan&, const plan::InstalledState&)> approve;
};
// Read, back up, plan, write, verify, boot, and plan again from what is really there, until the
// device has the target. Whatever stops it, the same job run again goes on.
DeviceReport run_job(Bench& bench, const discovery::Device& device, const JobRequest& request);

// --- verify: compare with a release ---

struct ModuleComparison {
  firmware::CheckedModule module;
  bool compared = false;  // it was read whole; else nothing else here means anything
  bool equal = false;
  std::uint32_t first_difference = 0;  // address; meaningful unless equal
  std::uint64_t different_bytes = 0;
};
struct VerifyReport {
  std::vector<ModuleComparison> modules;
  Totals totals;
  std::optional<base::Error> error;  // verify_mismatch if a module differs
  bool ok() const { return !error.has_value(); }
};
// The device must be in DFU mode and stays there.
VerifyReport verify(Bench& bench, const discovery::Device& device,
                    const std::vector<firmware::CheckedModule>& modules);

// --- backup and restore ---

struct BackupRequest {
  std::string path;
  bool include_keys = false;  // the device configuration too: keys; the file is for its owner only
  std::string made_at;
};
struct BackupReport {
  std::string path;
  std::vector<std::string> regions;
  Totals totals;
  std::optional<base::Error> error;
  bool ok() const { return !error.has_value(); }
};
BackupReport backup(Bench& bench, const discovery::Device& device, const BackupRequest& request);

// A backup and the device that it is to go onto, where both are known and are not one and the same.
struct OtherOwner {
  std::string of;  // device ids
  std::string onto;
  std::string made_at;  // as the backup says it
};
struct RestoreRequest {
  std::string path;
  bool leave_in_dfu = false;
  // Where what is overwritten is kept; none: --no-backup. See default_backup_path().
  std::optional<std::string> backup_path;
  std::string made_at;  // the time of day as text, for the backup's manifest
  // Asked before anything is written; false stops. Empty: go on.
  std::function<bool(const OtherOwner&)> approve;
};
// Writes the module regions of the file that differ, guarded as in a job; never the bootloader and
// never the device configuration. The file is checked whole before anything is written, and what
// will be overwritten is saved.
DeviceReport restore(Bench& bench, const discovery::Device& device, const RestoreRequest& request);

// state_directory()/backups/<id or port>-<when>.erbackup; the job adds a number if that exists.
std::string default_backup_path(const discovery::Device& device, const std::string& when);

}  // namespace flash
