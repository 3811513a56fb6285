// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Making sectors of flash hold what they shall hold. A sector is one transaction: erase unless
// blank, write, read back, compare; whatever fails in between begins with the erase again.

#include "flash/fault_policy.h"
#include "flash/flash_image.h"
#include "flash/session.h"
#include "flash/voice.h"

#include <string>
#include <vector>

namespace flash {

struct SectorWork {
  base::AddressRange sector;
  base::ByteView image;  // from sector.begin on; behind it the sector is left blank
  std::string subject;   // "system part 1", for events and messages
  // The system firmware write-protects the sectors of the system parts at every start. Only an
  // erase lifts that, so that a blank one is erased as well; old bootloaders do not even report
  // what a protected sector has refused (device-os v0.6.4: hw_config.c, usbd_flash_if.c).
  bool may_be_protected = false;
  // What became of it:
  bool erased = false;
  bool written = false;
  bool verified = false;
  std::uint64_t bytes_written = 0;
  std::uint64_t bytes_verified = 0;
  int attempts = 0;
  double seconds = 0;
};

// True if `image` is known to hold it already.
bool holds(const FlashImage& image, const SectorWork& work);

// What a writer works with. All of it outlives the writer.
struct WriterContext {
  Session& session;
  FlashImage& image;  // must know every sector that is worked on; kept up to date
  Voice& voice;
  Totals& totals;
  const FaultPolicy& policy;
  const base::Clock& clock;
  const base::CancelToken& cancel;
};

class SectorWriter {
 public:
  explicit SectorWriter(const WriterContext& context) : context_(context) {}

  // Erases the sector unless it is blank, and nothing else. From then on the device returns to DFU
  // mode by itself, so that a wish to stop is granted at any moment instead of between sectors.
  base::Result<> open_guard(SectorWork& work);

  enum class Order { ascending, first_block_last };
  // Errors: write_failed and verify_mismatch (with the address; the attempts are used up),
  // device_gone, cancelled, and the transport's.
  base::Result<> make_hold(SectorWork& work, Order order);

 private:
  base::Result<> attempt(SectorWork& work, Order order);
  base::Result<> erase(SectorWork& work);
  base::Result<> write(SectorWork& work, base::AddressRange piece);
  base::Result<> verify(SectorWork& work, base::AddressRange piece);
  base::Result<base::Bytes> read_back(const SectorWork& work, base::AddressRange piece,
                                      const dfu::Progress& progress);
  base::Result<> read_differences_again(const SectorWork& work, base::AddressRange piece,
                                        base::Bytes& got);
  // Passes the error on, or prepares the next attempt.
  base::Result<> recover(SectorWork& work, base::Error error);
  template <class Attempt>
  base::Result<> repeat(SectorWork& work, const Attempt& once);

  const base::CancelToken& stop_wish();
  dfu::Progress watched(PhaseScope& phase);

  WriterContext context_;
  bool safe_anywhere_ = false;
  base::CancelToken now_;  // the wish to stop at once, where stopping within a sector is not safe
  Doing doing_ = Doing::erase;
};

// Works off `works` in order. If one is `guarded`, its sector is erased before anything else and
// its first 4096-byte block is written after all else has been read back and found right.
base::Result<> write_sectors(const WriterContext& context, std::vector<SectorWork>& works,
                             std::optional<std::size_t> guarded);

}  // namespace flash
