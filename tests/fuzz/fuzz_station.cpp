// SPDX-License-Identifier: GPL-3.0-or-later
//
// A station's configuration, and what a hook answers: whatever they hold, reading them ends within
// bounds, and what is taken keeps its promises.

#include "base/bytes.h"
#include "station/config.h"
#include "station/hooks.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>

namespace {

void check_config(const std::string& text) {
  const auto config = station::parse_config(text, "fuzz.toml");
  if (!config) return;
  std::set<std::string> names;
  std::set<std::string> ports;
  for (const station::SlotConfig& slot : config->slots) {
    if (slot.name.empty() || !names.insert(slot.name).second) std::abort();
    if (slot.port.empty() || !ports.insert(slot.port).second) std::abort();
  }
  for (const station::HookConfig& hook : config->hooks) {
    if (hook.run.empty() || hook.timeout <= base::Micros(0)) std::abort();
  }
  // A slot that was learnt is there afterwards, and the text is still a configuration.
  const auto learnt = station::with_slot(text, "fuzz.toml", {"Z9", "fuzz-port/1"});
  if (!learnt) return;
  const auto again = station::parse_config(*learnt, "fuzz.toml");
  if (!again) std::abort();
}

void check_answer(const std::string& text) {
  os::ChildEnd end;
  end.started = true;
  end.exit_code = 0;
  end.output = text;
  station::HookConfig hook;
  hook.run = {"hook"};
  const station::HookAnswer answer = station::interpret(hook, end);
  if (answer.message.size() > station::kMostMessage) std::abort();
  if (answer.fields.size() > station::kMostFields) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = base::as_text({data, size});
  check_config(text);
  check_answer(text);
  return 0;
}
