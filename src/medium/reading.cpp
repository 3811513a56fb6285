// SPDX-License-Identifier: GPL-3.0-or-later
#include "medium/reading.h"

#include "medium/installed_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace medium {
namespace {

using work::Doing;
using work::Recovery;

// What is asked for at once: a failure costs no more than this.
constexpr std::uint32_t kPiece = 64 * 1024;

}  // namespace

base::Result<> get_over(const Reading& reading, work::Doing doing, base::Error error, int& tries) {
  while (true) {
    const Recovery recovery =
        decide(reading.context.policy, {.doing = doing, .kind = error.code, .attempt = tries});
    if (recovery == Recovery::give_up) return error;
    ++tries;
    reading.voice.retry({reading.what, error.message, tries, reading.context.policy.read_attempts});
    if (recovery != Recovery::reopen && reading.session.is_open()) return {};
    auto opened = reading.session.reopen();
    if (opened) return {};
    error = std::move(opened.error());
  }
}

base::Result<std::unique_ptr<Session>> open_patiently(const work::Context& context,
                                                      work::Voice& voice,
                                                      const discovery::Device& device,
                                                      events::Totals& totals) {
  for (int tries = 1;; ++tries) {
    auto session = Session::open(context.world, context.platform, device, totals);
    if (session) return session;
    const base::Error& error = session.error();
    const Recovery recovery =
        decide(context.policy, {.doing = Doing::read, .kind = error.code, .attempt = tries});
    if (recovery == Recovery::give_up) return session;
    voice.retry({"opening the device", error.message, tries + 1, context.policy.read_attempts});
  }
}

base::Result<> read_patiently(const Reading& reading, FlashImage& image, base::AddressRange range,
                              const dfu::Progress& progress, const base::CancelToken& cancel) {
  std::uint64_t done = 0;
  int tries = 1;
  while (true) {
    const std::vector<base::AddressRange> gaps = image.missing(range);
    if (gaps.empty()) return {};
    base::AddressRange piece = gaps.front();
    piece.end = std::min(piece.end, piece.begin + kPiece);
    const auto show = [&](std::uint64_t now) {
      if (progress) progress(done + now);
    };
    auto bytes = reading.session.target().read(piece, show, cancel);
    if (bytes) {
      image.put(piece.begin, *bytes);
      done += piece.size();
      tries = 1;
      continue;
    }
    TRY(get_over(reading, Doing::read, std::move(bytes.error()), tries));
  }
}

base::Result<> read_ranges(const Reading& reading, FlashImage& image,
                           std::span<const base::AddressRange> ranges, work::StepScope& step) {
  std::uint64_t total = 0;
  for (const base::AddressRange& range : ranges) {
    for (const base::AddressRange& gap : image.missing(range)) total += gap.size();
  }
  if (total == 0) return {};
  step.part(events::Part::read, total, work::read_weight(total));
  std::uint64_t before = 0;
  for (const base::AddressRange& range : ranges) {
    std::uint64_t size = 0;
    for (const base::AddressRange& gap : image.missing(range)) size += gap.size();
    TRY(read_patiently(
        reading, image, range, [&](std::uint64_t done) { step.progress(before + done); },
        reading.context.cancel));
    before += size;
  }
  return {};
}

base::Result<plan::InstalledState> read_installed(const Reading& reading, FlashImage& image,
                                                  work::StepScope& step) {
  const platform::Platform& platform = reading.context.platform;
  const std::uint64_t most = most_to_read(platform);
  step.part(events::Part::read, most, work::read_weight(most));
  std::uint64_t done = 0;
  const ReadRange read = [&](base::AddressRange range) -> base::Result<> {
    std::uint64_t size = 0;
    for (const base::AddressRange& gap : image.missing(range)) size += gap.size();
    TRY(read_patiently(
        reading, image, range, [&](std::uint64_t now) { step.progress(done + now); },
        reading.context.cancel));
    done += size;
    return {};
  };
  TRY(read_slots(platform, image, read));
  plan::InstalledState state = state_from_image(platform, image);
  reading.session.set_bootloader(state.bootloader_version);
  return state;
}

base::Result<> read_until_sure(const Reading& reading, const plan::InstalledState& state,
                               FlashImage& image, std::span<const base::AddressRange> ranges,
                               work::StepScope& step) {
  const int most = reading.context.policy.read_attempts;
  for (int tries = 1;; ++tries) {
    FlashImage again(reading.context.platform.flash);
    for (const base::AddressRange& extent : vouched_for(state)) {
      if (image.has(extent)) again.put(extent.begin, image.view(extent));
    }
    TRY(read_ranges(reading, again, ranges, step));
    const bool same = std::ranges::all_of(ranges, [&](const base::AddressRange& range) {
      return std::ranges::equal(image.view(range), again.view(range));
    });
    if (same) return {};
    if (tries == most) {
      return base::make_error(base::Errc::usb_io, "reads-differ",
                              "the device tells other bytes each time it is read",
                              "try another cable or USB port, without a hub");
    }
    reading.voice.retry({"reading", "two readings differ", tries + 1, most});
    image = std::move(again);
  }
}

}  // namespace medium
