// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The part of a job that puts a backup back: its file, whose it is, and the plan of it.

#include "base/result.h"
#include "job/goal.h"
#include "medium/flash_image.h"
#include "work/context.h"

#include <string>
#include <vector>

namespace job {

class Restoring {
 public:
  // Reads the file and checks it whole. Errors: those of vault::decode().
  base::Result<> load(const ToBackup& goal, const platform::Platform& platform);

  // Old releases tell their id in DFU mode only or not at all, so this is asked as soon as it can
  // be. Errors: refused with id "backup-of-another-device".
  base::Result<> check_owner(const ToBackup& goal, const std::string& device_id);

  // The names of the regions that are never written, whatever the file has of them.
  const std::vector<std::string>& left_out() const { return left_out_; }

  // What has to be read before planning: the file's regions, and the place of part 1.
  std::vector<base::AddressRange> ranges(const platform::Platform& platform) const;

  // `image` has all of them. Errors: refused with id "backup-does-not-boot".
  base::Result<plan::Plan> plan(const ToBackup& goal, const work::Context& context,
                                const plan::InstalledState& state, const medium::FlashImage& image);

 private:
  base::Result<> check_result(const ToBackup& goal, const plan::Judgement& judgement);

  vault::Backup backup_;
  std::vector<std::string> left_out_;
  bool owner_approved_ = false;
  bool state_approved_ = false;
};

}  // namespace job
