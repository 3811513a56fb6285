// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/parser.h"
#include "discovery/observer.h"
#include "discovery/port_locks.h"
#include "report/device_text.h"
#include "report/documents/devices.h"
#include "report/exit_code.h"
#include "rescue/rescue.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

struct ListOptions {
  bool watch = false;
};

void tell(Context& context, const char* what, const discovery::Device& device) {
  if (context.global.json) {
    context.print(line_of(report::watch_document(what, device)));
  } else {
    context.print(fmt::format("{:<7}  {}\n", what, report::device_line(device)));
  }
}

int watch(Context& context, discovery::World& world) {
  // Each device is asked once for its id, where the system does not tell, but none that somebody
  // works on.
  const auto is_free = [&world](const discovery::Device& device) {
    return world.locks == nullptr || !world.locks->holder(device.port());
  };
  discovery::Observer observer(world, platform::electron(), is_free);
  observer.subscribe([&](const discovery::Change& change) {
    if (const auto* arrived = std::get_if<discovery::Arrived>(&change)) {
      tell(context, "arrived", arrived->device);
    } else if (const auto* left = std::get_if<discovery::Left>(&change)) {
      tell(context, "left", left->device);
    } else {
      tell(context, "changed", std::get<discovery::Changed>(change).now);
    }
  });
  // A reader that has gone away (`| head`) wants no more.
  const auto nobody_reads = [&] { return !context.console.is_read(); };
  if (nobody_reads()) return report::kDone;
  constexpr base::Micros kForEver = std::chrono::hours(24 * 365 * 10);
  const auto end = observer.follow(kForEver, context.cancel(), nobody_reads);
  if (!end) return context.fail(end.error());
  return *end == discovery::Observer::End::cancelled ? report::kInterrupted : report::kDone;
}

int run_list(Context& context, const ListOptions& options) {
  auto world = context.worlds.world(nullptr);
  if (!world) return context.fail(world.error());
  if (options.watch) return watch(context, **world);
  const auto devices = rescue::Rescue(**world).devices();
  if (!devices) return context.fail(devices.error());
  if (!context.global.json) {
    if (devices->empty()) {
      context.note(
          "No Electron is connected. Nothing plugged in? electron-rescue doctor tells what is in "
          "the way.");
    } else {
      context.print(report::devices_text(*devices, context.style()));
    }
  }
  return context.finish(report::devices_document(*devices), report::kDone);
}

}  // namespace

Run add_list(CLI::App& command) {
  auto options = std::make_shared<ListOptions>();
  flag(command, "--watch", options->watch, "Print arrivals and departures until interrupted");
  return [options](Context& context) { return run_list(context, *options); };
}

}  // namespace cli
