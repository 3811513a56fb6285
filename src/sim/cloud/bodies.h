// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Answers that do not depend on the cloud's state: the errors of the vendor's interface, and what a
// failure puts in an answer's place.
// Sources: the recorded answers of monkbroc/particlerb and jeffutter/particle-elixir; the vendor's
// API reference.

#include "sim/cloud/message.h"
#include "sim/cloud/mishaps.h"

#include <optional>
#include <string>
#include <string_view>

namespace sim::cloud {

Answer json_answer(int status, std::string body);
Answer error_answer(int status, std::string_view error, std::string_view description);

Answer no_token();
Answer invalid_token();
Answer expired_token();
Answer wrong_scope();
Answer not_yours();  // a foreign and an unknown device
Answer not_in_product();
Answer no_such_place();
Answer nothing_to_do();
Answer too_many_requests();
// A device that the cloud knows to be offline: 404, 408 or 500.
Answer offline(int status);
// The cloud has waited for the device in vain.
Answer timed_out();
// {"id":"…","status":"…"}
Answer flash_answer(std::string_view id, std::string_view status);

// What a failure puts there; `done`: what was asked for is done all the same.
struct Replacement {
  Answer answer;
  bool done = false;
};
// `id` of the device, where it is about one. None: not that kind of failure.
std::optional<Replacement> replacement(const Failure& failure, std::string_view id);

}  // namespace sim::cloud
