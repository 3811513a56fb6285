// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Making sectors of flash hold what they shall hold. A sector is one transaction: erase unless
// blank, write, read back, compare; what is found wrong then begins with the erase again.

#include "medium/flash_image.h"
#include "medium/reading.h"
#include "medium/session.h"
#include "work/context.h"
#include "work/voice.h"

#include <string>

namespace medium {

struct SectorWork {
  base::AddressRange sector;
  base::ByteView image;  // from sector.begin on; behind it the sector is left blank
  std::string subject;   // "system part 1 (0.6.4)", for messages
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
};

// What a writer works with. All of it outlives the writer.
struct WriterContext {
  const work::Context& context;
  Session& session;
  FlashImage& image;  // must know every sector that is worked on; kept up to date
  events::Totals& totals;
};

// One for a stage: between open_guard() and close_guard() a wish to stop is granted at any moment
// instead of between sectors, since the device then returns to DFU mode by itself.
class SectorWriter {
 public:
  explicit SectorWriter(const WriterContext& with) : with_(with) {}

  // Errors of each: write_failed and verify_mismatch (with the address; the attempts are used up),
  // device_gone, cancelled, and the transport's.

  base::Result<> make_hold(SectorWork& work, work::StepScope& step);
  // The same in two steps, with other sectors in between: first all but the word of the module
  // header that tells the start address, then that word. A bootloader looks at the header alone, so
  // from the erase that comes first to the word that comes last it starts nothing.
  base::Result<> open_guard(SectorWork& work, work::StepScope& step);
  base::Result<> close_guard(SectorWork& work, work::StepScope& step);

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
  Reading reading(const SectorWork& work);
  base::Result<> program(const SectorWork& work, const Piece& piece);
  base::Result<> verify(SectorWork& work, const Piece& piece);
  base::Result<> write_and_verify(SectorWork& work, const Piece& piece);
  base::Result<base::Bytes> read_back(const SectorWork& work, base::AddressRange range, bool shown);
  base::Result<> read_differences_again(const SectorWork& work, const Piece& piece,
                                        base::Bytes& got);
  // Passes the error on, or prepares the next attempt.
  base::Result<> recover(SectorWork& work, base::Error error);
  template <class Attempt>
  base::Result<> repeat(SectorWork& work, work::StepScope& step, const Attempt& once);

  const base::CancelToken& stop_wish();
  dfu::Progress watched(std::uint64_t before);

  WriterContext with_;
  work::StepScope* step_ = nullptr;  // the one at hand
  bool safe_anywhere_ = false;
  base::CancelToken now_;  // the wish to stop at once, where stopping within a sector is not safe
  work::Doing doing_ = work::Doing::erase;
};

}  // namespace medium
