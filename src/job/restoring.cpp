// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/restoring.h"

#include "base/files.h"
#include "discovery/identity.h"
#include "medium/installed_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace job {
namespace {

// Erased flash at the end need not be written.
base::ByteView without_blank_end(base::ByteView bytes) {
  std::size_t size = bytes.size();
  while (size > 0 && bytes[size - 1] == 0xFF) --size;
  // Flash is programmed in words.
  return bytes.first(std::min(bytes.size(), (size + 3) / 4 * 4));
}

plan::Content content_of(const vault::BackupRegion& region, const platform::Platform& platform,
                         const std::string& file) {
  plan::Content content;
  const platform::Slot* slot = platform.slot_at(region.range.begin);
  content.name = slot == nullptr ? "factory application" : platform::describe(slot->module);
  if (slot != nullptr) content.module = slot->module;
  content.place = region.range;
  const base::ByteView bytes = without_blank_end(region.content);
  content.bytes = std::make_shared<base::Bytes>(bytes.begin(), bytes.end());
  content.source = file;
  return content;
}

// What the device itself has in part 1's place, if that is whole: it holds the guard where the
// backup has none.
std::optional<plan::Content> own_part1(const platform::Platform& platform,
                                       const plan::InstalledState& state,
                                       const medium::FlashImage& image) {
  const platform::Slot* slot = platform.slot(platform::kSystemPart1);
  const plan::InstalledModule* there = state.valid(platform::kSystemPart1);
  if (slot == nullptr || there == nullptr || there->read() == nullptr) return std::nullopt;
  if (!image.has(slot->flash)) return std::nullopt;
  const base::ByteView view = image.view(slot->flash);
  return content_of({.name = {}, .range = slot->flash, .content = {view.begin(), view.end()}},
                    platform, "the device itself");
}

bool will_run(const plan::Judgement& judgement) {
  return judgement.verdict != plan::Verdict::does_not_boot &&
         judgement.verdict != plan::Verdict::restarts;
}

}  // namespace

base::Result<> Restoring::load(const ToBackup& goal, const platform::Platform& platform) {
  TRY_ASSIGN(const base::Bytes file, base::read_file(goal.path, vault::kLargestBackup));
  TRY_ASSIGN(backup_, base::in_context(vault::decode(file, platform), goal.path));
  // Keys are never written back, whatever the file has.
  std::erase_if(backup_.regions, [&](const vault::BackupRegion& region) {
    if (platform.dfu_writable.contains(region.range)) return false;
    left_out_.push_back(region.name);
    return true;
  });
  return {};
}

base::Result<> Restoring::check_owner(const ToBackup& goal, const std::string& device_id) {
  const std::string of = discovery::id_from_serial(backup_.device);
  if (of.empty() || device_id.empty() || of == device_id) return {};
  if (owner_approved_ || !goal.approve_owner) return {};
  owner_approved_ = goal.approve_owner({.of = of, .onto = device_id, .made_at = backup_.made_at});
  if (owner_approved_) return {};
  return base::make_error(
      base::Errc::refused, "backup-of-another-device",
      fmt::format("the backup is one of the device {}, and this is {}; nothing was written", of,
                  device_id),
      "give a backup of this device, or add --yes to put that one on it all the same");
}

std::vector<base::AddressRange> Restoring::ranges(const platform::Platform& platform) const {
  std::vector<base::AddressRange> ranges;
  for (const vault::BackupRegion& region : backup_.regions) ranges.push_back(region.range);
  // Part 1 holds the guard, also where the backup has none.
  const platform::Slot* part1 = platform.slot(platform::kSystemPart1);
  if (part1 != nullptr && std::ranges::find(ranges, part1->flash) == ranges.end()) {
    ranges.push_back(part1->flash);
  }
  return ranges;
}

base::Result<> Restoring::check_result(const ToBackup& goal, const plan::Judgement& judgement) {
  if (will_run(judgement) || state_approved_) return {};
  if (!goal.approve_state) return {};
  state_approved_ = goal.approve_state(judgement);
  if (state_approved_) return {};
  return base::make_error(
      base::Errc::refused, "backup-does-not-boot",
      fmt::format("with this backup the device would not start: {}; nothing was written",
                  judgement.reasons.empty() ? "a part is missing" : judgement.reasons.front()),
      "bring the device to a release with `electron-rescue flash --target VERSION`, or add --yes "
      "to put it back all the same");
}

base::Result<plan::Plan> Restoring::plan(const ToBackup& goal, const work::Context& context,
                                         const plan::InstalledState& state,
                                         const medium::FlashImage& image) {
  medium::FlashImage end = image;
  plan::RestoreRequest request;
  request.leave_in_dfu = goal.leave_in_dfu;
  for (const vault::BackupRegion& region : backup_.regions) {
    end.put(region.range.begin, region.content);
    request.regions.push_back(
        {content_of(region, context.platform, goal.path), image.view(region.range)});
  }
  request.own_part1 = own_part1(context.platform, state, image);
  request.afterwards = medium::state_from_image(context.platform, end);
  const plan::Judgement judgement = plan::judge(*request.afterwards, context.catalogue);
  TRY(check_result(goal, judgement));
  // It is in DFU mode, or cannot be reached at all, once it is told to start.
  if (!will_run(judgement)) request.leave_in_dfu = true;
  return plan::make_restore_plan(state, request, context.catalogue);
}

}  // namespace job
