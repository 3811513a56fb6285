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

  // Errors of each: write_failed and verify_mismatch (with the address; the attempts are used up),
  // device_gone, cancelled, and the transport's.

  // Nothing is done to a sector that holds its image already.
  base::Result<> make_hold(SectorWork& work);

  // The same in two steps, with other sectors in between: first all but the word of the module
  // header that tells the start address, then that word. A bootloader looks at the header alone, so
  // from the erase that comes first to the word that comes last the device returns to DFU mode by
  // itself, and a wish to stop is granted at any moment instead of between sectors.
  base::Result<> open_guard(SectorWork& work);
  base::Result<> close_guard(SectorWork& work);

 private:
  // What a range of flash shall hold.
  struct Piece {
    base::AddressRange range;
    base::ByteView bytes;
    std::size_t held_back = 0;  // of them, blank here because they come later
  };

  base::Result<> prepare(SectorWork& work);
  base::Result<> fill(SectorWork& work);
  base::Result<> fill_all_but_start_word(SectorWork& work);
  base::Result<> fill_start_word(SectorWork& work);
  base::Result<> erase(SectorWork& work);
  base::Result<> check_erased(const SectorWork& work);
  base::Result<> write(SectorWork& work, const Piece& piece);
  base::Result<> verify(SectorWork& work, const Piece& piece);
  base::Result<> write_and_verify(SectorWork& work, const Piece& piece);
  base::Result<base::Bytes> read_back(const SectorWork& work, base::AddressRange range,
                                      const dfu::Progress& progress);
  base::Result<> read_differences_again(const SectorWork& work, const Piece& piece,
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

// Works off `works` in order, but for the `guarded` one: that begins before anything else, and the
// start address in its header is written after all else has been read back and found right.
base::Result<> write_sectors(const WriterContext& context, std::vector<SectorWork>& works,
                             std::optional<std::size_t> guarded);

}  // namespace flash
