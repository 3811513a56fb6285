// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.h"
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
    if (const auto done = work(); !done) report_.error = done.error();
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
    TRY_ASSIGN(device_, reach_dfu(bench_, voice_, device_));
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
    if (request_.approve) {
      std::vector<std::string> names;
      for (const BackupRegion& region : backup_.regions) names.push_back(region.name);
      if (!request_.approve(names)) {
        return base::make_error(base::Errc::cancelled, "not-approved",
                                "stopped before anything was written",
                                "add --yes to go on without a question");
      }
    }
    return {};
  }

  base::Result<> once() {
    TRY_ASSIGN(auto session, Session::open(bench_.world, bench_.platform, device_, report_.totals));
    FlashImage image(bench_.platform.flash);
    TRY(read(*session, image));
    TRY(check_result(image));
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
    const plan::Judgement judgement = plan::judge(state_from_image(bench_.platform, image));
    if (judgement.verdict != plan::Verdict::does_not_boot) return {};
    return base::make_error(
        base::Errc::bad_module, "backup-does-not-boot",
        fmt::format("with this backup the device would not start: {}",
                    judgement.reasons.empty() ? "a part is missing" : judgement.reasons.front()),
        "bring the device to a release with `electron-rescue flash --target VERSION`");
  }

  base::Result<> write(Session& session, FlashImage& image) {
    const plan::InstalledState state = state_from_image(bench_.platform, image);
    std::vector<SectorWork> works;
    std::vector<SectorWork> factory;
    std::optional<std::size_t> guarded;
    for (const BackupRegion& region : backup_.regions) {
      SectorWork work;
      work.sector = region.range;
      work.image = without_blank_end(region.content);
      work.subject = region.name;
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
    TRY(write_sectors(context, works, guarded));
    return write_sectors(context, factory, std::nullopt);
  }

  Bench& bench_;
  const RestoreRequest& request_;
  Device device_;
  Voice voice_;
  DeviceReport report_;
  Backup backup_;
};

}  // namespace

DeviceReport restore(Bench& bench, const Device& device, const RestoreRequest& request) {
  return Restore(bench, device, request).run();
}

}  // namespace flash
