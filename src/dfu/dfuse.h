// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The DfuSe engine for one device and one alternate setting. PROTOCOL.md tells what the Electron's
// bootloaders do with each request and why the engine does what it does.

#include "base/address_range.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "dfu/memory_map.h"
#include "dfu/request.h"
#include "dfu/traits.h"
#include "usb/transport.h"

#include <cstdint>
#include <functional>
#include <optional>

namespace dfu {

// Bytes done so far of the operation at hand; never falls.
using Progress = std::function<void(std::uint64_t done)>;

// Counts for the report and the benchmarks. Transfers are control transfers, failed ones included.
struct Counters {
  std::uint64_t transfers = 0;        // all of them
  std::uint64_t write_transfers = 0;  // those of erase() and write()
  std::uint64_t erases = 0;
  std::uint64_t bytes_written = 0;  // sent to the device; blank blocks are not
  std::uint64_t bytes_read = 0;
};

// After any error the device is brought to dfuIDLE again before the next operation begins.
class DfuseTarget {
 public:
  // Claims the interface, selects the alternate setting, reads the functional descriptor and the
  // memory map, and brings the device to dfuIDLE from whatever state an earlier tool left it in.
  // `writable` limits erase and write, and its end limits read, too: across the end of flash the
  // bootloader crashes. Errors: protocol (descriptors make no sense), device_gone with id
  // "leaving-dfu" (it is about to reset by itself), and transport's.
  static base::Result<DfuseTarget> open(usb::Transport& transport, base::Clock& clock,
                                        std::uint8_t alt, base::AddressRange writable,
                                        BootloaderTraits traits);

  const MemoryMap& memory_map() const { return map_; }
  // For a caller that knows more once it has read the bootloader's version out of flash.
  void set_traits(BootloaderTraits traits) { traits_ = traits; }
  const BootloaderTraits& traits() const { return traits_; }

  // Erases one sector, which must be a sector of the memory map. Errors: write_failed (the sector
  // may hold anything), refused (not a sector, or not one that may be erased), device_gone.
  base::Result<> erase(base::AddressRange sector);
  // Programs bytes into erased flash. Blocks that are blank are not sent. Errors: write_failed with
  // the address of the block (erase the sector and write it again), cancelled between blocks,
  // refused (outside `writable`, or address not a multiple of 4), device_gone.
  base::Result<> write(std::uint32_t address, base::ByteView bytes, const Progress& progress,
                       const base::CancelToken& cancel);
  // Errors: refused (outside the memory map), cancelled between blocks, protocol, and transport's.
  base::Result<base::Bytes> read(base::AddressRange range, const Progress& progress,
                                 const base::CancelToken& cancel);
  // Asks the device to leave DFU and start the firmware. It drops off the bus about 0.5 s later.
  base::Result<> leave();

  Counters counters() const;

 private:
  // Which requests the device takes now. `sync`: what was downloaded last is done, but the device
  // was not asked and takes only an ABORT. `unknown`: something went wrong; ask it.
  enum class Mode { unknown, idle, download, sync, upload };

  DfuseTarget(Requests requests, base::Clock& clock, base::AddressRange writable,
              BootloaderTraits traits)
      : requests_(requests),
        clock_(&clock),
        writable_(writable),
        traits_(traits),
        queueing_(requests.can_queue()) {}

  base::Result<> enter(Mode wanted);
  base::Result<> erase_now(base::AddressRange sector);

  // A range, block by block: each begins and ends once, in order, and a few that have begun are
  // under way while the oldest is waited for. Where nothing is queued, all work is done at the end.
  struct Block {
    std::uint32_t address;
    std::size_t offset;  // from the start of the range
    std::size_t size;
  };
  using BlockWork = std::function<base::Result<>(const Block&)>;
  struct BlockJob {
    std::string_view doing;
    base::AddressRange range;
    std::size_t most_under_way;
    BlockWork begin;
    BlockWork end;
  };
  base::Result<> block_by_block(const BlockJob& job, const Progress& progress,
                                const base::CancelToken& cancel);
  // The last block of a write needs no second GETSTATUS: an ABORT follows before the next upload.
  base::Result<> begin_write(std::uint32_t address, base::ByteView bytes, bool last);
  base::Result<> end_write(std::uint32_t address, base::ByteView bytes, bool last);
  base::Result<> begin_read(std::uint32_t address, std::span<std::uint8_t> into);
  base::Result<> end_read(std::uint32_t address, std::span<std::uint8_t> into);

  // DNLOAD and the two GETSTATUS that run it and show that it is over.
  base::Result<> download(std::uint16_t block, base::ByteView data, base::Millis timeout);
  base::Result<> await_operation(base::Millis timeout);
  base::Result<> end_queued_download(std::size_t size, bool last, base::Millis timeout);
  base::Error failed_status(const base::Error& error, base::Millis timeout);
  void wait_for_operation(base::Millis poll, bool first);
  void settle(base::Millis timeout);
  // The block number for `address`, if the device's pointer is where it can be counted from.
  std::optional<std::uint16_t> block_in_reach(std::uint32_t address) const;
  // The same, after setting the pointer where none fits.
  base::Result<std::uint16_t> block_for(std::uint32_t address);
  base::Result<> confirm_leave();
  // The area in which everything readable lies.
  base::AddressRange readable() const;
  bool may_write(base::AddressRange range) const;
  // Blocks are queued only for bootloaders that are known to be done when GETSTATUS is. Commands
  // never: one that is lost on the wire may leave an older one in the device's buffer, and the
  // GETSTATUS queued behind it would run that.
  bool queued_writes() const { return queueing_ && traits_.poll_timeout_is_decoration; }
  // After a failure: neither the device's state nor its pointer is known any more.
  void forget();

  Requests requests_;
  base::Clock* clock_;
  base::AddressRange writable_;
  BootloaderTraits traits_;
  bool queueing_;  // until something goes wrong: then each request waits for the one before
  MemoryMap map_;
  Mode mode_ = Mode::unknown;
  std::optional<std::uint32_t> pointer_;  // the device's address pointer, if it is known
  Counters counters_;
};

}  // namespace dfu
