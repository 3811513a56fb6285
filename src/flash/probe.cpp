// SPDX-License-Identifier: GPL-3.0-or-later
#include "flash/backup_job.h"
#include "flash/installed_state.h"
#include "flash/job.h"
#include "flash/reach.h"

#include <fmt/format.h>

#include <utility>

namespace flash {
namespace {

base::Result<> compare(const Bench& bench, Voice& voice, Session& session, FlashImage& image,
                       ModuleComparison& comparison) {
  const base::ByteView wanted = comparison.module.image();
  const std::uint32_t begin = comparison.module.address();
  const base::AddressRange range{begin, begin + static_cast<std::uint32_t>(wanted.size())};
  PhaseScope phase(voice, events::Phase::verify, platform::describe(comparison.module.id()),
                   range.size());
  // Flash that is wrong is wrong twice; a bit that flipped on the way is not.
  for (int times = 1; times <= 2; ++times) {
    TRY(read_patiently(bench, voice, session, "reading " + base::hex32(range.begin), [&] {
      return read_into(
          session.target(), image, range, [&](std::uint64_t done) { phase.progress(done); },
          bench.cancel);
    }));
    const base::ByteView got = image.view(range);
    comparison.different_bytes = 0;
    for (std::size_t i = got.size(); i-- > 0;) {
      if (got[i] == wanted[i]) continue;
      ++comparison.different_bytes;
      comparison.first_difference = begin + static_cast<std::uint32_t>(i);
    }
    comparison.compared = true;
    comparison.equal = comparison.different_bytes == 0;
    if (comparison.equal) break;
    image.forget(range);
  }
  if (comparison.equal) phase.good();
  return {};
}

}  // namespace

base::Result<Probe> probe(Bench& bench, const discovery::Device& device) {
  Probe result{
      .device = device, .state = {}, .image = FlashImage(bench.platform.flash), .totals = {}};
  Voice voice(bench.sink, usb::to_string(device.port()));
  const base::Instant start = bench.world.clock.now();
  {
    TRY_ASSIGN(const auto session, open_patiently(bench, voice, device, result.totals));
    TRY_ASSIGN(result.state, read_state(bench, voice, *session, result.image));
  }
  result.totals.seconds = std::chrono::duration<double>(bench.world.clock.now() - start).count();
  return result;
}

base::Result<discovery::Device> bring_to_dfu(Bench& bench, const discovery::Device& device) {
  Voice voice(bench.sink, usb::to_string(device.port()));
  return reach_dfu(bench, voice, device);
}

base::Result<discovery::Device> leave_dfu(Bench& bench, const discovery::Device& device) {
  Voice voice(bench.sink, usb::to_string(device.port()));
  Totals totals;
  TRY_ASSIGN(auto session, open_patiently(bench, voice, device, totals));
  return leave_and_wait(bench, voice, std::move(session), totals);
}

VerifyReport verify(Bench& bench, const discovery::Device& device,
                    const std::vector<firmware::CheckedModule>& modules) {
  VerifyReport report;
  Voice voice(bench.sink, usb::to_string(device.port()));
  const base::Instant start = bench.world.clock.now();
  FlashImage image(bench.platform.flash);
  for (const firmware::CheckedModule& module : modules) {
    report.modules.push_back({.module = module});
  }
  const auto work = [&]() -> base::Result<> {
    TRY_ASSIGN(const auto session, open_patiently(bench, voice, device, report.totals));
    for (ModuleComparison& comparison : report.modules) {
      TRY(compare(bench, voice, *session, image, comparison));
    }
    return {};
  };
  const auto done = work();
  if (!done) report.error = done.error();
  std::string differences;
  for (const ModuleComparison& comparison : report.modules) {
    if (comparison.equal) report.totals.bytes_verified += comparison.module.image().size();
    if (comparison.equal || !comparison.compared) continue;
    if (!differences.empty()) differences += "; ";
    differences += fmt::format(
        "{} differs from {}, first at {}", platform::describe(comparison.module.id()),
        base::printable(comparison.module.source()), base::hex32(comparison.first_difference));
  }
  if (!report.error && !differences.empty()) {
    report.error = base::make_error(base::Errc::verify_mismatch, std::move(differences),
                                    "`electron-rescue flash` writes anew what differs");
  }
  report.totals.seconds = std::chrono::duration<double>(bench.world.clock.now() - start).count();
  voice.say(events::JobFinished{report.ok()});
  return report;
}

}  // namespace flash
