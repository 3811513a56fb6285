// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/world/electron.h"

#include "base/files.h"
#include "firmware/check.h"
#include "firmware/parse.h"
#include "release/catalogue.h"
#include "release/release_set.h"
#include "sim/board/dct.h"
#include "sim/bootloader/bootloader.h"
#include "sim/bootloader/foreign_device.h"
#include "sim/world/synthetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sim {
namespace {

using base::Errc;
using std::chrono::milliseconds;

constexpr std::string_view kUsualBootloader = "11";

// Made-up contents that are no pattern (SplitMix64).
class Filler {
 public:
  explicit Filler(std::uint64_t seed) : state_(seed) {}
  std::uint8_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return static_cast<std::uint8_t>(z >> 56U);
  }
  void fill(std::span<std::uint8_t> bytes) {
    for (std::uint8_t& byte : bytes) byte = next();
  }

 private:
  std::uint64_t state_;
};

UniqueId id_from(std::uint64_t seed) {
  UniqueId id{};
  Filler(seed * 2 + 1).fill(id);
  return id;
}

// Keys and what else a device that was set up has (device-os v2.3.1: dct.h has the offsets).
base::Bytes make_configuration(const BootloaderProfile& bootloader, const ElectronSpec& spec,
                               const platform::Platform& platform) {
  constexpr std::size_t kSize = 8192;
  constexpr std::pair<std::size_t, std::size_t> kSecrets[] = {
      {34, 1634}, {2082, 2852}, {2978, 3490}, {8119, 8134}};
  base::Bytes data(kSize, 0xFF);
  Filler filler(spec.seed);
  for (const auto& [begin, end] : kSecrets) {
    if (!spec.keys) break;
    filler.fill(std::span(data).subspan(begin, end - begin));
  }
  SystemFlags flags;
  // Those that keep their flags in the RTC's registers never write it here.
  if (bootloader.flags == FlagStore::dct) flags.bootloader_version = bootloader.version;
  const base::Bytes encoded = encode(flags);
  std::copy(encoded.begin(), encoded.end(), data.begin() + kDctSystemFlags);
  data[kDctClaimed] = spec.firmware.claimed ? '1' : 0xFF;
  if (spec.factory_registered) {
    ModuleSlot slot;
    const platform::Slot& user = *platform.slot(platform::kUserPart);
    slot.magic = ModuleSlot::kFactory;
    slot.source = platform.factory.begin;
    slot.destination = user.flash.begin;
    slot.length = static_cast<std::uint32_t>(synthesise_user_app(platform).size());
    slot.function = static_cast<std::uint8_t>(platform::ModuleFunction::user_part);
    const base::Bytes bytes = encode(slot);
    std::copy(bytes.begin(), bytes.end(), data.begin() + kDctModuleSlots);
  }
  return data;
}

// A page that the EEPROM emulation has in use (device-os: services/inc/eeprom_emulation.h).
void fill_eeprom(FlashMemory& flash, std::uint64_t seed) {
  const auto& sectors = flash.platform().sectors;
  const auto page = std::find_if(sectors.begin(), sectors.end(), [](const auto& sector) {
    return sector.use == platform::SectorUse::eeprom;
  });
  if (page == sectors.end()) return;
  constexpr std::size_t kUsed = 512;
  base::Bytes bytes(kUsed);
  Filler(seed + 1).fill(bytes);
  const base::Bytes active{0x00, 0x00, 0xFF, 0xFF};
  std::copy(active.begin(), active.end(), bytes.begin());
  flash.load(page->range.begin, bytes);
}

void load_release(FlashMemory& flash, const release::CatalogueRelease& about,
                  const release::Library& library) {
  const platform::Platform& platform = flash.platform();
  for (const base::Bytes& part : synthesise_release(about, platform)) {
    const auto header = firmware::parse_header(part, nullptr);
    flash.load(header->start, part);
  }
  // The released files where they are at hand.
  if (const release::ValidatedRelease* files = library.find(about.version)) {
    for (const firmware::CheckedModule& part : files->parts()) {
      flash.fill_blank(platform.slot(part.id())->flash);
      flash.load(part.address(), part.image());
    }
  }
}

void load_bootloader(FlashMemory& flash, const BootloaderProfile& profile,
                     const release::Library& library) {
  const auto found = std::find_if(
      library.bootloaders.begin(), library.bootloaders.end(),
      [&](const firmware::CheckedModule& module) { return module.version() == profile.version; });
  const platform::Slot& slot = *flash.platform().slot(platform::kBootloader);
  if (found != library.bootloaders.end()) {
    flash.load(slot.flash.begin, found->image());
  } else {
    flash.load(slot.flash.begin, synthesise_bootloader_image(profile.version, flash.platform()));
  }
}

base::Result<> load_modules(FlashMemory& flash, const std::vector<base::Bytes>& modules) {
  for (const base::Bytes& image : modules) {
    const auto header = firmware::parse_header(image, nullptr);
    const platform::Slot* slot = header ? flash.platform().slot_at(header->start) : nullptr;
    const bool monolithic = header && header->id.function == platform::ModuleFunction::monolithic;
    const std::uint32_t end = slot == nullptr ? 0
                              : monolithic    ? flash.platform().factory.begin
                                              : slot->flash.end;
    if (slot == nullptr || image.size() > end - slot->flash.begin) {
      return base::make_error(Errc::bad_module, "a module of the state fits no slot of the device");
    }
    for (const platform::Slot& one : flash.platform().slots) {
      const base::AddressRange covered{
          slot->flash.begin, slot->flash.begin + static_cast<std::uint32_t>(image.size())};
      if (one.flash.overlaps(covered)) flash.fill_blank(one.flash);
    }
    flash.load(slot->flash.begin, image);
  }
  return {};
}

base::Result<> load_image(FlashMemory& flash, const std::string& path) {
  TRY_ASSIGN(const base::Bytes image, base::read_file(path, flash.range().size()));
  if (image.size() != flash.range().size()) {
    return base::make_error(Errc::bad_file, fmt::format("{} has {} bytes, a flash image has {}",
                                                        path, image.size(), flash.range().size()));
  }
  flash.load(flash.range().begin, image);
  return {};
}

struct Origin {
  const release::CatalogueRelease* release = nullptr;
  const BootloaderProfile* bootloader = nullptr;
};

base::Result<Origin> look_up(const ElectronSpec& spec) {
  Origin origin;
  if (!spec.release.empty()) {
    release::Version version;
    if (release::Version::parse(spec.release, version)) {
      origin.release = release::Catalogue::embedded().find(version);
    }
    if (origin.release == nullptr || !origin.release->module_version) {
      return base::make_error(
          Errc::usage, "unknown-release",
          fmt::format("there is no release {} to make a virtual Electron of",
                      base::printable(spec.release)),
          "use a release such as sim:0.6.4, sim:blank, or a state file sim:FILE.json");
    }
  }
  if (!spec.bootloader.empty()) {
    origin.bootloader = find_bootloader_profile(spec.bootloader);
  } else if (origin.release != nullptr) {
    origin.bootloader = &bootloader_profile(bootloader_of(*origin.release));
  } else {
    origin.bootloader = find_bootloader_profile(kUsualBootloader);
  }
  if (origin.bootloader == nullptr) {
    std::string known;
    for (const auto& profile : bootloader_profiles()) known += fmt::format(" {}", profile.name);
    return base::make_error(
        Errc::usage, "unknown-bootloader",
        fmt::format("there is no bootloader {}", base::printable(spec.bootloader)),
        "known are:" + known);
  }
  return origin;
}

Programs programs_for(const BootloaderProfile& bootloader, const FirmwareOptions& options) {
  return {[&bootloader](Hardware& hardware, ResetCause cause) {
            return make_bootloader(hardware, cause, bootloader);
          },
          [options](Hardware& hardware) { return make_firmware(hardware, options); }};
}

Programs foreign_programs() {
  return {[](Hardware& hardware, ResetCause) { return make_foreign_device(hardware); },
          [](Hardware&) { return nullptr; }};
}

}  // namespace

base::Result<std::unique_ptr<Board>> make_board(const ElectronSpec& spec,
                                                const release::Library& library,
                                                base::Instant now) {
  const platform::Platform& platform = *spec.firmware.platform;
  if (spec.foreign) {
    return std::make_unique<Board>(platform, spec.unique_id.value_or(id_from(spec.seed)),
                                   foreign_programs(), now);
  }
  TRY_ASSIGN(const Origin origin, look_up(spec));
  FirmwareOptions firmware = spec.firmware;
  if (origin.release != nullptr) firmware.made_of = origin.release->version.text();
  auto board = std::make_unique<Board>(platform, spec.unique_id.value_or(id_from(spec.seed)),
                                       programs_for(*origin.bootloader, firmware), now);
  FlashMemory& flash = board->flash();
  if (!spec.flash_image.empty()) {
    TRY(load_image(flash, spec.flash_image));
    return board;
  }
  load_bootloader(flash, *origin.bootloader, library);
  Dct::load(flash, make_configuration(*origin.bootloader, spec, platform), origin.bootloader->dct);
  fill_eeprom(flash, spec.seed);
  const base::Bytes app = synthesise_user_app(platform);
  if (spec.user_app) flash.load(platform.slot(platform::kUserPart)->flash.begin, app);
  if (spec.factory_image || spec.factory_registered) flash.load(platform.factory.begin, app);
  if (origin.release != nullptr) load_release(flash, *origin.release, library);
  TRY(load_modules(flash, spec.modules));
  return board;
}

SimWorld::SimWorld(Key /*key*/, VirtualHost::Enumeration enumeration)
    : wire_(base::Instant{}), host_(wire_, enumeration), ports_(host_), clock_(wire_) {}

base::Result<std::unique_ptr<SimWorld>> SimWorld::make(const std::vector<ElectronSpec>& electrons,
                                                       const release::Library& library,
                                                       VirtualHost::Enumeration enumeration) {
  auto world = std::make_unique<SimWorld>(Key{}, enumeration);
  for (const ElectronSpec& spec : electrons) {
    TRY_ASSIGN(auto board, make_board(spec, library, world->wire_.now()));
    world->wire_.add(*board);
    world->boards_.push_back(std::move(board));
  }
  world->hand_over(electrons, enumeration);
  return world;
}

// As a person would: with the MODE button, held at power-on or once the firmware runs.
void SimWorld::hand_over(const std::vector<ElectronSpec>& electrons,
                         VirtualHost::Enumeration enumeration) {
  using Mode = ElectronSpec::Mode;
  constexpr base::Micros kSafeModeHold = milliseconds(1500);
  constexpr base::Micros kHold = milliseconds(3500);
  constexpr base::Micros kFirmwareUp = milliseconds(15'000);
  constexpr base::Micros kSettled = milliseconds(5'000);
  const auto all = [&](auto wanted, auto act) {
    for (std::size_t i = 0; i < electrons.size(); ++i) {
      if (wanted(electrons[i].mode)) act(*boards_[i]);
    }
  };
  const auto held_at_start = [](Mode mode) { return mode == Mode::dfu || mode == Mode::safe; };
  const auto is = [](Mode wanted) { return [wanted](Mode mode) { return mode == wanted; }; };
  const auto press = [](Board& board) { board.press_mode(true); };
  const auto release = [](Board& board) { board.press_mode(false); };

  all(held_at_start, press);
  all([](Mode mode) { return mode != Mode::off; }, [](Board& board) { board.power(true); });
  pass(kSafeModeHold);
  all(is(Mode::safe), release);
  pass(kHold - kSafeModeHold);
  all(is(Mode::dfu), release);
  const bool any_listens = std::any_of(electrons.begin(), electrons.end(), [&](const auto& spec) {
    return is(Mode::listening)(spec.mode);
  });
  if (any_listens) {
    pass(kFirmwareUp);
    all(is(Mode::listening), press);
    pass(kHold);
    all(is(Mode::listening), release);
  }
  if (enumeration == VirtualHost::Enumeration::here) pass(kSettled);
  for (std::size_t i = 0; i < electrons.size(); ++i) {
    if (!electrons[i].faults.empty()) wire_.set_faults(i, electrons[i].faults);
  }
}

base::Result<std::unique_ptr<SimWorld>> SimWorld::from_selector(std::string_view selector,
                                                                const release::Library& library) {
  constexpr std::string_view kPrefix = "sim:";
  if (selector.starts_with(kPrefix)) selector.remove_prefix(kPrefix.size());
  TRY_ASSIGN(ElectronSpec spec, parse_state(selector));
  std::vector<ElectronSpec> electrons;
  electrons.push_back(std::move(spec));
  return make(electrons, library, VirtualHost::Enumeration::here);
}

}  // namespace sim
