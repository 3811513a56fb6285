// SPDX-License-Identifier: GPL-3.0-or-later
#include "ota/advice.h"

#include "base/bytes.h"

#include <fmt/format.h>

namespace ota {

void advise(DeviceResult& result, const Belief& belief, const Wish& wish) {
  result.command =
      fmt::format("electron-rescue flash --target {}{}", wish.target.text(), wish.flash_options);
  result.bring = {"a USB cable and a computer with electron-rescue"};
  plan::Request request;
  request.target = wish.target;
  request.library = wish.library;
  request.user_part = wish.user_part;
  const plan::Outcome outcome =
      plan::make_plan(belief.state, request, plan::Medium::dfu, release::Catalogue::embedded());
  if (const auto* plan = std::get_if<plan::Plan>(&outcome)) {
    for (const plan::Stage& stage : plan->stages) {
      std::string files;
      for (const plan::Step& step : stage.steps) {
        if (!step.completes()) continue;
        files +=
            fmt::format("{}{}", files.empty() ? "" : ", ", base::printable(step.content.source));
      }
      result.bring.push_back(fmt::format(
          "the files of {}: {}", stage.release ? stage.release->text() : "the application", files));
    }
    return;
  }
  const auto& refusal = std::get<plan::Refusal>(outcome);
  result.bring.push_back(fmt::format("the files of {}", wish.target.text()));
  for (const std::string& needed : refusal.needs) {
    if (needed == wish.target.text()) continue;
    result.bring.push_back(fmt::format("the files of {}, by way of which it goes", needed));
  }
}

}  // namespace ota
