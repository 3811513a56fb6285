// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bootloader/bootloader_profiles.h"

#include <array>

namespace sim {
namespace {

using std::chrono::milliseconds;
using Profile = BootloaderProfile;

// device-os v0.4.6: the first row; each later row says only what changed, in order of release.
constexpr Profile make_4() {
  return {
      .name = "4",
      .version = 4,
      .bcd_device = 0x0200,
      .product = "Photon DFU Mode",
      .configuration = "DFU Config",
      .interface_name = "DFU Interface",
      .serial = Profile::Serial::constant,
      .microsoft_descriptors = false,
      .interfaces_most = 2,
      .reports_failures = false,
      .medium_by_address = true,
      .verifies_writes = false,
      .poll = Profile::Poll::fifty_then_zero,
      .bad_read = Profile::BadRead::stale_buffer,
      .unknown_string = Profile::UnknownString::rubbish,
      .null_string = false,
      .detach_replugs = true,
      .buffer_room = 4672,
      .long_download_sticks = true,
      .dct = DctFormat::sealed,
      .flags = FlagStore::dct,
      .factory_without_slot = false,
      .factory_in_staging = true,
      .button_ends_without_image = true,
      .skips_watchdog_for_old = false,
      .clears_slot_first = false,
      .to_dfu = milliseconds(52),
      .to_firmware = milliseconds(5),
  };
}

constexpr Profile renamed(Profile profile, std::string_view name, std::uint16_t version) {
  profile.name = name;
  profile.version = version;
  return profile;
}

// 0.4.9: the results of erase and write reach the host, the alternate setting counts.
constexpr Profile make_7() {
  Profile profile = renamed(make_4(), "7", 7);
  profile.reports_failures = true;
  profile.medium_by_address = false;
  return profile;
}

// 0.5.0 to 0.5.5, with the same number: writes are read back.
constexpr Profile make_7_verifying() {
  Profile profile = renamed(make_7(), "7-0.5", 7);
  profile.verifies_writes = true;
  return profile;
}

// 0.6.0: descriptors of its own.
constexpr Profile make_8() {
  Profile profile = renamed(make_7_verifying(), "8", 8);
  profile.bcd_device = 0x0250;
  profile.product = "Electron DFU Mode";
  profile.configuration = "DFU";
  profile.interface_name = "DFU";
  profile.serial = Profile::Serial::upper_case;
  profile.microsoft_descriptors = true;
  profile.interfaces_most = 10;
  profile.factory_in_staging = false;
  return profile;
}

// 0.6.1: the status block is no longer reset between operations.
constexpr Profile make_9() {
  Profile profile = renamed(make_8(), "9", 9);
  profile.poll = Profile::Poll::fifty_stays;
  return profile;
}

// 0.7.0: no poll timeouts, a new DCT, flags in the RTC's registers.
constexpr Profile make_100() {
  Profile profile = renamed(make_9(), "100", 100);
  profile.poll = Profile::Poll::zero;
  profile.bad_read = Profile::BadRead::zeros;
  profile.buffer_room = 4416;
  profile.long_download_sticks = false;
  profile.dct = DctFormat::with_footer;
  profile.flags = FlagStore::backup_registers;
  profile.skips_watchdog_for_old = true;
  profile.clears_slot_first = true;
  profile.to_dfu = milliseconds(56);
  profile.to_firmware = milliseconds(8);
  return profile;
}

// 0.8.0-rc.1 on: the serial's letters, and the table's neighbour of the strings is no pointer.
constexpr Profile make_201() {
  Profile profile = renamed(make_100(), "201", 201);
  profile.serial = Profile::Serial::lower_case;
  profile.unknown_string = Profile::UnknownString::crash;
  profile.null_string = true;
  return profile;
}

// 1.1.0: the MODE button's colours are offered only where they make sense.
constexpr Profile make_301() {
  Profile profile = renamed(make_201(), "301", 301);
  profile.button_ends_without_image = false;
  return profile;
}

// 2.0.0: smaller and quicker; takes an unregistered factory image; DETACH's delay is optimised
// away.
constexpr Profile make_1003() {
  Profile profile = renamed(make_301(), "1003", 1003);
  profile.unknown_string = Profile::UnknownString::rubbish;
  profile.detach_replugs = false;
  profile.factory_without_slot = true;
  profile.clears_slot_first = false;
  profile.to_dfu = milliseconds(7);
  profile.to_firmware = milliseconds(6);
  return profile;
}

constexpr std::array<Profile, 19> kProfiles{
    make_4(),
    renamed(make_4(), "5", 5),
    renamed(make_4(), "6", 6),
    make_7(),
    make_7_verifying(),
    make_8(),
    make_9(),
    renamed(make_9(), "11", 11),
    make_100(),
    renamed(make_100(), "101", 101),
    make_201(),
    make_301(),
    renamed(make_301(), "311", 311),
    renamed(make_301(), "400", 400),
    make_1003(),
    renamed(make_1003(), "1004", 1004),
    renamed(make_1003(), "1005", 1005),
    renamed(make_1003(), "1006", 1006),
    renamed(make_1003(), "1100", 1100),
};

}  // namespace

std::span<const BootloaderProfile> bootloader_profiles() { return kProfiles; }

const BootloaderProfile* find_bootloader_profile(std::string_view name) {
  for (const Profile& profile : kProfiles) {
    if (profile.name == name) return &profile;
  }
  return nullptr;
}

const BootloaderProfile& bootloader_profile(std::uint16_t version) {
  const Profile* best = kProfiles.data();
  for (const Profile& profile : kProfiles) {
    if (profile.version <= version && profile.version > best->version) best = &profile;
  }
  return *best;
}

}  // namespace sim
