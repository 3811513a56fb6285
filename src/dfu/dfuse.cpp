// SPDX-License-Identifier: GPL-3.0-or-later
#include "dfu/dfuse.h"

#include "dfu/descriptors.h"
#include "dfu/recover.h"
#include "dfu/timing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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

// DNLOAD, the GETSTATUS that runs it, and the one that shows that it is over.
constexpr std::size_t kWriteRequests = 3;

// How many blocks are handed to the computer's USB driver at a time, so that the device never waits
// for us. A block that is written takes the device 20 ms or more, one that is read 4 ms.
constexpr std::size_t kWritesUnderWay = 2;
constexpr std::size_t kReadsUnderWay = 4;

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

base::Error not_readable(base::AddressRange range) {
  return out_of_range("reading", range, "outside of the device's memory");
}

// Without the blank end.
std::size_t used_size(base::ByteView bytes) {
  const auto end = std::find_if(bytes.rbegin(), bytes.rend(), [](auto b) { return b != 0xFF; });
  return static_cast<std::size_t>(bytes.rend() - end);
}

std::string at(std::string_view doing, std::uint32_t address) {
  return fmt::format("{} {}", doing, base::hex32(address));
}

base::Error cancelled(std::string_view doing, std::uint32_t address) {
  return base::make_error(base::Errc::cancelled, "interrupted while " + at(doing, address));
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
  auto result = command("erasing", kErase, sector.begin, kEraseTimeout);
  counters_.write_transfers += requests_.transfers() - before;
  TRY(result);
  ++counters_.erases;
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
  const std::uint32_t used_end = address + static_cast<std::uint32_t>(used_size(bytes));
  const auto block_of = [&](base::AddressRange range) -> Block {
    const base::ByteView out = bytes.subspan(range.begin - address, range.size());
    if (base::is_blank(out)) return {.address = range.begin};
    // Nothing follows the last block but an ABORT, which is taken whether or not the device was
    // asked; a bootloader that is not known may still be at work.
    const bool last = traits_.poll_timeout_is_decoration && used_end <= range.end;
    return {.address = range.begin,
            .out = out,
            .timeout = kProgramTimeout,
            .asked_whether_over = !last};
  };
  const std::uint64_t before = requests_.transfers();
  auto result = pass("writing", range_of(address, bytes), Mode::download, depth_to_write(),
                     block_of, progress, cancel);
  counters_.write_transfers += requests_.transfers() - before;
  return result;
}

base::Result<base::Bytes> DfuseTarget::read(base::AddressRange range, const Progress& progress,
                                            const base::CancelToken& cancel) {
  if (!range.empty() && !readable().contains(range)) return not_readable(range);
  base::Bytes bytes(range.size());
  TRY(read_into(bytes, range.begin, progress, cancel));
  return bytes;
}

base::Result<> DfuseTarget::read_into(std::span<std::uint8_t> into, std::uint32_t address,
                                      const Progress& progress, const base::CancelToken& cancel) {
  if (into.empty()) return {};
  const base::AddressRange range = range_of(address, into);
  if (range.size() != into.size() || !readable().contains(range)) return not_readable(range);
  const auto block_of = [&](base::AddressRange part) -> Block {
    return {.address = part.begin,
            .in = into.subspan(part.begin - address, part.size()),
            .timeout = kRequestTimeout};
  };
  auto result = pass("reading", range, Mode::upload, depth_to_read(), block_of, progress, cancel);
  if (!result && result.error().code == base::Errc::write_failed) {
    // Nothing has been written but the device's address pointer.
    return base::make_error(base::Errc::usb_io, result.error().message,
                            "check the cable; use another port, without a hub");
  }
  return result;
}

base::Result<> DfuseTarget::pass(std::string_view doing, base::AddressRange range, Mode mode,
                                 Depth depth,
                                 const std::function<Block(base::AddressRange)>& block_of,
                                 const Progress& progress, const base::CancelToken& cancel) {
  std::uint32_t next = range.begin;
  const auto feed = [&](bool under_way) -> base::Result<std::optional<Block>> {
    if (next >= range.end || cancel.requested()) return std::optional<Block>();
    // A command to set the pointer waits for its answer: nothing else may be under way.
    if (under_way && !block_in_reach(next)) return std::optional<Block>();
    Block block = block_of({next, next + std::min(kBlockSize, range.end - next)});
    if (first_ask(block) != Ask::nothing) {
      TRY_ASSIGN(block.number, base::in_context(block_for(next), at(doing, next)));
      TRY(base::in_context(enter(mode), at(doing, next)));
    }
    next += std::min(kBlockSize, range.end - next);
    return std::optional(block);
  };
  const auto done = [&](const Block& block) {
    counters_.bytes_read += block.in.size();
    counters_.bytes_written += block.out.size();
    if (!block.asked_whether_over) mode_ = Mode::sync;
    const std::uint32_t size = std::min(kBlockSize, range.end - block.address);
    if (progress) progress(block.address - range.begin + size);
  };
  TRY(carry_out(doing, feed, depth, done));
  if (next < range.end) return cancelled(doing, next);
  return {};
}

base::Result<> DfuseTarget::command(std::string_view doing, std::uint8_t code,
                                    std::uint32_t address, base::Millis timeout) {
  if (auto entered = enter(Mode::download); !entered) {
    forget();
    return base::in_context(entered.error(), at(doing, address));
  }
  std::array<std::uint8_t, 5> bytes{code};
  base::store_le32(bytes, 1, address);
  bool given = false;
  const auto feed = [&](bool) {
    const bool first = !std::exchange(given, true);
    return base::Result<std::optional<Block>>(
        first ? std::optional(Block{
                    .address = address, .number = kCommandBlock, .out = bytes, .timeout = timeout})
              : std::nullopt);
  };
  TRY(carry_out(doing, feed, {1, kWriteRequests}, {}));
  pointer_ = address;
  return {};
}

DfuseTarget::Depth DfuseTarget::depth_to_write() const {
  if (trouble_ || !traits_.poll_timeout_is_decoration) return {1, kWriteRequests};
  return {std::min(kWritesUnderWay * kWriteRequests, requests_.depth()), kWriteRequests};
}

DfuseTarget::Depth DfuseTarget::depth_to_read() const {
  return {trouble_ ? 1 : std::min(kReadsUnderWay, requests_.depth()), 1};
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
  TRY(command("setting the address", kSetAddress, base_address, kProgramTimeout));
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
  trouble_ = true;
}

Counters DfuseTarget::counters() const {
  Counters counters = counters_;
  counters.transfers = requests_.transfers();
  return counters;
}

}  // namespace dfu
