// SPDX-License-Identifier: GPL-3.0-or-later
#include "dfu/dfuse.h"

#include "dfu/descriptors.h"
#include "dfu/recover.h"
#include "dfu/timing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <limits>
#include <utility>

namespace dfu {
namespace {

// What the Electron's bootloader takes and counts blocks in, whatever the length of a transfer. A
// longer DNLOAD overruns its buffer (device-os usbd_dfu_core.c; XFERSIZE in usbd_conf.h).
constexpr std::uint32_t kBlockSize = 4096;

// Block 0 is a command, block 1 is dropped, block n is at pointer + (n - 2) * kBlockSize.
constexpr std::uint16_t kCommandBlock = 0;
constexpr std::uint16_t kFirstDataBlock = 2;
constexpr std::uint32_t kMostBlock = std::numeric_limits<std::uint16_t>::max();

// DfuSe commands (ST UM0424, section 4.3): one byte and an address, little endian.
constexpr std::uint8_t kSetAddress = 0x21;
constexpr std::uint8_t kErase = 0x41;

// How many blocks are handed to the computer's USB driver at a time, so that the device never waits
// for us. A block that is written takes the device 20 ms or more, one that is read 4 ms.
constexpr std::size_t kWritesUnderWay = 2;
constexpr std::size_t kReadsUnderWay = 4;

using Command = std::array<std::uint8_t, 5>;

Command command(std::uint8_t code, std::uint32_t address) {
  Command bytes{code};
  base::store_le32(bytes, 1, address);
  return bytes;
}

base::Error out_of_range(std::string_view doing, base::AddressRange range, std::string_view why) {
  return base::make_error(
      base::Errc::refused, "out-of-range",
      fmt::format("{} {} to {}: {}", doing, base::hex32(range.begin), base::hex32(range.end), why),
      {});
}

// Wraps around where no such range exists; for a range that is, and for messages.
base::AddressRange range_of(std::uint32_t address, base::ByteView bytes) {
  return {address, static_cast<std::uint32_t>(address + bytes.size())};
}

// Without the blank end.
std::size_t used_size(base::ByteView bytes) {
  const auto end = std::find_if(bytes.rbegin(), bytes.rend(), [](auto b) { return b != 0xFF; });
  return static_cast<std::size_t>(bytes.rend() - end);
}

base::Error cancelled(std::string_view doing, std::uint32_t address) {
  return base::make_error(base::Errc::cancelled,
                          fmt::format("interrupted while {} {}", doing, base::hex32(address)));
}

// In dfuDNBUSY any answered request runs what an earlier tool left pending, and is stalled if that
// fails or lasts as long as that takes: once more tells what is what.
base::Result<base::Bytes> read_configuration(usb::Transport& transport) {
  auto bytes = transport.configuration();
  if (!bytes &&
      (bytes.error().code == base::Errc::usb_stall || bytes.error().code == base::Errc::timeout)) {
    bytes = transport.configuration();
  }
  return bytes;
}

}  // namespace

base::Result<DfuseTarget> DfuseTarget::open(usb::Transport& transport, base::Clock& clock,
                                            std::uint8_t alt, base::AddressRange writable,
                                            BootloaderTraits traits) {
  TRY_ASSIGN(const base::Bytes configuration, read_configuration(transport));
  TRY_ASSIGN(const Interface interface, find_interface(configuration, alt));
  if (interface.transfer_size != kBlockSize || !interface.can_download || !interface.can_upload) {
    return base::make_error(
        base::Errc::protocol,
        fmt::format("the bootloader offers transfers of {} bytes{}{}; an Electron's takes and "
                    "gives {}",
                    interface.transfer_size, interface.can_download ? "" : ", no download",
                    interface.can_upload ? "" : ", no upload", kBlockSize),
        "this is not the bootloader of an Electron");
  }
  if (interface.name_string == 0) {
    return base::make_error(base::Errc::protocol, "the bootloader has no memory map",
                            "this is not the bootloader of an Electron");
  }
  TRY(transport.claim_interface(interface.number));
  DfuseTarget target(Requests(transport, interface.number), clock, writable, traits);
  // First, because it waits for a device that is still at work; the other requests do not.
  TRY(target.enter(Mode::idle));
  TRY(transport.select_alt(interface.number, alt));
  TRY_ASSIGN(const std::string name, transport.string(interface.name_string));
  TRY_ASSIGN(target.map_, parse_memory_map(name));
  return target;
}

base::Result<> DfuseTarget::erase(base::AddressRange sector) {
  const auto known = std::find_if(map_.sectors.begin(), map_.sectors.end(),
                                  [&](const MapSector& s) { return s.range == sector; });
  if (known == map_.sectors.end()) {
    return out_of_range("erasing", sector, "not a sector of the device's memory map");
  }
  if (!known->erasable || !writable_.contains(sector)) {
    return out_of_range("erasing", sector, "not a sector that may be erased");
  }
  const std::uint64_t before = requests_.transfers();
  auto result = erase_now(sector);
  counters_.write_transfers += requests_.transfers() - before;
  if (!result) {
    forget();
    return base::in_context(std::move(result), "erasing " + base::hex32(sector.begin));
  }
  ++counters_.erases;
  return {};
}

base::Result<> DfuseTarget::erase_now(base::AddressRange sector) {
  TRY(enter(Mode::download));
  TRY(download(kCommandBlock, command(kErase, sector.begin), kEraseTimeout));
  pointer_ = sector.begin;
  return {};
}

base::Result<> DfuseTarget::write(std::uint32_t address, base::ByteView bytes,
                                  const Progress& progress, const base::CancelToken& cancel) {
  if (bytes.empty()) return {};
  constexpr std::uint32_t kMostAddress = std::numeric_limits<std::uint32_t>::max();
  if (bytes.size() > kMostAddress - address || !may_write(range_of(address, bytes))) {
    return out_of_range("writing", range_of(address, bytes), "outside of what may be written");
  }
  // The flash controller programs whole words (RM0033, section 2.4.2).
  if (address % 4 != 0) {
    return out_of_range("writing", range_of(address, bytes), "does not begin at a multiple of 4");
  }
  const auto block_of = [bytes](const Block& block) {
    return bytes.subspan(block.offset, block.size);
  };
  const std::size_t used = used_size(bytes);
  const auto is_last = [used](const Block& block) {
    return block.offset < used && used <= block.offset + block.size;
  };
  const BlockJob job{.doing = "writing",
                     .range = range_of(address, bytes),
                     .most_under_way = queued_writes() ? kWritesUnderWay : 1,
                     .begin =
                         [&](const Block& block) {
                           return begin_write(block.address, block_of(block), is_last(block));
                         },
                     .end =
                         [&](const Block& block) {
                           return end_write(block.address, block_of(block), is_last(block));
                         }};
  const std::uint64_t before = requests_.transfers();
  auto result = block_by_block(job, progress, cancel);
  counters_.write_transfers += requests_.transfers() - before;
  return result;
}

base::Result<> DfuseTarget::begin_write(std::uint32_t address, base::ByteView bytes, bool last) {
  if (base::is_blank(bytes)) return {};
  TRY(enter(Mode::download));
  TRY_ASSIGN(const std::uint16_t block, block_for(address));
  if (queued_writes()) {
    requests_.begin_download(block, bytes, kRequestTimeout);
    requests_.begin_get_status(kProgramTimeout);
    if (!last) requests_.begin_get_status(kProgramTimeout);
  }
  return {};
}

base::Result<> DfuseTarget::end_write(std::uint32_t address, base::ByteView bytes, bool last) {
  if (base::is_blank(bytes)) return {};
  if (queued_writes()) {
    TRY(end_queued_download(bytes.size(), last, kProgramTimeout));
    if (last) mode_ = Mode::sync;
  } else {
    TRY_ASSIGN(const std::uint16_t block, block_for(address));
    TRY(download(block, bytes, kProgramTimeout));
  }
  counters_.bytes_written += bytes.size();
  return {};
}

base::Result<base::Bytes> DfuseTarget::read(base::AddressRange range, const Progress& progress,
                                            const base::CancelToken& cancel) {
  if (range.empty()) return base::Bytes{};
  if (!readable().contains(range)) {
    return out_of_range("reading", range, "outside of the device's memory");
  }
  base::Bytes bytes(range.size());
  const auto place_of = [&bytes](const Block& block) {
    return std::span(bytes).subspan(block.offset, block.size);
  };
  const BlockJob job{
      .doing = "reading",
      .range = range,
      .most_under_way = queueing_ ? kReadsUnderWay : 1,
      .begin = [&](const Block& block) { return begin_read(block.address, place_of(block)); },
      .end = [&](const Block& block) { return end_read(block.address, place_of(block)); }};
  TRY(block_by_block(job, progress, cancel));
  return bytes;
}

base::Result<> DfuseTarget::begin_read(std::uint32_t address, std::span<std::uint8_t> into) {
  const auto block = block_for(address);
  if (!block && block.error().code == base::Errc::write_failed) {
    // Nothing has been written but the device's address pointer.
    return base::make_error(base::Errc::usb_io, block.error().message,
                            "check the cable; use another port, without a hub");
  }
  TRY(block);
  TRY(enter(Mode::upload));
  if (queueing_) requests_.begin_upload(*block, into, kRequestTimeout);
  return {};
}

base::Result<> DfuseTarget::end_read(std::uint32_t address, std::span<std::uint8_t> into) {
  base::Result<std::size_t> got = 0;
  if (queueing_) {
    got = requests_.end_upload(into);
  } else {
    TRY_ASSIGN(const std::uint16_t block, block_for(address));
    got = requests_.upload(block, into, kRequestTimeout);
  }
  TRY(got);
  if (*got != into.size()) {
    return base::make_error(
        base::Errc::protocol,
        fmt::format("the device gave {} bytes instead of {}", *got, into.size()),
        "unplug the device, bring it back to DFU mode and try again");
  }
  counters_.bytes_read += into.size();
  return {};
}

base::Result<> DfuseTarget::block_by_block(const BlockJob& job, const Progress& progress,
                                           const base::CancelToken& cancel) {
  std::deque<Block> under_way;
  const auto failed = [&](const Block& block, const base::Error& error) {
    requests_.end_all();
    forget();
    return base::in_context(error, fmt::format("{} {}", job.doing, base::hex32(block.address)));
  };
  std::uint32_t next = job.range.begin;
  while (true) {
    // A command to set the pointer is not queued: nothing may be under way.
    const bool room = under_way.empty() ||
                      (under_way.size() < job.most_under_way && block_in_reach(next).has_value());
    if (next < job.range.end && room && !cancel.requested()) {
      const Block block{next, next - job.range.begin, std::min(kBlockSize, job.range.end - next)};
      const auto begun = job.begin(block);
      if (!begun) return failed(block, begun.error());
      under_way.push_back(block);
      next += static_cast<std::uint32_t>(block.size);
      continue;
    }
    if (under_way.empty()) break;
    const Block block = under_way.front();
    under_way.pop_front();
    const auto ended = job.end(block);
    if (!ended) return failed(block, ended.error());
    if (progress) progress(block.offset + block.size);
  }
  if (next < job.range.end) return cancelled(job.doing, next);
  return {};
}

std::optional<std::uint16_t> DfuseTarget::block_in_reach(std::uint32_t address) const {
  if (!pointer_ || address < *pointer_ || (address - *pointer_) % kBlockSize != 0) {
    return std::nullopt;
  }
  const std::uint32_t block = (address - *pointer_) / kBlockSize + kFirstDataBlock;
  if (block > kMostBlock) return std::nullopt;
  return static_cast<std::uint16_t>(block);
}

base::Result<std::uint16_t> DfuseTarget::block_for(std::uint32_t address) {
  if (const auto block = block_in_reach(address)) return *block;
  // The start of the sector, where blocks can be counted from it: it serves the rest of it as well,
  // and a sector whose first block comes last needs no second command.
  std::uint32_t base_address = address;
  for (const MapSector& sector : map_.sectors) {
    const std::uint32_t offset = address - sector.range.begin;
    const bool counts = sector.range.contains(address) && offset % kBlockSize == 0 &&
                        offset / kBlockSize + kFirstDataBlock <= kMostBlock;
    if (counts) base_address = sector.range.begin;
  }
  TRY(enter(Mode::download));
  TRY(download(kCommandBlock, command(kSetAddress, base_address), kProgramTimeout));
  pointer_ = base_address;
  return static_cast<std::uint16_t>((address - base_address) / kBlockSize + kFirstDataBlock);
}

base::Result<> DfuseTarget::enter(Mode wanted) {
  if (mode_ == Mode::unknown) {
    TRY(bring_to_idle(requests_, *clock_));
    mode_ = Mode::idle;
  }
  // Downloads and uploads are both taken in dfuIDLE, neither in the other's idle state.
  if (mode_ != Mode::idle && mode_ != wanted) {
    TRY(requests_.abort_transfer(kRequestTimeout));
    mode_ = Mode::idle;
  }
  if (wanted != Mode::idle) mode_ = wanted;
  return {};
}

base::AddressRange DfuseTarget::readable() const {
  if (map_.sectors.empty()) return {};
  base::AddressRange range{map_.sectors.front().range.begin, map_.sectors.back().range.end};
  if (!writable_.empty()) range.end = std::min(range.end, writable_.end);
  return range;
}

bool DfuseTarget::may_write(base::AddressRange range) const {
  return writable_.contains(range) && readable().contains(range) &&
         std::all_of(map_.sectors.begin(), map_.sectors.end(),
                     [&](const MapSector& s) { return s.writable || !s.range.overlaps(range); });
}

void DfuseTarget::forget() {
  mode_ = Mode::unknown;
  pointer_.reset();
  queueing_ = false;
}

Counters DfuseTarget::counters() const {
  Counters counters = counters_;
  counters.transfers = requests_.transfers();
  return counters;
}

}  // namespace dfu
