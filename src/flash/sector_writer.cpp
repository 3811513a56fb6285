// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/sector_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace flash {
namespace {

// One block of the bootloader's protocol; the module header of index 1 lies in its first.
constexpr std::uint32_t kBlockSize = 4096;

base::AddressRange whole(const SectorWork& work) {
  return {work.sector.begin, work.sector.begin + static_cast<std::uint32_t>(work.image.size())};
}

std::vector<base::AddressRange> pieces(const SectorWork& work, SectorWriter::Order order) {
  const base::AddressRange all = whole(work);
  // Nothing but blank is wanted: then the erase is what has to be read back.
  if (all.empty()) return {work.sector};
  if (order == SectorWriter::Order::ascending) return {all};
  const std::uint32_t split = std::min(all.end, all.begin + kBlockSize);
  std::vector<base::AddressRange> result;
  if (split < all.end) result.push_back({split, all.end});
  result.push_back({all.begin, split});
  return result;
}

// What the bytes of `piece` shall be.
base::Bytes wanted(const SectorWork& work, base::AddressRange piece) {
  base::Bytes bytes(piece.size(), 0xFF);
  const std::uint32_t from = piece.begin - work.sector.begin;
  for (std::size_t i = 0; i < bytes.size() && from + i < work.image.size(); ++i) {
    bytes[i] = work.image[from + i];
  }
  return bytes;
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

base::Result<> SectorWriter::write(SectorWork& work, base::AddressRange piece) {
  const base::AddressRange bytes{piece.begin, std::min(piece.end, whole(work).end)};
  if (bytes.empty()) return {};
  doing_ = Doing::write;
  PhaseScope phase(context_.voice, events::Phase::write, work.subject, bytes.size());
  context_.image.forget(bytes);
  const base::ByteView source = work.image.subspan(bytes.begin - work.sector.begin, bytes.size());
  TRY(context_.session.target().write(bytes.begin, source, watched(phase), stop_wish()));
  work.bytes_written += bytes.size();
  phase.good();
  return {};
}

base::Result<base::Bytes> SectorWriter::read_back(const SectorWork& work, base::AddressRange piece,
                                                  const dfu::Progress& progress) {
  for (int tries = 1;; ++tries) {
    auto bytes = context_.session.target().read(piece, progress, stop_wish());
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

base::Result<> SectorWriter::read_differences_again(const SectorWork& work,
                                                    base::AddressRange piece, base::Bytes& got) {
  const base::Bytes expected = wanted(work, piece);
  for (std::uint32_t at = 0; at < piece.size(); at += kBlockSize) {
    const std::uint32_t length = std::min(kBlockSize, piece.size() - at);
    if (std::equal(got.begin() + at, got.begin() + at + length, expected.begin() + at)) continue;
    TRY_ASSIGN(const base::Bytes again,
               read_back(work, {piece.begin + at, piece.begin + at + length}, nullptr));
    std::copy(again.begin(), again.end(), got.begin() + at);
  }
  return {};
}

base::Result<> SectorWriter::verify(SectorWork& work, base::AddressRange piece) {
  doing_ = Doing::verify;
  PhaseScope phase(context_.voice, events::Phase::verify, work.subject, piece.size());
  TRY_ASSIGN(base::Bytes got, read_back(work, piece, watched(phase)));
  const base::Bytes expected = wanted(work, piece);
  if (got != expected) {
    const Failure failure{.doing = Doing::verify, .kind = base::Errc::verify_mismatch};
    if (decide(context_.policy, failure) == Recovery::read_again) {
      context_.voice.note(
          fmt::format("{}: what was read back differs; reading it again", work.subject), 1);
      TRY(read_differences_again(work, piece, got));
    }
  }
  context_.image.put(piece.begin, got);
  const auto [wrong, right] = std::mismatch(got.begin(), got.end(), expected.begin());
  if (wrong != got.end()) {
    const auto at = static_cast<std::uint32_t>(piece.begin + (wrong - got.begin()));
    return base::make_error(
        base::Errc::verify_mismatch,
        fmt::format("{} at {} is 0x{:02X} instead of 0x{:02X} after writing", work.subject,
                    base::hex32(at), *wrong, *right),
        "run the same command again; if it stays like that, the flash of this device is worn out");
  }
  work.bytes_verified += piece.size();
  context_.totals.bytes_verified += piece.size();
  phase.good();
  return {};
}

base::Result<> SectorWriter::attempt(SectorWork& work, Order order) {
  const bool blank =
      context_.image.has(work.sector) && base::is_blank(context_.image.view(work.sector));
  const bool ready = blank && (work.erased || !work.may_be_protected);
  // What an attempt before this one has left may read as blank and not be.
  if (!ready || work.attempts > 1) TRY(erase(work));
  for (const base::AddressRange& piece : pieces(work, order)) {
    TRY(write(work, piece));
    TRY(verify(work, piece));
  }
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

base::Result<> SectorWriter::open_guard(SectorWork& work) {
  if (!context_.image.has(work.sector) || !base::is_blank(context_.image.view(work.sector))) {
    TRY(repeat(work, [&] { return erase(work); }));
    work.attempts = 0;
  }
  safe_anywhere_ = true;
  return {};
}

base::Result<> SectorWriter::make_hold(SectorWork& work, Order order) {
  if (context_.cancel.requested()) return stopped();
  if (holds(context_.image, work)) {
    work.verified = true;
    return {};
  }
  return repeat(work, [&] { return attempt(work, order); });
}

base::Result<> write_sectors(const WriterContext& context, std::vector<SectorWork>& works,
                             std::optional<std::size_t> guarded) {
  SectorWriter writer(context);
  if (guarded && holds(context.image, works[*guarded])) guarded.reset();
  if (context.cancel.requested()) return stopped();
  if (guarded) TRY(writer.open_guard(works[*guarded]));
  for (std::size_t i = 0; i < works.size(); ++i) {
    if (i == guarded) continue;
    TRY(writer.make_hold(works[i], SectorWriter::Order::ascending));
  }
  if (!guarded) return {};
  return writer.make_hold(works[*guarded], SectorWriter::Order::first_block_last);
}

}  // namespace flash
