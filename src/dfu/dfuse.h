// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The DfuSe engine for one device and one alternate setting. PROTOCOL.md tells what the Electron's
// bootloaders do with each request and why the engine does what it does.

#include "base/address_range.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "dfu/memory_map.h"
#include "usb/transport.h"

#include <cstdint>
#include <functional>

namespace dfu {

// What is known of the bootloader on the other side; a row of a table, chosen by the caller.
struct BootloaderTraits {
  // The wait in bwPollTimeout means nothing: the work is over when GETSTATUS completes (facts 2.3,
  // 11).
  bool poll_timeout_is_decoration = false;
};

// Bytes done so far of the operation at hand; never falls.
using Progress = std::function<void(std::uint64_t done)>;

// Counts for the report and the benchmarks.
struct Counters {
  std::uint64_t transfers = 0;
  std::uint64_t erases = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t bytes_read = 0;
};

class DfuseTarget {
 public:
  // Claims the interface, selects the alternate setting, reads the functional descriptor and the
  // memory map, and brings the device to dfuIDLE from whatever state an earlier tool left it in.
  // `writable` limits erase and write. Errors: protocol (descriptors make no sense), and
  // transport's.
  static base::Result<DfuseTarget> open(usb::Transport& transport, base::Clock& clock,
                                        std::uint8_t alt, base::AddressRange writable,
                                        BootloaderTraits traits);

  const MemoryMap& memory_map() const { return map_; }

  // Erases the sector that begins at sector.begin. Errors: write_failed, refused (out of range).
  base::Result<> erase(base::AddressRange sector);
  // Programs bytes into erased flash. Blocks that are blank are not sent. Errors: write_failed with
  // the address of the block, cancelled between blocks.
  base::Result<> write(std::uint32_t address, base::ByteView bytes, const Progress& progress,
                       const base::CancelToken& cancel);
  base::Result<base::Bytes> read(base::AddressRange range, const Progress& progress,
                                 const base::CancelToken& cancel);
  // Asks the device to leave DFU and start the firmware. It drops off the bus about 0.5 s later.
  base::Result<> leave();

  const Counters& counters() const { return counters_; }

 private:
  DfuseTarget(usb::Transport& transport, base::Clock& clock)
      : transport_(&transport), clock_(&clock) {}
  usb::Transport* transport_;
  base::Clock* clock_;
  MemoryMap map_;
  Counters counters_;
};

}  // namespace dfu
