// SPDX-License-Identifier: GPL-3.0-or-later
#include "ota/result.h"

namespace ota {
namespace {

template <class Count>
std::size_t sum(const plan::Plan& plan, Count count) {
  std::size_t total = 0;
  for (const plan::Stage& stage : plan.stages) {
    for (const plan::Step& step : stage.steps) {
      if (step.writes()) total += count(step.content.image().size());
    }
  }
  return total;
}

}  // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::proved:
      return "proved";
    case Verdict::done_already:
      return "done-already";
    case Verdict::refused:
      return "refused";
    case Verdict::undetermined:
      return "undetermined";
    case Verdict::offline:
      return "offline";
    case Verdict::failed:
      return "failed";
    case Verdict::planned:
      return "planned";
  }
  return "failed";
}

std::size_t air_bytes(std::size_t size) {
  constexpr std::size_t kChunk = 512;
  constexpr std::size_t kChunkOnAir = 585;  // CoAP, DTLS, UDP and IP included
  constexpr std::size_t kStart = 4400;      // a whole handshake
  return (size + kChunk - 1) / kChunk * kChunkOnAir + kStart;
}

std::size_t bytes_to_send(const plan::Plan& plan) {
  return sum(plan, [](std::size_t size) { return size; });
}

std::size_t air_bytes_to_send(const plan::Plan& plan) { return sum(plan, air_bytes); }

std::size_t DeviceResult::bytes() const {
  std::size_t total = 0;
  for (const Sent& one : sent) {
    total += one.module.image().size() * static_cast<std::size_t>(one.attempts);
  }
  return total;
}

std::size_t DeviceResult::air_bytes() const {
  std::size_t total = 0;
  for (const Sent& one : sent) {
    total += ota::air_bytes(one.module.image().size()) * static_cast<std::size_t>(one.attempts);
  }
  return total;
}

}  // namespace ota
