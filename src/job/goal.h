// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a job is for. Everything else about jobs is the same for all of them.

#include "plan/plan.h"
#include "vault/backup_file.h"

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace job {

// To a release, or only an application or a bootloader onto what is there.
struct ToRelease {
  plan::Request request;
  // A device that runs without its application in the end is what was wanted.
  bool accept_safe_mode = false;
};

// A backup and the device that it is to go onto, where both are known and are not one and the same.
struct OtherOwner {
  std::string of;  // device ids
  std::string onto;
  std::string made_at;  // as the backup says it
};
// What a backup file holds of the module regions, never of the bootloader or the configuration.
struct ToBackup {
  std::string path;
  bool leave_in_dfu = false;
  // A backup of a device that does not start may be put back, too. Asked before anything is
  // written; false stops. Empty: go on.
  std::function<bool(const OtherOwner&)> approve_owner;
  std::function<bool(const plan::Judgement&)> approve_state;
};

// The module regions into a file; with the keys only where asked for.
struct Save {
  std::string path;
  bool include_keys = false;  // the device configuration too
};

// Single modules, whatever the device has, as long as its firmware takes them.
struct SendModules {
  std::vector<firmware::CheckedModule> modules;
};

struct Compare {
  std::vector<firmware::CheckedModule> modules;
};

// What is installed, and nothing else.
struct Look {};

using Goal = std::variant<ToRelease, ToBackup, SendModules, Save, Compare, Look>;
// "flash", "restore", "send", "backup", "verify", "look".
std::string_view name(const Goal& goal);
// Nothing on the device is written.
bool only_reads(const Goal& goal);

}  // namespace job
