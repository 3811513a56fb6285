// SPDX-License-Identifier: GPL-3.0-or-later
#include "way/confirm.h"

#include "reach/back.h"

#include <utility>

namespace way {
namespace {

using base::Errc;
using std::chrono::seconds;

constexpr base::Micros kStart = seconds(30);  // the first start of a release: 4.6 s (observed)
constexpr unsigned kWeight = 4000;            // 28800 twice, and four questions

// Whatever became of the question: a device that was running goes on with its work. An answer
// stands, whether the device hears that it may go on or not.
void let_go(const work::Context& context, work::Voice& voice, const discovery::Device& device,
            const reach::Patience& patience) {
  const base::CancelToken second(context.cancel, 1);
  const work::Context last{context.world, context.platform, context.catalogue,
                           context.sink,  second,           context.policy};
  const auto left = reach::to_normal(last, voice, device, patience);
  if (!left) voice.note("it may still be in listening mode: " + left.error().message, 1);
}

base::Result<Answer> ask_once(const work::Context& context, work::Voice& voice,
                              const discovery::Device& device) {
  reach::Patience patience = reach::unattended();
  // A device that needs the button is not worth a long wait: what was written has been read back.
  // Others may miss the first touch of two, just after their start.
  patience.by_itself = seconds(20);
  auto listening = reach::to_listening(context, voice, device, patience);
  if (!listening) {
    if (listening.error().code == Errc::cancelled) let_go(context, voice, device, patience);
    return std::move(listening.error());
  }
  auto answer = ask(context, *listening);
  let_go(context, voice, *listening, patience);
  return answer;
}

}  // namespace

base::Result<Confirmation> confirm(const work::Context& context, work::Voice& voice,
                                   const discovery::Device& device) {
  work::StepScope step(voice, {.doing = events::Doing::confirm, .weight = kWeight});
  step.part(events::Part::wait, 0, kWeight);
  Confirmation confirmation;
  auto there = reach::wait_for_running(context, device.port(), kStart);
  if (!there) {
    if (there.error().code == Errc::cancelled) return std::move(there.error());
    confirmation.why_not = std::move(there.error().message);
    return confirmation;
  }
  if (there->id.empty()) there->id = device.id;
  confirmation.by = events::ConfirmedBy::enumeration;
  auto answer = ask_once(context, voice, *there);
  if (!answer) {
    if (answer.error().code == Errc::cancelled) return std::move(answer.error());
    if (answer.error().code == Errc::no_device) return std::move(answer.error());
    confirmation.why_not = std::move(answer.error().message);
    return confirmation;
  }
  confirmation.by = events::ConfirmedBy::listening;
  confirmation.answer = std::move(*answer);
  step.good();
  return confirmation;
}

}  // namespace way
