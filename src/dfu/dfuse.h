// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The DfuSe engine for one device and one alternate setting. PROTOCOL.md tells what the Electron's
// bootloaders do with each request and why the engine does what it does.

#include "base/address_range.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "dfu/memory_map.h"
#include "dfu/requests.h"
#include "dfu/traits.h"
#include "usb/transport.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

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
  // `writable` limits erase and write, and its end limits read, too: nothing is read across the end
  // of flash. Errors: protocol (descriptors make no sense), device_gone with id
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
  // From `address` on, as many bytes as `into` takes. What `progress` has told of is in `into` and
  // right, also when the rest has failed. Errors: refused (outside the memory map), cancelled
  // between blocks, protocol, and transport's.
  base::Result<> read_into(std::span<std::uint8_t> into, std::uint32_t address,
                           const Progress& progress, const base::CancelToken& cancel);
  base::Result<base::Bytes> read(base::AddressRange range, const Progress& progress,
                                 const base::CancelToken& cancel);
  // Asks the device to leave DFU and start the firmware. It drops off the bus about 0.5 s later.
  base::Result<> leave();

  Counters counters() const;

 private:
  // Which requests the device takes now. `sync`: what was downloaded last is done, but the device
  // was not asked and takes only an ABORT. `unknown`: something went wrong; ask it.
  enum class Mode { unknown, idle, download, sync, upload };

  // What the requests of one block, or of one command, come to: an UPLOAD; or a DNLOAD, the
  // GETSTATUS that runs it, and the one that shows that it is over.
  struct Block {
    std::uint32_t address = 0;
    std::uint16_t number = 0;         // wBlockNum
    std::span<std::uint8_t> in = {};  // to read
    base::ByteView out = {};  // to write; neither: a blank block, for which nothing is asked
    base::Millis timeout{};   // of what runs it
    bool asked_whether_over = true;
  };
  enum class Ask { nothing, upload, download, run, over };
  struct Asked {
    Ask ask;
    Block block;
    std::optional<base::Deadline> patience = {};  // over: when the device must have come to an end
  };
  enum class Answer { done, goes_on, ask_again };
  // The next block; none where there is none, or none yet: what is `under_way` has to end before.
  using Feed = std::function<base::Result<std::optional<Block>>(bool under_way)>;
  using Done = std::function<void(const Block&)>;

  DfuseTarget(Requests requests, base::Clock& clock, base::AddressRange writable,
              BootloaderTraits traits)
      : requests_(requests), clock_(&clock), writable_(writable), traits_(traits) {}

  // How many requests may have begun and not ended, and how many a block has.
  struct Depth {
    std::size_t most;
    std::size_t of_a_block;
  };

  base::Result<> enter(Mode wanted);
  // The one way of every block and command through the device: requests begin and end in order, no
  // deeper than `depth`.
  base::Result<> carry_out(std::string_view doing, const Feed& feed, Depth depth, const Done& done);
  static Ask first_ask(const Block& block);
  static Ask following(const Asked& asked);
  void begin(const Asked& asked);
  base::Result<Answer> end(Asked& asked, bool alone);
  base::Result<Answer> judge_run(const Status& status);
  base::Result<Answer> judge_over(const Status& status, Asked& asked, bool alone);
  base::Error failed_status(const base::Error& error, base::Millis timeout);
  void settle(base::Millis timeout);

  base::Result<> command(std::string_view doing, std::uint8_t code, std::uint32_t address,
                         base::Millis timeout);
  // A range, block by block: `block_of` cuts one out of it.
  base::Result<> pass(std::string_view doing, base::AddressRange range, Mode mode, Depth depth,
                      const std::function<Block(base::AddressRange)>& block_of,
                      const Progress& progress, const base::CancelToken& cancel);
  // How many requests may be under way: commands always wait for each answer, because one that is
  // lost on the wire may leave an older one in the device's buffer, and the GETSTATUS behind it
  // would run that. So does everything after trouble, and for a bootloader that is not known to be
  // done when GETSTATUS is.
  Depth depth_to_write() const;
  Depth depth_to_read() const;
  // The block number for `address`, if the device's pointer is where it can be counted from.
  std::optional<std::uint16_t> block_in_reach(std::uint32_t address) const;
  // The same, after setting the pointer where none fits.
  base::Result<std::uint16_t> block_for(std::uint32_t address);
  base::Result<> confirm_leave();
  // The area in which everything readable lies.
  base::AddressRange readable() const;
  bool may_write(base::AddressRange range) const;
  // After a failure: neither the device's state nor its pointer is known any more.
  void forget();

  Requests requests_;
  base::Clock* clock_;
  base::AddressRange writable_;
  BootloaderTraits traits_;
  bool trouble_ =
      false;  // something went wrong: from then on each request waits for the one before
  MemoryMap map_;
  Mode mode_ = Mode::unknown;
  std::optional<std::uint32_t> pointer_;  // the device's address pointer, if it is known
  Counters counters_;
};

}  // namespace dfu
