// SPDX-License-Identifier: GPL-3.0-or-later
//
// STM32F205 data sheet, typical values at 32 bits: erase 0.25, 0.55 and 1 s for 16, 64 and 128 KiB.
// Programming, copying and the way over USB as measured on released bootloaders and firmware that
// were executed on a model of the chip.

#include "plan/weight.h"

namespace plan {
namespace {

constexpr unsigned kBlock = 4096;
constexpr unsigned kProgramBlock = 19;  // ms, transfer included
constexpr unsigned kReadBlock = 4;      // ms
constexpr unsigned kStartWord = 1;      // ms, to program four bytes and read them
constexpr unsigned kSendKilobyte = 58;  // ms by YMODEM
constexpr unsigned kRestart = 1800;     // ms until the bootloader has copied a part and it runs

unsigned erase_ms(base::AddressRange place, const platform::Platform& platform) {
  unsigned total = 0;
  for (const platform::Sector& sector : platform.sectors) {
    if (!place.contains(sector.range)) continue;
    const std::uint32_t kilobytes = sector.range.size() / 1024;
    total += kilobytes >= 128 ? 1000 : kilobytes >= 64 ? 550 : 250;
  }
  return total;
}

}  // namespace

unsigned weight_of(Action action, const Content& content, const platform::Platform& platform) {
  const auto size = static_cast<unsigned>(content.image().size());
  const unsigned blocks = (size + kBlock - 1) / kBlock;
  switch (action) {
    case Action::skip:
      return 0;
    case Action::guard_close:
      return kStartWord;
    case Action::guard_open:
    case Action::write:
      return erase_ms(content.place, platform) + blocks * (kProgramBlock + kReadBlock);
    case Action::send:
      break;
  }
  // The firmware erases the staging sector, and the bootloader the module's own.
  return 2 * erase_ms(content.place, platform) + size / 1024 * kSendKilobyte + kRestart;
}

}  // namespace plan
