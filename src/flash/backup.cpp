// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.h"
#include "flash/backup_job.h"
#include "flash/installed_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace flash {
namespace {

constexpr std::string_view kExtension = ".erbackup";

// The name of the folder that `path` lies in; empty if it names none.
std::string folder_of(const std::string& path) {
  const std::string name = base::file_name(path);
  return path.substr(0, path.size() - name.size());
}

// Only characters that every file system takes.
std::string tame(std::string text) {
  for (char& c : text) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
    if (!fine) c = '-';
  }
  return text;
}

BackupReport make_backup(Bench& bench, const discovery::Device& device,
                         const BackupRequest& request) {
  BackupReport report;
  report.path = request.path;
  Voice voice(bench.sink, usb::to_string(device.port()));
  const auto work = [&]() -> base::Result<> {
    TRY_ASSIGN(const auto session,
               Session::open(bench.world, bench.platform, device, report.totals));
    FlashImage image(bench.platform.flash);
    std::vector<base::AddressRange> ranges;
    if (request.include_keys) ranges.push_back(bench.platform.configuration);
    for (const platform::Sector& sector : bench.platform.sectors) {
      if (!region_name(bench.platform, sector.range).empty()) ranges.push_back(sector.range);
    }
    const std::string id = device.id.empty() ? usb::to_string(device.port()) : device.id;
    TRY(save_sectors(bench, voice, *session, image, ranges, {request.path, id, request.made_at}));
    for (const base::AddressRange& range : ranges) {
      report.regions.push_back(region_name(bench.platform, range));
    }
    return {};
  };
  if (const auto done = work(); !done) report.error = done.error();
  voice.say(events::JobFinished{report.ok()});
  return report;
}

}  // namespace

base::Result<> read_patiently(const Bench& bench, Voice& voice, Session& session,
                              std::string_view what, const std::function<base::Result<>()>& read) {
  for (int tries = 1;; ++tries) {
    const base::Result<> done = read();
    if (done) return done;
    const base::Error& error = done.error();
    const Recovery recovery =
        decide(bench.policy, {.doing = Doing::read, .kind = error.code, .attempt = tries});
    if (recovery != Recovery::read_again && recovery != Recovery::reopen) return done;
    voice.say(
        events::Retrying{std::string(what), error.message, tries + 1, bench.policy.read_attempts});
    if (recovery == Recovery::reopen) TRY(session.reopen());
  }
}

base::Result<plan::InstalledState> read_state(Bench& bench, Voice& voice, Session& session,
                                              FlashImage& image) {
  PhaseScope phase(voice, events::Phase::probe, "", most_to_read(bench.platform));
  const auto progress = [&](std::uint64_t done) { phase.progress(done); };
  plan::InstalledState state;
  TRY(read_patiently(bench, voice, session, "reading what is installed", [&]() -> base::Result<> {
    TRY_ASSIGN(state, read_installed_state(session.target(), bench.platform, image, progress,
                                           bench.cancel));
    return {};
  }));
  session.set_bootloader(state.bootloader_version);
  phase.good();
  return state;
}

base::Result<> read_sectors(Bench& bench, Voice& voice, Session& session, FlashImage& image,
                            std::span<const base::AddressRange> sectors) {
  std::uint64_t total = 0;
  for (const base::AddressRange& sector : sectors) {
    for (const base::AddressRange& gap : image.missing(sector)) total += gap.size();
  }
  if (total == 0) return {};
  PhaseScope phase(voice, events::Phase::probe, "what will be erased", total);
  std::uint64_t before = 0;
  for (const base::AddressRange& sector : sectors) {
    for (const base::AddressRange& gap : image.missing(sector)) {
      const auto progress = [&](std::uint64_t done) { phase.progress(before + done); };
      TRY(read_patiently(bench, voice, session, "reading " + base::hex32(gap.begin), [&] {
        return read_into(session.target(), image, gap, progress, bench.cancel);
      }));
      before += gap.size();
    }
  }
  phase.good();
  return {};
}

base::Result<> save_sectors(Bench& bench, Voice& voice, Session& session, FlashImage& image,
                            std::span<const base::AddressRange> sectors, const BackupPlace& place) {
  TRY(read_sectors(bench, voice, session, image, sectors));
  PhaseScope phase(voice, events::Phase::backup, place.path, 0);
  Backup backup;
  backup.platform = bench.platform.id;
  backup.device = place.device;
  backup.made_at = place.made_at;
  for (const base::AddressRange& sector : sectors) {
    const base::ByteView bytes = image.view(sector);
    backup.regions.push_back(
        {region_name(bench.platform, sector), sector, base::Bytes(bytes.begin(), bytes.end())});
  }
  const base::Privacy privacy =
      holds_keys(bench.platform, backup) ? base::Privacy::owner_only : base::Privacy::normal;
  const std::string folder = folder_of(place.path);
  if (!folder.empty()) TRY(base::in_context(base::make_directories(folder), "backup"));
  auto written = base::write_file(place.path, encode(backup, bench.platform), privacy);
  if (!written) {
    written.error().hint =
        "make room, or choose another place for the backup; nothing has been erased yet";
    return base::in_context(std::move(written), "backup");
  }
  phase.good();
  return {};
}

std::string free_path(const std::string& path) {
  if (!base::exists(path)) return path;
  const bool known = path.ends_with(kExtension);
  const std::string stem = known ? path.substr(0, path.size() - kExtension.size()) : path;
  const std::string extension(known ? kExtension : std::string_view());
  for (int number = 2;; ++number) {
    std::string candidate = fmt::format("{}-{}{}", stem, number, extension);
    if (!base::exists(candidate)) return candidate;
  }
}

std::string default_backup_path(const discovery::Device& device, const std::string& when) {
  const std::string who = device.id.empty() ? usb::to_string(device.port()) : device.id;
  const std::string name = tame(who + "-" + when) + std::string(kExtension);
  const std::string state = base::state_directory();
  const std::string folder = state.empty() ? std::string(".") : base::join(state, "backups");
  return free_path(base::join(folder, name));
}

BackupReport backup(Bench& bench, const discovery::Device& device, const BackupRequest& request) {
  return make_backup(bench, device, request);
}

}  // namespace flash
