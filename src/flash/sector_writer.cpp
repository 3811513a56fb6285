// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/sector_writer.h"

#include "firmware/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace flash {
namespace {

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
    case Recovery::read_again:
      return "reading again";
    default:
      return "trying again";
  }
}

}  // namespace

bool holds(const FlashImage& image, const SectorWork& work) {
  const base::AddressRange range = whole(work);
  if (range.empty()) return image.has(work.sector) && base::is_blank(image.view(work.sector));
  return image.has(range) && std::ranges::equal(image.view(range), work.image);
}

const base::CancelToken& SectorWriter::stop_wish() {
  return safe_anywhere_ ? context_.cancel : now_;
}

dfu::Progress SectorWriter::watched(PhaseScope& phase) {
  return [this, &phase](std::uint64_t done) {
    if (context_.cancel.at_once()) now_.request();
    phase.progress(done);
  };
}

base::Result<> SectorWriter::erase(SectorWork& work) {
  doing_ = Doing::erase;
  PhaseScope phase(context_.voice, events::Phase::erase, "sector " + base::hex32(work.sector.begin),
                   0);
  context_.image.forget(work.sector);
  work.written = work.verified = false;
  TRY(context_.session.target().erase(work.sector));
  context_.image.put_blank(work.sector);
  work.erased = true;
  phase.good();
  return {};
}

base::Result<> SectorWriter::write(SectorWork& work, const Piece& piece) {
  doing_ = Doing::write;
  PhaseScope phase(context_.voice, events::Phase::write, work.subject, piece.bytes.size());
  context_.image.forget(piece.range);
  dfu::DfuseTarget& target = context_.session.target();
  const std::uint64_t before = target.counters().bytes_written;
  const auto written = target.write(piece.range.begin, piece.bytes, watched(phase), stop_wish());
  const std::uint64_t sent = target.counters().bytes_written - before;
  const std::uint64_t count = sent - std::min<std::uint64_t>(sent, piece.held_back);
  work.bytes_written += count;
  context_.totals.bytes_written += count;
  TRY(written);
  phase.good();
  return {};
}

base::Result<base::Bytes> SectorWriter::read_back(const SectorWork& work, base::AddressRange range,
                                                  const dfu::Progress& progress) {
  for (int tries = 1;; ++tries) {
    auto bytes = context_.session.target().read(range, progress, stop_wish());
    if (bytes) return bytes;
    const base::Error error = bytes.error();
    const Recovery recovery =
        decide(context_.policy, {.doing = Doing::verify, .kind = error.code, .attempt = tries});
    if (recovery != Recovery::read_again && recovery != Recovery::reopen) return error;
    context_.voice.say(events::Retrying{fmt::format("{} of {}", words(recovery), work.subject),
                                        error.message, tries + 1, context_.policy.read_attempts});
    if (recovery == Recovery::reopen) TRY(context_.session.reopen());
  }
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
    TRY_ASSIGN(const base::Bytes again, read_back(work, {begin, begin + length}, nullptr));
    std::copy(again.begin(), again.end(), got.begin() + at);
  }
  return {};
}

base::Result<> SectorWriter::verify(SectorWork& work, const Piece& piece) {
  doing_ = Doing::verify;
  PhaseScope phase(context_.voice, events::Phase::verify, work.subject, piece.bytes.size());
  TRY_ASSIGN(base::Bytes got, read_back(work, piece.range, watched(phase)));
  if (!std::ranges::equal(got, piece.bytes)) {
    const Failure failure{.doing = Doing::verify, .kind = base::Errc::verify_mismatch};
    if (decide(context_.policy, failure) == Recovery::read_again) {
      context_.voice.note(
          fmt::format("{}: what was read back differs; reading it again", work.subject), 1);
      TRY(read_differences_again(work, piece, got));
    }
  }
  context_.image.put(piece.range.begin, got);
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
  context_.totals.bytes_verified += count;
  phase.good();
  return {};
}

base::Result<> SectorWriter::write_and_verify(SectorWork& work, const Piece& piece) {
  TRY(write(work, piece));
  return verify(work, piece);
}

// Blank, and not write-protected.
base::Result<> SectorWriter::prepare(SectorWork& work) {
  const bool blank =
      context_.image.has(work.sector) && base::is_blank(context_.image.view(work.sector));
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
  // A failure to read has been tried again already, where it happened.
  const bool reading = doing_ == Doing::verify && error.code != base::Errc::verify_mismatch;
  const Recovery recovery =
      decide(context_.policy,
             {.doing = doing_, .kind = error.code, .attempt = work.attempts, .read_again = true});
  const bool goes_on = recovery == Recovery::rewrite_sector || recovery == Recovery::reopen;
  // Erasing and writing it again is what has been tried.
  if (!goes_on && error.code == base::Errc::write_failed) error.hint = kWornOut;
  if (reading || !goes_on) return error;
  if (context_.cancel.at_once()) return stopped();
  context_.voice.retry({fmt::format("{}: {}", work.subject, words(recovery)), error.message,
                        work.attempts + 1, context_.policy.sector_attempts});
  if (recovery == Recovery::reopen) TRY(context_.session.reopen());
  return {};
}

template <class Attempt>
base::Result<> SectorWriter::repeat(SectorWork& work, const Attempt& once) {
  const base::Instant start = context_.clock.now();
  base::Result<> result;
  while (true) {
    ++work.attempts;
    result = once();
    if (result) break;
    result = recover(work, std::move(result.error()));
    if (!result) break;
  }
  work.seconds += std::chrono::duration<double>(context_.clock.now() - start).count();
  return result;
}

// All that follows relies on it, and not every bootloader tells of an erase that has failed.
base::Result<> SectorWriter::check_erased(const SectorWork& work) {
  if (context_.session.target().traits().reports_failures) return {};
  doing_ = Doing::verify;
  const base::AddressRange head{work.sector.begin, work.sector.begin + kBlockSize};
  TRY_ASSIGN(const base::Bytes got, read_back(work, head, nullptr));
  if (base::is_blank(got)) return {};
  context_.image.forget(work.sector);
  return base::make_error(
      base::Errc::verify_mismatch,
      fmt::format("{} at {} is not blank after erasing", work.subject, base::hex32(head.begin)),
      std::string(kWornOut));
}

base::Result<> SectorWriter::open_guard(SectorWork& work) {
  return repeat(work, [&] { return fill_all_but_start_word(work); });
}

base::Result<> SectorWriter::close_guard(SectorWork& work) {
  if (context_.cancel.requested()) return stopped();
  work.attempts = 0;
  return repeat(work, [&]() -> base::Result<> {
    if (work.attempts > 1) TRY(fill_all_but_start_word(work));
    return fill_start_word(work);
  });
}

base::Result<> SectorWriter::make_hold(SectorWork& work) {
  if (context_.cancel.requested()) return stopped();
  if (holds(context_.image, work)) {
    work.verified = true;
    return {};
  }
  return repeat(work, [&] { return fill(work); });
}

base::Result<> write_sectors(const WriterContext& context, std::vector<SectorWork>& works,
                             std::optional<std::size_t> guarded) {
  SectorWriter writer(context);
  if (context.cancel.requested()) return stopped();
  if (guarded) TRY(writer.open_guard(works[*guarded]));
  for (std::size_t i = 0; i < works.size(); ++i) {
    if (i != guarded) TRY(writer.make_hold(works[i]));
  }
  if (!guarded) return {};
  return writer.close_guard(works[*guarded]);
}

}  // namespace flash
