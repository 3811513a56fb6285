// SPDX-License-Identifier: GPL-3.0-or-later
#include "way/dfu_way.h"

#include "medium/installed_state.h"
#include "medium/sector_writer.h"
#include "reach/back.h"
#include "reach/leave.h"

#include <fmt/format.h>

#include <utility>

namespace way {
namespace {

using events::Doing;
using plan::Action;

Doing doing(Action action) {
  switch (action) {
    case Action::guard_open:
      return Doing::guard_open;
    case Action::guard_close:
      return Doing::guard_close;
    default:
      return Doing::write;
  }
}

unsigned weight_of_reading(const platform::Platform& platform) {
  return static_cast<unsigned>(work::read_weight(medium::most_to_read(platform)));
}

// What a guarded sector goes through from the step that opens the guard to the one that closes it.
medium::SectorWork work_of(const plan::Step& step) {
  medium::SectorWork work;
  work.sector = step.content.place;
  work.image = step.content.image();
  work.subject = step.content.name;
  work.may_be_protected =
      step.content.module && step.content.module->function == platform::ModuleFunction::system_part;
  return work;
}

// That it moves: the step that closes a guard writes one word.
std::uint64_t bytes_of(const plan::Step& step) {
  constexpr std::uint64_t kWord = 4;
  return step.action == Action::guard_close ? kWord : step.content.image().size();
}

// What `work` did since `before`.
void fill(events::StepReport& report, const medium::SectorWork& work,
          const medium::SectorWork& before) {
  report.erased = report.erased || (work.erased && !before.erased);
  report.written = work.written || report.step.action == Action::guard_open;
  report.verified = work.verified || report.step.action == Action::guard_open;
  report.bytes_written += work.bytes_written - before.bytes_written;
  report.bytes_verified += work.bytes_verified - before.bytes_verified;
  report.attempts += work.attempts - before.attempts;
}

}  // namespace

DfuWay::DfuWay(const Surroundings& around, base::Micros by_person)
    : around_(around), by_person_(by_person), image_(around.context.platform.flash) {}

base::Result<> DfuWay::reach() {
  discovery::Device& device = around_.subject.device;
  if (device.mode == discovery::Mode::dfu) return {};
  work::StepScope step(around_.voice, {.doing = Doing::reach, .subject = "DFU mode"});
  reach::Patience patience = reach::attended();
  patience.by_itself = around_.context.policy.switching;
  patience.by_person = by_person_;
  TRY_ASSIGN(device, reach::to_dfu(around_.context, around_.voice, device, patience));
  around_.subject.told_to_start = false;
  step.good();
  return {};
}

base::Result<plan::InstalledState> DfuWay::observe() {
  TRY(reach());
  session_.reset();
  image_ = medium::FlashImage(around_.context.platform.flash);
  work::StepScope step(around_.voice, {.doing = Doing::observe,
                                       .weight = weight_of_reading(around_.context.platform)});
  if (around_.context.cancel.requested()) {
    return base::make_error(base::Errc::cancelled, "interrupted", "run the same command again");
  }
  TRY_ASSIGN(session_,
             medium::open_patiently(around_.context, around_.voice, around_.subject.device,
                                    around_.subject.report.totals));
  TRY_ASSIGN(
      plan::InstalledState state,
      medium::read_installed(
          {around_.context, *session_, around_.voice, "reading what is installed"}, image_, step));
  step.good();
  return state;
}

base::Result<> DfuWay::read(std::span<const base::AddressRange> ranges, std::string_view subject) {
  std::uint64_t bytes = 0;
  for (const base::AddressRange& range : ranges) {
    for (const base::AddressRange& gap : image_.missing(range)) bytes += gap.size();
  }
  if (bytes == 0) return {};
  work::StepScope step(around_.voice, {.doing = Doing::observe,
                                       .subject = std::string(subject),
                                       .bytes = bytes,
                                       .weight = static_cast<unsigned>(work::read_weight(bytes))});
  TRY(medium::read_ranges({around_.context, *session_, around_.voice, std::string(subject)}, image_,
                          ranges, step));
  step.good();
  return {};
}

base::Result<> DfuWay::save(std::span<const base::AddressRange> sectors, const vault::Place& place,
                            bool until_sure) {
  std::uint64_t bytes = 0;
  for (const base::AddressRange& sector : sectors) bytes += sector.size();
  work::StepScope step(around_.voice, {.doing = Doing::save,
                                       .subject = place.path,
                                       .bytes = bytes,
                                       .weight = static_cast<unsigned>(work::read_weight(bytes))});
  const medium::Reading reading{around_.context, *session_, around_.voice, "reading what is saved"};
  if (until_sure) {
    TRY(medium::read_ranges(reading, image_, sectors, step));
    TRY(medium::read_until_sure(reading, medium::state_from_image(around_.context.platform, image_),
                                image_, sectors, step));
  }
  TRY(vault::save_sectors(reading, image_, sectors, place, step));
  step.good();
  return {};
}

base::Result<> DfuWay::apply(const plan::Stage& stage, events::StageReport& report) {
  std::vector<base::AddressRange> sectors;
  for (const plan::Step& step : stage.steps) {
    if (step.action != Action::skip) sectors.push_back(step.content.place);
  }
  // A sector that is blank need not be erased.
  TRY(read(sectors, "what will be erased"));
  medium::SectorWriter writer({around_.context, *session_, image_, around_.subject.report.totals});
  // A guarded sector is one piece of work in two steps.
  std::optional<medium::SectorWork> guarded;
  for (std::size_t i = 0; i < stage.steps.size(); ++i) {
    const plan::Step& step = stage.steps[i];
    if (step.action == Action::skip) continue;
    medium::SectorWork work = work_of(step);
    if (step.action == Action::guard_close && guarded) work = *guarded;
    const medium::SectorWork before = work;
    const base::Instant start = around_.context.world.clock.now();
    work::StepScope scope(around_.voice, {.doing = doing(step.action),
                                          .subject = step.content.name,
                                          .stage = report.number,
                                          .step = i,
                                          .bytes = bytes_of(step),
                                          .weight = step.weight});
    const auto done = step.action == Action::guard_open    ? writer.open_guard(work, scope)
                      : step.action == Action::guard_close ? writer.close_guard(work, scope)
                                                           : writer.make_hold(work, scope);
    events::StepReport& told = report.steps[i];
    fill(told, work, before);
    told.seconds += base::in_seconds(around_.context.world.clock.now() - start);
    TRY(done);
    if (step.action == Action::guard_open) guarded = work;
  }
  report.complete = true;
  return {};
}

base::Result<> DfuWay::compare(events::Comparison& comparison) {
  const base::ByteView wanted = comparison.module.image();
  const std::uint32_t begin = comparison.module.address();
  const base::AddressRange range{begin, begin + static_cast<std::uint32_t>(wanted.size())};
  work::StepScope step(around_.voice,
                       {.doing = Doing::compare,
                        .subject = platform::describe(comparison.module.id()),
                        .bytes = range.size(),
                        .weight = static_cast<unsigned>(work::read_weight(range.size()))});
  const medium::Reading reading{around_.context, *session_, around_.voice,
                                "reading " + base::hex32(range.begin)};
  // Flash that is wrong is wrong twice; a bit that flipped on the way is not.
  for (int times = 1; times <= 2; ++times) {
    const std::array<base::AddressRange, 1> ranges{range};
    TRY(medium::read_ranges(reading, image_, ranges, step));
    const base::ByteView got = image_.view(range);
    comparison.different_bytes = 0;
    for (std::size_t i = got.size(); i-- > 0;) {
      if (got[i] == wanted[i]) continue;
      ++comparison.different_bytes;
      comparison.first_difference = begin + static_cast<std::uint32_t>(i);
    }
    comparison.compared = true;
    comparison.equal = comparison.different_bytes == 0;
    if (comparison.equal) break;
    image_.forget(range);
  }
  if (comparison.equal) step.good();
  return {};
}

base::Result<> DfuWay::start() {
  if (session_ == nullptr) {
    TRY_ASSIGN(session_,
               medium::open_patiently(around_.context, around_.voice, around_.subject.device,
                                      around_.subject.report.totals));
  }
  work::StepScope step(around_.voice, {.doing = Doing::start, .weight = kStartWeight});
  step.part(events::Part::wait, 0, kStartWeight);
  around_.subject.told_to_start = true;
  TRY_ASSIGN(around_.subject.device,
             reach::leave_and_wait(around_.context, around_.voice, std::move(session_),
                                   around_.subject.report.totals));
  around_.subject.told_to_start = false;
  step.good();
  return {};
}

base::Result<> DfuWay::meet_again(const base::Error& why) {
  close();
  if (!reach::is_loss(why)) return why;
  if (around_.context.cancel.requested()) {
    return base::make_error(base::Errc::cancelled, "interrupted", "run the same command again");
  }
  around_.voice.note(why.message, 0);
  work::StepScope step(around_.voice, {.doing = Doing::reach, .subject = "DFU mode"});
  step.part(events::Part::wait, 0, 0);
  TRY_ASSIGN(around_.subject.device,
             reach::dfu_again(around_.context, around_.voice, around_.subject.device, why));
  step.good();
  return {};
}

}  // namespace way
