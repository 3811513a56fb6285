// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/air/workshop.h"

#include "base/checksum.h"
#include "sim/air/receiver.h"
#include "sim/board/stored_module.h"
#include "sim/bootloader/bootloader.h"
#include "sim/firmware/boot_rules.h"
#include "sim/firmware/describe_json.h"
#include "sim/firmware/system_firmware.h"

#include <algorithm>
#include <utility>

namespace sim {
namespace {

using std::chrono_literals::operator""s;

// A start takes 5 s at most, with the copy of a module 10 s; a crash loop never ends.
constexpr base::Micros kNeverStarts = 60s;
constexpr base::Micros kBatteryOut = 1s;
// Some 200 MiB: the same devices in the same trouble again and again need far less.
constexpr std::size_t kMostSectors = 2048;
constexpr UniqueId kAnyId{0x2b, 0x00, 0x36, 0x00, 0x0a, 0x47, 0x33, 0x35, 0x34, 0x39, 0x33, 0x38};

// Of a device's own texts none: they differ between devices that do the same.
FirmwareOptions options_for(const std::string& made_of) {
  FirmwareOptions options;
  options.imei.clear();
  options.iccid.clear();
  options.modem_firmware.clear();
  options.made_of = made_of;
  options.network = true;
  return options;
}

bool up(const Board& board) {
  return board.running() == Board::Running::firmware && board.attached();
}

// From event to event; false: `wanted` does not come true in time.
template <class Wanted>
bool run_until(Board& board, base::Micros most, Wanted wanted) {
  const base::Instant end = board.time() + most;
  while (!wanted()) {
    const auto next = board.next_event();
    if (!next || *next > end) return false;
    board.advance_to(*next);
  }
  return true;
}

std::string application_of(const std::string& modules) {
  constexpr std::string_view kMember = R"("u":")";
  const auto at = modules.find(kMember);
  if (at == std::string::npos) return {};
  const auto begin = at + kMember.size();
  return modules.substr(begin, modules.find('"', begin) - begin);
}

}  // namespace

Start Workshop::look(const Board& board, const FirmwareOptions& options) {
  Start start;
  const FlashMemory& flash = board.flash();
  start.chip = chips_.keep(flash);
  start.runs = up(board);
  const platform::Platform& platform = *options.platform;
  const InstalledParts parts = look_at_parts(flash, platform);
  start.index1 = parts.index1.header.version;
  start.index2 = parts.index2.header.version;
  start.index3 = parts.index3.header.version;
  const firmware::Dependency& wanted = parts.user.header.dependency1;
  if (parts.user.whole() && wanted.module == platform::kSystemPart2) {
    start.wanted_index2 = wanted.version;
  }
  if (!start.runs) return start;
  const SystemProfile& profile = system_profile(start.index2);
  start.safe_mode = !user_part_usable(flash, platform, profile, parts);
  start.version = system_version(flash, parts.index2, options);
  const std::string text = describe_modules(flash, profile, options);
  const auto from = text.find("\"m\":");
  start.modules = text.substr(from, text.size() - from - 1);
  start.application = application_of(start.modules);
  return start;
}

base::Result<Start> Workshop::make(const ElectronSpec& spec, const release::Library& library) {
  TRY_ASSIGN(const auto board, make_board(spec, library, base::Instant{}));
  board->power(true);
  run_until(*board, kNeverStarts, [&] { return up(*board); });
  const base::Micros took = board->time() - base::Instant{};
  FirmwareOptions options = options_for(spec.release);
  Start start = look(*board, options);
  start.took = took;
  start.made_of = spec.release;
  return start;
}

const Delivery& Workshop::deliver(const Start& before, base::ByteView image,
                                  std::optional<base::Micros> power_cut) {
  const base::Sha256 digest = base::sha256(image);
  Key key{before.chip.get(), before.made_of, std::string(digest.begin(), digest.end()),
          power_cut ? power_cut->count() : -1};
  const auto known = deliveries_.find(key);
  if (known != deliveries_.end()) return *known->second.delivery;
  if (chips_.sectors_kept() > kMostSectors) {
    deliveries_.clear();
    chips_ = ChipStore();
  }

  const FirmwareOptions options = options_for(before.made_of);
  Arrival arrival{.image = image, .when = {}, .judgement = std::nullopt};
  Arrival* mailbox = nullptr;
  Programs programs{
      [](Hardware& hardware, ResetCause cause) {
        const auto version =
            version_at(hardware.flash(), hardware.flash().platform(), platform::kBootloader);
        return make_bootloader(hardware, cause, bootloader_profile(version.value_or(0)));
      },
      [&](Hardware& hardware) { return make_receiving_firmware(hardware, options, &mailbox); }};
  Board board(*options.platform, kAnyId, std::move(programs), base::Instant{});
  before.chip->load_into(board.flash());
  board.power(true);
  run_until(board, kNeverStarts, [&] { return up(board); });

  auto delivery = std::make_unique<Delivery>();
  delivery->start = before;
  arrival.when = board.time();
  mailbox = &arrival;
  const std::uint32_t resets = board.reset_count();
  run_until(board, kNeverStarts, [&] {
    return arrival.judgement && (!arrival.restarts || board.reset_count() != resets);
  });
  if (arrival.judgement) delivery->judgement = *arrival.judgement;
  delivery->restarted = arrival.judgement && arrival.restarts;
  if (delivery->restarted) {
    const base::Instant reset_at = board.time();
    if (power_cut) {
      board.advance_to(reset_at + *power_cut);
      board.power(false);
      board.advance_to(board.time() + kBatteryOut);
      board.power(true);
    }
    run_until(board, kNeverStarts, [&] { return up(board); });
    delivery->start = look(board, options);
    delivery->start.took = board.time() - reset_at;
    delivery->start.made_of = before.made_of;
  }
  Known worked_out{before.chip, std::move(delivery)};
  return *deliveries_.emplace(std::move(key), std::move(worked_out)).first->second.delivery;
}

}  // namespace sim
