// SPDX-License-Identifier: GPL-3.0-or-later
#include "board/pair.h"

#include "platform/platform.h"

#include <fmt/format.h>

#include <algorithm>

namespace board {
namespace {

using Reply = sim::ControlReply::Kind;
using std::chrono::seconds;

std::string_view name(Reply kind) {
  switch (kind) {
    case Reply::done:
      return "done";
    case Reply::stall:
      return "STALL";
    case Reply::stall_status:
      return "STALL in the status stage";
    case Reply::never:
      return "no answer";
    case Reply::gone:
      return "gone";
  }
  return "?";
}

// Of a transfer without data there is only one stage that can be stalled.
Reply seen(const Bench::Answer& answer, const Question& question) {
  const bool no_data = question.length == 0 && question.data.empty();
  return no_data && answer.kind == Reply::stall_status ? Reply::stall : answer.kind;
}

// At once; programming; an erase of 16 KiB with what belongs to it; an erase of 128 KiB.
int class_of(base::Micros took) {
  constexpr base::Micros kBounds[] = {base::Micros(4'000), base::Micros(120'000),
                                      base::Micros(700'000)};
  int number = 0;
  for (const base::Micros bound : kBounds) number += took > bound ? 1 : 0;
  return number;
}

std::string told(const Bench::Answer& answer, Reply kind) {
  const base::ByteView data = answer.data;
  return fmt::format("{} [{}{}] after {} us", name(kind),
                     base::to_hex(data.first(std::min<std::size_t>(data.size(), 24))),
                     data.size() > 24 ? "…" : "", answer.took.count());
}

}  // namespace

Pair::Pair(const Image& image) : Pair(image, sim::bootloader_profile(image.version)) {}

Pair::Pair(const Image& image, const sim::BootloaderProfile& profile)
    : executed_(Kind::executed, image.bytes), profile_(Kind::profile, image.bytes, profile) {
  for (Bench* bench : {&executed_, &profile_}) {
    bench->power_cycle();
    bench->enumerate();
    bench->pass(seconds(1));
    bench->save();
  }
}

void Pair::begin() {
  executed_.restore();
  profile_.restore();
  gone_ = false;
}

std::string Pair::ask(const Question& question) {
  const auto length =
      question.data.empty() ? question.length : static_cast<std::uint16_t>(question.data.size());
  const Bench::Answer real = executed_.ask(question.setup, length, question.data);
  const Bench::Answer ours = profile_.ask(question.setup, length, question.data);
  const Reply real_kind = seen(real, question);
  const Reply our_kind = seen(ours, question);
  gone_ = real_kind == Reply::gone || our_kind == Reply::gone;
  const bool same =
      real_kind == our_kind && real.data == ours.data && class_of(real.took) == class_of(ours.took);
  if (same) return {};
  return fmt::format("{}: executed {}, profile {}", question.name, told(real, real_kind),
                     told(ours, our_kind));
}

std::string Pair::compare_states() {
  std::string all;
  const auto add = [&all](const std::string& difference) {
    if (!difference.empty()) all += (all.empty() ? "" : "; then ") + difference;
  };
  if (gone_) {
    if (executed_.board().attached() != profile_.board().attached()) add("only one came back");
    return all;
  }
  for (const Question& question :
       {get_state(), get_status(), get_status(), about_device(), about_endpoint()}) {
    add(ask(question));
  }
  const base::AddressRange range{platform::electron().configuration.begin,
                                 platform::electron().flash.end};
  const base::ByteView real = executed_.board().flash().view(range);
  const base::ByteView ours = profile_.board().flash().view(range);
  const auto [at, other] = std::mismatch(real.begin(), real.end(), ours.begin());
  if (at != real.end()) {
    add(fmt::format("flash at {:#010x}: executed {:#04x}, profile {:#04x}",
                    range.begin + static_cast<std::uint32_t>(at - real.begin()), *at, *other));
  }
  return all;
}

}  // namespace board
