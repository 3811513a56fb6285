// SPDX-License-Identifier: GPL-3.0-or-later
#include "vault/save.h"

#include "base/files.h"
#include "os/advice.h"

#include <fmt/format.h>

#include <utility>

namespace vault {
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

}  // namespace

base::Result<> save_sectors(const medium::Reading& reading, medium::FlashImage& image,
                            std::span<const base::AddressRange> sectors, const Place& place,
                            work::StepScope& step) {
  const platform::Platform& platform = reading.context.platform;
  if (auto read = read_ranges(reading, image, sectors, step); !read) {
    give_up_name(place.path);
    return read;
  }
  Backup backup;
  backup.platform = platform.id;
  backup.device = place.device;
  backup.made_at = place.made_at;
  for (const base::AddressRange& sector : sectors) {
    const base::ByteView bytes = image.view(sector);
    backup.regions.push_back(
        {region_name(platform, sector), sector, base::Bytes(bytes.begin(), bytes.end())});
  }
  auto written = base::make_directories(base::folder_of(place.path), base::Privacy::owner_only);
  if (written) {
    written = base::write_file(place.path, encode(backup, platform), base::Privacy::owner_only);
  }
  if (!written) {
    give_up_name(place.path);
    written.error().hint =
        "make room, or choose another place for the backup; nothing has been erased yet";
    return base::in_context(std::move(written), "backup");
  }
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

std::string default_path(const discovery::Device& device, const std::string& when) {
  const std::string who = device.id.empty() ? usb::to_string(device.port()) : device.id;
  const std::string name = tame(who + "-" + when) + std::string(kExtension);
  const std::string state = base::state_directory();
  const std::string folder = state.empty() ? std::string(".") : base::join(state, "backups");
  return base::join(folder, name);
}

base::Result<> try_place(const std::string& path) {
  // A little more than the largest job saves.
  constexpr std::uint64_t kRoom = 700 * 1024;
  auto tried = base::make_directories(base::folder_of(path), base::Privacy::owner_only);
  if (tried) tried = base::try_writing(path, kRoom);
  if (tried) return {};
  base::Error error = base::in_context(std::move(tried.error()), "no place for the backup");
  error.hint = fmt::format(
      "make room there, or choose another place by {}, or do without it by --no-backup; the device "
      "has not been touched",
      os::advice().state_variable);
  return error;
}

}  // namespace vault
