// SPDX-License-Identifier: GPL-3.0-or-later
#include "medium/sector_writer.h"

#include "firmware/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace medium {
namespace {

using events::Part;
using work::Doing;
using work::Recovery;

// One block of the bootloader's protocol; the header of a module lies in its first.
constexpr std::uint32_t kBlockSize = 4096;

constexpr std::string_view kWornOut =
    "run the same command again; if it stays like that, the flash of this device is worn out";

base::AddressRange whole(const SectorWork& work) {
  return {work.sector.begin, work.sector.begin + static_cast<std::uint32_t>(work.image.size())};
}

// Where in flash the header of the module tells its start address; empty if there is no header.
base::AddressRange start_word(const SectorWork& work) {
  std::uint32_t offset = 0;
  if (!firmware::parse_header(work.image, &offset)) return {};
  const std::uint32_t at = work.sector.begin + offset;
  return {at, at + static_cast<std::uint32_t>(sizeof(firmware::ModuleHeader::start))};
}

base::Error stopped() {
  return base::make_error(base::Errc::cancelled, "interrupted", "run the same command again");
}

std::string_view words(Recovery recovery) {
  switch (recovery) {
    case Recovery::rewrite_sector:
      return "erasing and writing the sector again";
    case Recovery::reopen:
      return "opening the device again";
    default:
      return "trying again";
  }
}

}  // namespace

const base::CancelToken& SectorWriter::stop_wish() {
  return safe_anywhere_ ? with_.context.cancel : now_;
}

dfu::Progress SectorWriter::watched(std::uint64_t before) {
  return [this, before](std::uint64_t done) {
    if (with_.context.cancel.at_once()) now_.request();
    step_->progress(before + done);
  };
}

base::Result<> SectorWriter::erase(SectorWork& work) {
  doing_ = Doing::erase;
  step_->part(Part::erase, 0, work::erase_weight());
  with_.image.forget(work.sector);
  work.written = work.verified = false;
  TRY(with_.session.target().erase(work.sector));
  with_.image.put_blank(work.sector);
  work.erased = true;
  return {};
}

base::Result<> SectorWriter::write(SectorWork& work, const Piece& piece) {
  doing_ = Doing::write;
  step_->part(Part::write, piece.bytes.size(), work::write_weight(piece.bytes.size()));
  with_.image.forget(piece.range);
  const std::uint64_t before = with_.session.bytes_written();
  const auto written = program(work, piece);
  const std::uint64_t sent = with_.session.bytes_written() - before;
  const std::uint64_t count = sent - std::min<std::uint64_t>(sent, piece.held_back);
  work.bytes_written += count;
  with_.totals.bytes_written += count;
  return written;
}

// After trouble it goes on with the block that it was at: programming the same bytes again does no
// harm, and what did not arrive is found by reading back. A block that fails twice has to be erased
// first.
base::Result<> SectorWriter::program(const SectorWork& work, const Piece& piece) {
  const Reading trouble = reading(work);
  std::uint64_t done = 0;
  for (int tries = 1;;) {
    std::uint64_t got = 0;
    const dfu::Progress show = watched(done);
    const auto at = static_cast<std::uint32_t>(piece.range.begin + done);
    auto written = with_.session.target().write(
        at, piece.bytes.subspan(done),
        [&](std::uint64_t now) {
          got = now;
          show(now);
        },
        stop_wish());
    if (written) return written;
    if (got > 0) tries = 1;
    done += got;
    if (written.error().code == base::Errc::write_failed) {
      // It may only be the answer that was lost.
      if (tries > 1) return written;
      written.error().code = base::Errc::timeout;
    }
    TRY(get_over(trouble, doing_, std::move(written.error()), tries));
  }
}

Reading SectorWriter::reading(const SectorWork& work) {
  return {with_.context, with_.session, step_->voice(), work.subject};
}

base::Result<base::Bytes> SectorWriter::read_back(const SectorWork& work, base::AddressRange range,
                                                  bool shown) {
  FlashImage fresh(range);
  const dfu::Progress progress = shown ? watched(0) : dfu::Progress();
  TRY(read_patiently(reading(work), fresh, range, progress, stop_wish()));
  const base::ByteView bytes = fresh.view(range);
  return base::Bytes(bytes.begin(), bytes.end());
}

base::Result<> SectorWriter::read_differences_again(const SectorWork& work, const Piece& piece,
                                                    base::Bytes& got) {
  const std::uint32_t size = piece.range.size();
  for (std::uint32_t at = 0; at < size; at += kBlockSize) {
    const std::uint32_t length = std::min(kBlockSize, size - at);
    if (std::ranges::equal(std::span(got).subspan(at, length), piece.bytes.subspan(at, length))) {
      continue;
    }
    const std::uint32_t begin = piece.range.begin + at;
    TRY_ASSIGN(const base::Bytes again, read_back(work, {begin, begin + length}, false));
    std::copy(again.begin(), again.end(), got.begin() + at);
  }
  return {};
}

base::Result<> SectorWriter::verify(SectorWork& work, const Piece& piece) {
  doing_ = Doing::verify;
  step_->part(Part::read, piece.bytes.size(), work::read_weight(piece.bytes.size()));
  TRY_ASSIGN(base::Bytes got, read_back(work, piece.range, true));
  if (!std::ranges::equal(got, piece.bytes)) {
    const work::Failure failure{.doing = Doing::verify, .kind = base::Errc::verify_mismatch};
    if (decide(with_.context.policy, failure) == Recovery::again) {
      step_->voice().note(
          fmt::format("{}: what was read back differs; reading it again", work.subject), 1);
      TRY(read_differences_again(work, piece, got));
    }
  }
  with_.image.put(piece.range.begin, got);
  const auto [wrong, right] = std::ranges::mismatch(got, piece.bytes);
  if (wrong != got.end()) {
    const auto at = static_cast<std::uint32_t>(piece.range.begin + (wrong - got.begin()));
    return base::make_error(base::Errc::verify_mismatch,
                            fmt::format("{} at {} is 0x{:02X} instead of 0x{:02X} after writing",
                                        work.subject, base::hex32(at), *wrong, *right),
                            std::string(kWornOut));
  }
  const std::size_t count = piece.bytes.size() - piece.held_back;
  work.bytes_verified += count;
  with_.totals.bytes_verified += count;
  return {};
}

base::Result<> SectorWriter::write_and_verify(SectorWork& work, const Piece& piece) {
  TRY(write(work, piece));
  return verify(work, piece);
}

// Blank, and not write-protected.
base::Result<> SectorWriter::prepare(SectorWork& work) {
  const bool blank = with_.image.has(work.sector) && base::is_blank(with_.image.view(work.sector));
  const bool ready = blank && (work.erased || !work.may_be_protected);
  // What an attempt before this one has left may read as blank and not be.
  if (ready && work.attempts <= 1) return {};
  return erase(work);
}

base::Result<> SectorWriter::fill(SectorWork& work) {
  TRY(prepare(work));
  if (work.image.empty()) {
    // Nothing but blank is wanted: then the erase is what has to be read back.
    const base::Bytes blank(work.sector.size(), 0xFF);
    TRY(verify(work, {work.sector, blank}));
  } else {
    TRY(write_and_verify(work, {whole(work), work.image}));
  }
  work.written = work.verified = true;
  return {};
}

base::Result<> SectorWriter::fill_all_but_start_word(SectorWork& work) {
  TRY(prepare(work));
  TRY(check_erased(work));
  safe_anywhere_ = true;
  const base::AddressRange word = start_word(work);
  if (word.empty()) return {};
  base::Bytes without_it(work.image.begin(), work.image.end());
  const std::size_t at = word.begin - work.sector.begin;
  std::fill_n(without_it.begin() + static_cast<std::ptrdiff_t>(at), word.size(), 0xFF);
  return write_and_verify(work, {whole(work), without_it, word.size()});
}

base::Result<> SectorWriter::fill_start_word(SectorWork& work) {
  const base::AddressRange word = start_word(work);
  if (word.empty()) return fill(work);
  TRY(write_and_verify(work,
                       {word, work.image.subspan(word.begin - work.sector.begin, word.size())}));
  work.written = work.verified = true;
  return {};
}

base::Result<> SectorWriter::recover(SectorWork& work, base::Error error) {
  // Trouble on the wire has been dealt with where it happened.
  const bool dealt_with = doing_ != Doing::erase && error.code != base::Errc::verify_mismatch &&
                          error.code != base::Errc::write_failed;
  const Recovery recovery =
      decide(with_.context.policy,
             {.doing = doing_, .kind = error.code, .attempt = work.attempts, .read_again = true});
  const bool goes_on = recovery != Recovery::give_up;
  // Erasing and writing it again is what has been tried.
  if (!goes_on && error.code == base::Errc::write_failed) error.hint = kWornOut;
  if (dealt_with || !goes_on) return error;
  if (with_.context.cancel.at_once()) return stopped();
  step_->voice().retry({fmt::format("{}: {}", work.subject, words(recovery)), error.message,
                        work.attempts + 1, with_.context.policy.sector_attempts});
  if (recovery != Recovery::reopen && with_.session.is_open()) return {};
  int tries = 1;
  auto opened = with_.session.reopen();
  while (!opened) {
    TRY(get_over(reading(work), Doing::erase, std::move(opened.error()), tries));
    if (with_.session.is_open()) break;
    opened = with_.session.reopen();
  }
  return {};
}

template <class Attempt>
base::Result<> SectorWriter::repeat(SectorWork& work, work::StepScope& step, const Attempt& once) {
  if (with_.context.cancel.requested()) return stopped();
  step_ = &step;
  const int before = std::exchange(work.attempts, 0);
  base::Result<> result;
  while (true) {
    ++work.attempts;
    result = once();
    if (result) break;
    result = recover(work, std::move(result.error()));
    if (!result) break;
  }
  work.attempts += before;
  if (result) step.good();
  return result;
}

// All that follows relies on it, and not every bootloader tells of an erase that has failed.
base::Result<> SectorWriter::check_erased(const SectorWork& work) {
  if (with_.session.target().traits().reports_failures) return {};
  doing_ = Doing::verify;
  const base::AddressRange head{work.sector.begin, work.sector.begin + kBlockSize};
  TRY_ASSIGN(const base::Bytes got, read_back(work, head, false));
  if (base::is_blank(got)) return {};
  with_.image.forget(work.sector);
  return base::make_error(
      base::Errc::verify_mismatch,
      fmt::format("{} at {} is not blank after erasing", work.subject, base::hex32(head.begin)),
      std::string(kWornOut));
}

base::Result<> SectorWriter::open_guard(SectorWork& work, work::StepScope& step) {
  return repeat(work, step, [&] { return fill_all_but_start_word(work); });
}

base::Result<> SectorWriter::close_guard(SectorWork& work, work::StepScope& step) {
  return repeat(work, step, [&]() -> base::Result<> {
    if (work.attempts > 1) TRY(fill_all_but_start_word(work));
    return fill_start_word(work);
  });
}

base::Result<> SectorWriter::make_hold(SectorWork& work, work::StepScope& step) {
  return repeat(work, step, [&] { return fill(work); });
}

}  // namespace medium
