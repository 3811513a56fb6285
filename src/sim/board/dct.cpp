// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/board/dct.h"

#include "base/checksum.h"

#include <algorithm>
#include <array>

namespace sim {
namespace {

// device-os v0.7.0: services/inc/dcd.h
constexpr std::uint32_t kWatermark = 0x1E1C279A;
constexpr std::uint32_t kSealValid = 0xEDA15E00;
constexpr std::uint32_t kSealSuperseded = 0x00000000;        // up to 0.6.x
constexpr std::uint32_t kSealSupersededFooter = 0x69A00C00;  // since 0.7.0
constexpr std::uint32_t kHeader = 8;
constexpr std::uint32_t kFooter = 32;
constexpr std::uint32_t kSealOffset = 4;
// Counted from the sector's end. Before the counter the footer has 16 bytes without meaning.
constexpr std::uint32_t kFooterCounter = 16;
constexpr std::uint32_t kFooterSize = 10;
constexpr std::uint32_t kFooterWatermark = 8;
constexpr std::uint32_t kFooterCrc = 4;
constexpr std::uint16_t kSizeInFooter = 4;  // which the code writes, by mistake: it has 32
constexpr std::uint8_t kCounts = 4;
// Copying and comparing 16 KiB, besides the flash's own time.
constexpr base::Micros kCpuWork{5000};

// device-os v0.6.4: dct.h; RTC registers 4 to 9 hold the same bytes since 0.7.0.
constexpr std::uint32_t kFlagsMagic = 0x1ADEACC0;
constexpr std::size_t kFlagsSize = 24;
constexpr std::size_t kFirstFlagRegister = 4;

constexpr std::uint32_t kSlotSize = 20;

std::uint32_t sector_size(const FlashMemory& flash) {
  return flash.platform().configuration.size() / 2;
}

SystemFlags from_bytes(base::ByteView bytes) {
  SystemFlags flags;
  if (base::load_le32(bytes, 0) != kFlagsMagic) return flags;
  flags.bootloader_version = base::load_le16(bytes, 4);
  flags.nvmem_reset = base::load_le16(bytes, 6);
  flags.ota_update = base::load_le16(bytes, 8);
  flags.ota_flashed = base::load_le16(bytes, 10);
  flags.factory_reset = base::load_le16(bytes, 12);
  flags.watchdog = base::load_le16(bytes, 14);
  flags.dfu_on_no_firmware = bytes[16];
  flags.factory_reset_done = bytes[17];
  flags.startup_mode = bytes[18];
  flags.features = bytes[19];
  flags.reset_cause = base::load_le32(bytes, 20);
  return flags;
}

// A sector's whole contents for the application data at its +8, valid and live.
base::Bytes make_sector(std::uint32_t size, base::ByteView data) {
  base::Bytes sector(size, 0xFF);
  base::store_le32(sector, 0, kWatermark);
  base::store_le32(sector, kSealOffset, kSealValid);
  std::copy(data.begin(), data.end(), sector.begin() + kHeader);
  return sector;
}

// From behind the header up to itself, as the chip's CRC unit has it.
std::uint32_t crc_of(base::ByteView sector) {
  return base::crc32(sector.subspan(kHeader, sector.size() - kHeader - kFooterCrc));
}

// The footer of a copy that is the first, or comes after `old`, whose footer it takes over.
void add_footer(base::Bytes& sector, base::ByteView old) {
  const std::size_t size = sector.size();
  const auto footer = sector.end() - kFooter;
  std::uint8_t counter = 0;
  if (old.empty()) {
    std::fill(footer, sector.end(), std::uint8_t{0});
    base::store_le16(sector, size - kFooterSize, kSizeInFooter);
    base::store_le32(sector, size - kFooterWatermark, kWatermark);
  } else {
    std::copy(old.end() - kFooter, old.end(), footer);
    counter = static_cast<std::uint8_t>((old[size - kFooterCounter] + 1) % kCounts);
  }
  std::uint8_t& flags = sector[size - kFooterCounter];
  flags = static_cast<std::uint8_t>(flags - flags % kCounts + counter);
  base::store_le32(sector, size - kFooterCrc, crc_of(sector));
}

}  // namespace

std::uint32_t Dct::capacity() const {
  return sector_size(*flash_) - kHeader - (format_ == DctFormat::with_footer ? kFooter : 0);
}

// 0 where there is no watermark.
std::uint32_t Dct::seal(std::uint32_t sector) const {
  const base::ByteView header = flash_->view({sector, sector + kHeader});
  if (base::load_le32(header, 0) != kWatermark) return 0;
  return base::load_le32(header, kSealOffset);
}

bool Dct::has_right_crc(std::uint32_t sector) const {
  const std::uint32_t size = sector_size(*flash_);
  const base::ByteView bytes = flash_->view({sector, sector + size});
  return crc_of(bytes) == base::load_le32(bytes, size - kFooterCrc);
}

// Which of the two sectors has the live copy, `primary` having a valid seal. What older code wrote
// is taken on its seal alone, since that does not know of the CRC.
std::uint32_t Dct::live_of(std::uint32_t primary, std::uint32_t secondary) const {
  if (format_ == DctFormat::sealed) return primary;
  const std::uint32_t other = seal(secondary);
  if (other == kSealSupersededFooter) return has_right_crc(primary) ? primary : secondary;
  if (other != kSealValid) return primary;
  const bool first = has_right_crc(primary);
  const bool second = has_right_crc(secondary);
  if (first != second) return first ? primary : secondary;
  if (!first) return secondary;
  const std::uint32_t to_counter = sector_size(*flash_) - kFooterCounter;
  const auto counter = [&](std::uint32_t sector) {
    return flash_->view({sector + to_counter, sector + to_counter + 1}).front() % kCounts;
  };
  return (counter(primary) + 1) % kCounts == counter(secondary) ? secondary : primary;
}

std::optional<std::uint32_t> Dct::live() const {
  const std::uint32_t first = flash_->platform().configuration.begin;
  const std::uint32_t second = first + sector_size(*flash_);
  if (seal(first) == kSealValid) return live_of(first, second) + kHeader;
  if (seal(second) == kSealValid) return live_of(second, first) + kHeader;
  return std::nullopt;
}

base::Bytes Dct::read(std::uint32_t offset, std::size_t length) const {
  base::Bytes bytes(length, 0xFF);
  const auto begin = live();
  if (!begin) return bytes;
  const std::uint32_t end = flash_->range().end;
  const std::uint32_t from = std::min(*begin + offset, end);
  const auto there = std::min<std::size_t>(length, end - from);
  const base::ByteView view = flash_->view({from, from + static_cast<std::uint32_t>(there)});
  std::copy(view.begin(), view.end(), bytes.begin());
  return bytes;
}

std::uint16_t Dct::read16(std::uint32_t offset) const {
  return base::load_le16(read(offset, 2), 0);
}
std::uint32_t Dct::read32(std::uint32_t offset) const {
  return base::load_le32(read(offset, 4), 0);
}

// From `from` on; the seal comes last: until then the old copy is the live one.
bool Dct::write_sector(std::uint32_t sector, base::ByteView bytes, std::uint32_t from) {
  const std::uint32_t size = sector_size(*flash_);
  if (format_ == DctFormat::sealed || !base::is_blank(flash_->view({sector, sector + size}))) {
    if (!flash_->erase_sector(flash_->sector_of(sector))) return false;
  }
  const bool written = flash_->program(sector, bytes.first(kSealOffset)) == kSealOffset &&
                       flash_->program(sector + from, bytes.subspan(from)) == size - from &&
                       flash_->program(sector + kSealOffset, bytes.subspan(kSealOffset, 4)) == 4;
  flash_->pass(kCpuWork);
  return written;
}

void Dct::prepare() {
  if (format_ == DctFormat::sealed || live()) return;
  const std::uint32_t size = sector_size(*flash_);
  base::Bytes sector = make_sector(size, {});
  add_footer(sector, {});
  // A flash that fails leaves it without a copy, which reads as blank.
  [[maybe_unused]] const bool written =
      write_sector(flash_->platform().configuration.begin + size, sector, size - kFooter);
}

bool Dct::write(std::uint32_t offset, base::ByteView bytes) {
  if (offset > capacity() || bytes.size() > capacity() - offset) return false;
  prepare();
  const std::uint32_t size = sector_size(*flash_);
  const base::AddressRange area = flash_->platform().configuration;
  const auto old = live();
  base::Bytes data = read(0, capacity());
  std::copy(bytes.begin(), bytes.end(), data.begin() + static_cast<std::ptrdiff_t>(offset));
  base::Bytes sector = make_sector(size, data);
  const std::uint32_t before = old ? *old - kHeader : area.begin + size;
  if (format_ == DctFormat::with_footer) {
    add_footer(sector, old ? flash_->view({before, before + size}) : base::ByteView());
  }
  const std::uint32_t spare = before == area.begin ? area.begin + size : area.begin;
  if (!write_sector(spare, sector, kHeader)) return false;
  if (!old) return true;
  base::Bytes retired(4);
  base::store_le32(retired, 0,
                   format_ == DctFormat::sealed ? kSealSuperseded : kSealSupersededFooter);
  return flash_->program(before + kSealOffset, retired) == retired.size();
}

void Dct::load(FlashMemory& flash, base::ByteView application_data, DctFormat format) {
  const base::AddressRange area = flash.platform().configuration;
  base::Bytes sector = make_sector(area.size() / 2, application_data);
  if (format == DctFormat::with_footer) add_footer(sector, {});
  flash.fill_blank(area);
  flash.load(area.begin, sector);
}

ModuleSlot read_slot(const Dct& dct, int index) {
  const base::Bytes bytes =
      dct.read(kDctModuleSlots + static_cast<std::uint32_t>(index) * kSlotSize, kSlotSize);
  ModuleSlot slot;
  slot.magic = base::load_le16(bytes, 0);
  slot.source_device = bytes[2];
  slot.destination_device = bytes[3];
  slot.source = base::load_le32(bytes, 4);
  slot.destination = base::load_le32(bytes, 8);
  slot.length = base::load_le32(bytes, 12);
  slot.flags = bytes[16];
  slot.function = bytes[17];
  return slot;
}

base::Bytes encode(const ModuleSlot& slot) {
  base::Bytes bytes(kSlotSize, 0);
  base::store_le16(bytes, 0, slot.magic);
  bytes[2] = slot.source_device;
  bytes[3] = slot.destination_device;
  base::store_le32(bytes, 4, slot.source);
  base::store_le32(bytes, 8, slot.destination);
  base::store_le32(bytes, 12, slot.length);
  bytes[16] = slot.flags;
  bytes[17] = slot.function;
  return bytes;
}

bool write_slot(Dct& dct, int index, const ModuleSlot& slot) {
  return dct.write(kDctModuleSlots + static_cast<std::uint32_t>(index) * kSlotSize, encode(slot));
}

bool clear_slot(Dct& dct, int index) {
  return dct.write(kDctModuleSlots + static_cast<std::uint32_t>(index) * kSlotSize,
                   base::Bytes(kSlotSize, 0xFF));
}

base::Bytes encode(const SystemFlags& flags) {
  base::Bytes bytes(kFlagsSize);
  base::store_le32(bytes, 0, kFlagsMagic);
  base::store_le16(bytes, 4, flags.bootloader_version);
  base::store_le16(bytes, 6, flags.nvmem_reset);
  base::store_le16(bytes, 8, flags.ota_update);
  base::store_le16(bytes, 10, flags.ota_flashed);
  base::store_le16(bytes, 12, flags.factory_reset);
  base::store_le16(bytes, 14, flags.watchdog);
  bytes[16] = flags.dfu_on_no_firmware;
  bytes[17] = flags.factory_reset_done;
  bytes[18] = flags.startup_mode;
  bytes[19] = flags.features;
  base::store_le32(bytes, 20, flags.reset_cause);
  return bytes;
}

SystemFlags load_flags(Hardware& hardware, FlagStore store) {
  if (store == FlagStore::backup_registers) {
    std::array<std::uint8_t, kFlagsSize> bytes{};
    for (std::size_t i = 0; i < kFlagsSize / 4; ++i) {
      base::store_le32(bytes, i * 4, hardware.backup().other[kFirstFlagRegister + i]);
    }
    if (base::load_le32(bytes, 0) == kFlagsMagic) return from_bytes(bytes);
  }
  return from_bytes(Dct(hardware.flash(), DctFormat::sealed).read(kDctSystemFlags, kFlagsSize));
}

void save_flags(Hardware& hardware, FlagStore store, const SystemFlags& flags) {
  const base::Bytes bytes = encode(flags);
  if (store == FlagStore::backup_registers) {
    for (std::size_t i = 0; i < kFlagsSize / 4; ++i) {
      hardware.backup().other[kFirstFlagRegister + i] = base::load_le32(bytes, i * 4);
    }
    return;
  }
  Dct dct(hardware.flash(), DctFormat::sealed);
  const base::Bytes there = dct.read(kDctSystemFlags, kFlagsSize);
  if (std::equal(there.begin(), there.end(), bytes.begin())) return;
  // A failure leaves the old copy live; the programs never look.
  [[maybe_unused]] const bool written = dct.write(kDctSystemFlags, bytes);
}

}  // namespace sim
