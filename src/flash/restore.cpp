// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.h"
#include "discovery/identity.h"
#include "flash/backup_job.h"
#include "flash/installed_state.h"
#include "flash/reach.h"
#include "flash/sector_writer.h"
#include "flash/stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace flash {
namespace {

using discovery::Device;

// Erased flash at the end need not be written.
base::ByteView without_blank_end(base::ByteView bytes) {
  std::size_t size = bytes.size();
  while (size > 0 && bytes[size - 1] == 0xFF) --size;
  // Flash is programmed in words.
  size = std::min(bytes.size(), (size + 3) / 4 * 4);
  return bytes.first(size);
}

// What is to be written into the region: all of it where there is something behind the end of what
// the backup has, so that the comparison does not stop before it.
base::ByteView image_for(const BackupRegion& region, const FlashImage& flash) {
  const base::ByteView trimmed = without_blank_end(region.content);
  const base::ByteView there = flash.view(region.range);
  return base::is_blank(there.subspan(trimmed.size())) ? trimmed : base::ByteView(region.content);
}

// "system part 1", "factory": as people call it.
std::string described(const BackupRegion& region, const platform::Platform& platform) {
  const platform::Slot* slot = platform.slot_at(region.range.begin);
  return slot == nullptr ? region.name : platform::describe(slot->module);
}

class Restore {
 public:
  Restore(Bench& bench, Device device, const RestoreRequest& request)
      : bench_(bench),
        request_(request),
        device_(std::move(device)),
        voice_(bench.sink, usb::to_string(device_.port())) {
    report_.port = device_.port();
    report_.id = device_.id;
  }

  DeviceReport run() {
    const base::Instant start = bench_.world.clock.now();
    const bool was_running = device_.mode != discovery::Mode::dfu;
    if (const auto done = work(); !done) report_.error = done.error();
    if (was_running) leave_as_found();
    report_.id = device_.id;
    report_.whereabouts = look_for(bench_, report_.port);
    report_.device_state = describe_whereabouts(report_.whereabouts, report_.ok());
    report_.totals.seconds =
        std::chrono::duration<double>(bench_.world.clock.now() - start).count();
    voice_.say(events::JobFinished{report_.ok()});
    return std::move(report_);
  }

 private:
  base::Result<> work() {
    TRY(load());
    TRY(check_owner());
    TRY_ASSIGN(device_, reach_dfu(bench_, voice_, device_));
    TRY(check_owner());
    for (int losses = 0;;) {
      const auto done = once();
      if (done || !is_loss(done.error()) || ++losses > bench_.policy.losses_in_a_row) return done;
      voice_.note(done.error().message, 0);
      TRY_ASSIGN(device_, reach_again(bench_, voice_, device_, done.error()));
    }
  }

  base::Result<> load() {
    TRY_ASSIGN(const base::Bytes file, base::read_file(request_.path, kLargestBackup));
    TRY_ASSIGN(backup_, base::in_context(decode(file, bench_.platform), request_.path));
    // Keys are never written back, whatever the file has.
    std::erase_if(backup_.regions, [&](const BackupRegion& region) {
      return !bench_.platform.dfu_writable.contains(region.range);
    });
    for (const BackupRegion& region : backup_.regions) {
      RegionReport report{.name = region.name, .module = {}, .range = region.range};
      if (const platform::Slot* slot = bench_.platform.slot_at(region.range.begin)) {
        report.module = slot->module;
      }
      report_.regions.push_back(std::move(report));
    }
    return {};
  }

  // Old releases tell their id in DFU mode only or not at all, so this is asked as soon as it can
  // be.
  base::Result<> check_owner() {
    const std::string of = discovery::id_from_serial(backup_.device);
    if (of.empty() || device_.id.empty() || of == device_.id) return {};
    if (owner_approved_ || !request_.approve) return {};
    owner_approved_ = request_.approve({.of = of, .onto = device_.id, .made_at = backup_.made_at});
    if (owner_approved_) return {};
    return base::make_error(
        base::Errc::refused, "backup-of-another-device",
        fmt::format("the backup is one of the device {}, and this is {}; nothing was written", of,
                    device_.id),
        "give a backup of this device, or add --yes to put that one on it all the same");
  }

  // A device that was running and got nothing written runs again.
  void leave_as_found() {
    const bool touched = std::ranges::any_of(
        report_.regions, [](const RegionReport& r) { return r.erased || r.attempts > 0; });
    if (report_.ok() || touched || is_loss(*report_.error)) return;
    if (look_for(bench_, report_.port) != Whereabouts::dfu) return;
    auto session = Session::open(bench_.world, bench_.platform, device_, report_.totals);
    if (!session) return;
    const auto left = leave_and_wait(bench_, voice_, std::move(*session), report_.totals);
    // The report's error is what went wrong first.
    if (!left) voice_.note(left.error().message, 0);
  }

  base::Result<> once() {
    TRY_ASSIGN(auto session, Session::open(bench_.world, bench_.platform, device_, report_.totals));
    FlashImage image(bench_.platform.flash);
    TRY(read(*session, image));
    TRY(check_result(image));
    TRY(keep_backup(*session, image));
    const auto written = write(*session, image);
    report_.after = state_from_image(bench_.platform, image);
    TRY(written);
    if (request_.leave_in_dfu) {
      report_.confirmed = ConfirmedBy::dfu;
      report_.confirmed_modules = report_.after->modules;
      return {};
    }
    TRY_ASSIGN(device_, leave_and_wait(bench_, voice_, std::move(session), report_.totals));
    report_.confirmed = ConfirmedBy::enumeration;
    return {};
  }

  base::Result<> read(Session& session, FlashImage& image) {
    TRY_ASSIGN(const plan::InstalledState state, read_state(bench_, voice_, session, image));
    if (!report_.before) report_.before = state;
    std::vector<base::AddressRange> sectors;
    for (const BackupRegion& region : backup_.regions) sectors.push_back(region.range);
    return read_sectors(bench_, voice_, session, image, sectors);
  }

  // A backup of a broken device makes a broken device.
  base::Result<> check_result(FlashImage image) {
    for (const BackupRegion& region : backup_.regions) {
      image.put(region.range.begin, region.content);
    }
    const plan::Judgement judgement =
        plan::judge(state_from_image(bench_.platform, image), release::Catalogue::embedded());
    if (judgement.verdict != plan::Verdict::does_not_boot) return {};
    return base::make_error(
        base::Errc::bad_module, "backup-does-not-boot",
        fmt::format("with this backup the device would not start: {}",
                    judgement.reasons.empty() ? "a part is missing" : judgement.reasons.front()),
        "bring the device to a release with `electron-rescue flash --target VERSION`");
  }

  // What differs at the first look is all that this job will overwrite: after a loss only its own
  // work differs.
  base::Result<> keep_backup(Session& session, FlashImage& image) {
    if (!request_.backup_path || !report_.backups.empty()) return {};
    std::vector<base::AddressRange> sectors;
    for (const BackupRegion& region : backup_.regions) {
      if (!std::ranges::equal(image.view(region.range), region.content)) {
        sectors.push_back(region.range);
      }
    }
    if (sectors.empty()) return {};
    const BackupPlace place{
        .path = free_path(*request_.backup_path),
        .device = device_.id.empty() ? usb::to_string(device_.port()) : device_.id,
        .made_at = request_.made_at};
    TRY(save_sectors(bench_, voice_, session, image, sectors, place));
    report_.backups.push_back(place.path);
    return {};
  }

  void note_work(const std::vector<SectorWork>& works) {
    for (const SectorWork& work : works) {
      const auto region = std::ranges::find(report_.regions, work.sector, &RegionReport::range);
      if (region == report_.regions.end()) continue;
      RegionReport round = *region;
      round.erased = work.erased;
      round.written = work.written;
      round.verified = work.verified;
      round.bytes_written = work.bytes_written;
      round.bytes_verified = work.bytes_verified;
      round.attempts = work.attempts;
      round.seconds = work.seconds;
      add_round(*region, round);
    }
  }

  base::Result<> write(Session& session, FlashImage& image) {
    const plan::InstalledState state = state_from_image(bench_.platform, image);
    std::vector<SectorWork> works;
    std::vector<SectorWork> factory;
    std::optional<std::size_t> guarded;
    for (const BackupRegion& region : backup_.regions) {
      SectorWork work;
      work.sector = region.range;
      work.image = image_for(region, image);
      work.subject = described(region, bench_.platform);
      // The factory image comes last: with one, some bootloaders restore it for ever instead of
      // entering DFU mode, and the guard guards nothing.
      if (region.range == bench_.platform.factory) {
        factory.push_back(std::move(work));
        continue;
      }
      const platform::Slot* slot = bench_.platform.slot_at(region.range.begin);
      work.may_be_protected =
          slot != nullptr && slot->module.function == platform::ModuleFunction::system_part;
      const bool first_part = slot != nullptr && slot->module == platform::kSystemPart1;
      if (first_part && !state.factory_image.value_or(true)) guarded = works.size();
      works.push_back(std::move(work));
    }
    const WriterContext context{
        session, image, voice_, report_.totals, bench_.policy, bench_.world.clock, bench_.cancel};
    const auto written = write_sectors(context, works, guarded);
    note_work(works);
    TRY(written);
    const auto factory_written = write_sectors(context, factory, std::nullopt);
    note_work(factory);
    return factory_written;
  }

  Bench& bench_;
  const RestoreRequest& request_;
  Device device_;
  Voice voice_;
  DeviceReport report_;
  Backup backup_;
  bool owner_approved_ = false;
};

}  // namespace

DeviceReport restore(Bench& bench, const Device& device, const RestoreRequest& request) {
  return Restore(bench, device, request).run();
}

}  // namespace flash
