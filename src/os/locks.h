// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Locks that have a name, between processes and threads of whatever user. The system lets go of one
// when its process ends, however that ends.

#include <memory>
#include <optional>
#include <string>
#include <system_error>

namespace os {

// Who has a lock, as far as that one has told.
struct LockHolder {
  long process = 0;  // its number; 0: not known
  std::string note;  // what it said it does, as it was written: not checked for anything
};

// Held until it is destroyed.
class HeldLock {
 public:
  virtual ~HeldLock() = default;
};

struct LockAttempt {
  std::unique_ptr<HeldLock> lock;    // null: not got
  std::optional<LockHolder> holder;  // somebody else has it
  std::error_code error;             // no such lock can be had in this folder
};

// Takes the lock, without waiting. It is a file of that name in `folder`, which nobody may remove
// but whoever holds it; what is there keeps its mode and owner. `note`: one line for the others.
LockAttempt take_lock(const std::string& folder, const std::string& name, const std::string& note);

// Who has it now, without touching the lock; none if nobody has, or nobody can tell.
std::optional<LockHolder> lock_holder(const std::string& folder, const std::string& name);

// The folder for locks between all users of this computer: the same for each of them, whatever
// their environment says.
std::string lock_folder();

}  // namespace os
