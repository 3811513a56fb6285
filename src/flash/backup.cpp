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

// Only characters that every file system takes.
std::string tame(std::string text) {
  for (char& c : text) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
    if (!fine) c = '-';
  }
  return text;
}

// An empty file that only holds the name; anything else is left alone.
void give_up_name(const std::string& path) {
  const auto content = base::read_file(path, 0);
  if (!content) return;
  // What is left harms nobody.
  const auto removed = base::remove_file(path);
  if (!removed) return;
}

// `image` has every one of the ranges. What no checksum of a module vouches for is read until two
// readings agree: flash that is wrong is wrong twice, a bit that flipped on the way is not.
base::Result<> read_until_sure(Bench& bench, Voice& voice, Session& session,
                               const plan::InstalledState& state, FlashImage& image,
                               std::span<const base::AddressRange> ranges) {
  for (int tries = 1;; ++tries) {
    FlashImage again(bench.platform.flash);
    for (const plan::InstalledModule& module : state.modules) {
      const plan::Read* read = module.read();
      if (read == nullptr) continue;
      const base::AddressRange extent{read->header.start, read->header.start + read->header.size()};
      if (image.has(extent)) again.put(extent.begin, image.view(extent));
    }
    TRY(read_sectors(bench, voice, session, again, ranges, "what no checksum covers, once more"));
    const bool same = std::ranges::all_of(ranges, [&](const base::AddressRange& range) {
      return std::ranges::equal(image.view(range), again.view(range));
    });
    if (same) return {};
    if (tries == bench.policy.read_attempts) {
      return base::make_error(base::Errc::usb_io, "reads-differ",
                              "the device tells other bytes each time it is read",
                              "try another cable or USB port, without a hub");
    }
    voice.retry({"reading", "two readings differ", tries + 1, bench.policy.read_attempts});
    image = std::move(again);
  }
}

BackupReport make_backup(Bench& bench, const discovery::Device& device,
                         const BackupRequest& request) {
  BackupReport report;
  report.path = request.path;
  Voice voice(bench.sink, usb::to_string(device.port()));
  const auto work = [&]() -> base::Result<> {
    TRY_ASSIGN(const auto session, open_patiently(bench, voice, device, report.totals));
    FlashImage image(bench.platform.flash);
    // Module by module first: what a checksum finds damaged is read a second time.
    TRY_ASSIGN(const plan::InstalledState state, read_state(bench, voice, *session, image));
    std::vector<base::AddressRange> ranges;
    if (request.include_keys) ranges.push_back(bench.platform.configuration);
    for (const platform::Sector& sector : bench.platform.sectors) {
      if (!region_name(bench.platform, sector.range).empty()) ranges.push_back(sector.range);
    }
    const std::string id = device.id.empty() ? usb::to_string(device.port()) : device.id;
    TRY(read_sectors(bench, voice, *session, image, ranges, "what is saved"));
    TRY(read_until_sure(bench, voice, *session, state, image, ranges));
    TRY(save_sectors(bench, voice, *session, image, ranges, {request.path, id, request.made_at}));
    for (const base::AddressRange& range : ranges) {
      report.regions.push_back(region_name(bench.platform, range));
    }
    return {};
  };
  const base::Instant start = bench.world.clock.now();
  if (const auto done = work(); !done) report.error = done.error();
  report.totals.seconds = std::chrono::duration<double>(bench.world.clock.now() - start).count();
  voice.say(events::JobFinished{report.ok()});
  return report;
}

}  // namespace

base::Result<std::unique_ptr<Session>> open_patiently(const Bench& bench, Voice& voice,
                                                      const discovery::Device& device,
                                                      Totals& totals) {
  for (int tries = 1;; ++tries) {
    auto session = Session::open(bench.world, bench.platform, device, totals);
    if (session) return session;
    const base::Error& error = session.error();
    const Recovery recovery =
        decide(bench.policy, {.doing = Doing::read, .kind = error.code, .attempt = tries});
    if (recovery != Recovery::read_again && recovery != Recovery::reopen) return session;
    voice.retry({"opening the device", error.message, tries + 1, bench.policy.read_attempts});
  }
}

base::Result<> read_patiently(const Bench& bench, Voice& voice, Session& session,
                              std::string_view what, const std::function<base::Result<>()>& read) {
  for (int tries = 1;; ++tries) {
    base::Result<> done = read();
    if (done) return done;
    // A session that could not be opened anew has to be, before anything is read.
    for (bool open = true;; ++tries) {
      const base::Error& error = done.error();
      const Recovery recovery =
          decide(bench.policy, {.doing = Doing::read, .kind = error.code, .attempt = tries});
      if (recovery != Recovery::read_again && recovery != Recovery::reopen) return done;
      voice.say(events::Retrying{std::string(what), error.message, tries + 1,
                                 bench.policy.read_attempts});
      if (open && recovery == Recovery::read_again) break;
      auto opened = session.reopen();
      if (opened) break;
      done = std::move(opened);
      open = false;
    }
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
                            std::span<const base::AddressRange> sectors, std::string_view subject) {
  std::uint64_t total = 0;
  for (const base::AddressRange& sector : sectors) {
    for (const base::AddressRange& gap : image.missing(sector)) total += gap.size();
  }
  if (total == 0) return {};
  PhaseScope phase(voice, events::Phase::probe, std::string(subject), total);
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
  if (auto read = read_sectors(bench, voice, session, image, sectors); !read) {
    give_up_name(place.path);
    return read;
  }
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
  // The application may hold its maker's secrets, and the configuration holds the keys.
  constexpr auto kPrivate = base::Privacy::owner_only;
  auto written = base::make_directories(base::folder_of(place.path), kPrivate);
  if (written) written = base::write_file(place.path, encode(backup, bench.platform), kPrivate);
  if (!written) {
    give_up_name(place.path);
    written.error().hint =
        "make room, or choose another place for the backup; nothing has been erased yet";
    return base::in_context(std::move(written), "backup");
  }
  phase.good();
  return {};
}

std::string free_path(const std::string& path) {
  // If not, the name cannot be taken, and writing the backup tells why.
  const auto folder = base::make_directories(base::folder_of(path), base::Privacy::owner_only);
  const auto taken = [&](const std::string& candidate) {
    const auto claimed = base::claim_file(candidate);
    return !claimed && claimed.error().id == "file-exists";
  };
  if (!folder || !taken(path)) return path;
  const bool known = path.ends_with(kExtension);
  const std::string stem = known ? path.substr(0, path.size() - kExtension.size()) : path;
  const std::string extension(known ? kExtension : std::string_view());
  for (int number = 2;; ++number) {
    std::string candidate = fmt::format("{}-{}{}", stem, number, extension);
    if (!taken(candidate)) return candidate;
  }
}

std::string default_backup_path(const discovery::Device& device, const std::string& when) {
  const std::string who = device.id.empty() ? usb::to_string(device.port()) : device.id;
  const std::string name = tame(who + "-" + when) + std::string(kExtension);
  const std::string state = base::state_directory();
  const std::string folder = state.empty() ? std::string(".") : base::join(state, "backups");
  return base::join(folder, name);
}

BackupReport backup(Bench& bench, const discovery::Device& device, const BackupRequest& request) {
  return make_backup(bench, device, request);
}

}  // namespace flash
