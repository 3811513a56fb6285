// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/hook_run.h"

#include "base/bytes.h"
#include "base/files.h"
#include "os/child.h"

#include <fmt/format.h>

namespace station {
namespace {

// TERM, then so long until KILL.
constexpr std::chrono::milliseconds kGrace{2000};

std::string or_else(std::string text, const char* otherwise) {
  return text.empty() ? std::string(otherwise) : std::move(text);
}

os::ChildOrder child_order(const HookConfig& hook, const HookOrder& order,
                           const base::CancelToken& cancel) {
  os::ChildOrder child;
  child.words = hook.run;
  child.environment = {{"PATH", or_else(base::environment("PATH"), "/usr/local/bin:/usr/bin:/bin")},
                       {"LANG", or_else(base::environment("LANG"), "C.UTF-8")},
                       {"ER_EVENT", std::string(name(hook.on))},
                       {"ER_SLOT", order.slot}};
  child.input = order.document;
  child.most_output = kMostHookOutput;
  child.most_errors = kMostHookLog;
  child.time = std::chrono::duration_cast<std::chrono::milliseconds>(hook.timeout);
  child.grace = kGrace;
  child.stop = [&cancel] { return cancel.requested(); };
  return child;
}

}  // namespace

HookVerdict run_hooks(const HookOrder& order, base::Clock& clock, const base::CancelToken& cancel) {
  HookVerdict verdict;
  for (const HookConfig& hook : order.hooks) {
    const os::ChildOrder child = child_order(hook, order, cancel);
    const base::Instant until = clock.now() + kNotNowFor;
    HookAnswer answer;
    while (true) {
      const base::Instant begun = clock.now();
      const os::ChildEnd end = os::run_child(child);
      answer = interpret(hook, end);
      records::HookRun& run = verdict.runs.emplace_back();
      run.job = order.job;
      run.event = name(hook.on);
      run.n = static_cast<std::int64_t>(verdict.runs.size());
      if (end.started && end.exit_code) run.exit_code = *end.exit_code;
      run.seconds = std::chrono::duration<double>(clock.now() - begun).count();
      run.message = answer.message;
      run.fields = answer.fields;
      if (!end.errors.empty()) verdict.log.push_back(base::printable(end.errors));
      if (end.flooded) {
        verdict.log.push_back(
            fmt::format("{} said more than is kept", base::printable(hook.run.front())));
      }
      const bool later = answer.what == HookAnswer::What::not_now && !cancel.requested() &&
                         clock.now() + kNotNowPause < until;
      if (!later) break;
      clock.sleep(kNotNowPause, cancel);
    }
    if (!add_answer(verdict, hook, answer)) break;
  }
  return verdict;
}

}  // namespace station
