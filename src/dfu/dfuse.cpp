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
  const std::uint64_t before = requests_.transfers();
  std::uint64_t done = 0;
  base::Result<> result;
  while (result && done < bytes.size()) {
    const auto at = static_cast<std::uint32_t>(address + done);
    if (cancel.requested()) {
      result = cancelled("writing", at);
      break;
    }
    const base::ByteView block =
        bytes.subspan(done, std::min<std::size_t>(kBlockSize, bytes.size() - done));
    if (!base::is_blank(block)) {
      result = base::in_context(write_block(at, block), "writing " + base::hex32(at));
      if (!result) {
        forget();
        break;
      }
      counters_.bytes_written += block.size();
    }
    done += block.size();
    if (progress) progress(done);
  }
  counters_.write_transfers += requests_.transfers() - before;
  return result;
}

base::Result<> DfuseTarget::write_block(std::uint32_t address, base::ByteView bytes) {
  TRY(enter(Mode::download));
  TRY_ASSIGN(const std::uint16_t block, block_for(address));
  return download(block, bytes, kProgramTimeout);
}

base::Result<base::Bytes> DfuseTarget::read(base::AddressRange range, const Progress& progress,
                                            const base::CancelToken& cancel) {
  if (range.empty()) return base::Bytes{};
  if (!readable().contains(range)) {
    return out_of_range("reading", range, "outside of the device's memory");
  }
  base::Bytes bytes(range.size());
  for (std::size_t done = 0; done < bytes.size();) {
    const auto at = static_cast<std::uint32_t>(range.begin + done);
    if (cancel.requested()) return cancelled("reading", at);
    const std::size_t length = std::min<std::size_t>(kBlockSize, bytes.size() - done);
    auto result = base::in_context(read_block(at, std::span(bytes).subspan(done, length)),
                                   "reading " + base::hex32(at));
    if (!result) {
      forget();
      return std::move(result.error());
    }
    done += length;
    counters_.bytes_read += length;
    if (progress) progress(done);
  }
  return bytes;
}

base::Result<> DfuseTarget::read_block(std::uint32_t address, std::span<std::uint8_t> into) {
  auto block = block_for(address);
  if (!block && block.error().code == base::Errc::write_failed) {
    // Nothing has been written but the device's address pointer.
    return base::make_error(base::Errc::usb_io, block.error().message,
                            "check the cable; use another port, without a hub");
  }
  TRY(block);
  TRY(enter(Mode::upload));
  TRY_ASSIGN(const std::size_t got, requests_.upload(*block, into, kRequestTimeout));
  if (got != into.size()) {
    return base::make_error(base::Errc::protocol,
                            fmt::format("the device gave {} bytes instead of {}", got, into.size()),
                            "unplug the device, bring it back to DFU mode and try again");
  }
  return {};
}

base::Result<std::uint16_t> DfuseTarget::block_for(std::uint32_t address) {
  if (pointer_ && address >= *pointer_ && (address - *pointer_) % kBlockSize == 0) {
    const std::uint32_t block = (address - *pointer_) / kBlockSize + kFirstDataBlock;
    if (block <= kMostBlock) {
      return static_cast<std::uint16_t>(block);
    }
  }
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
}

Counters DfuseTarget::counters() const {
  Counters counters = counters_;
  counters.transfers = requests_.transfers();
  return counters;
}

}  // namespace dfu
