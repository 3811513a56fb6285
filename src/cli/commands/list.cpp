// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/listing.h"
#include "cli/parser.h"
#include "report/device_text.h"
#include "report/document.h"
#include "report/exit_code.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>

namespace cli {
namespace {

struct ListOptions {
  bool watch = false;
};

using Devices = std::vector<discovery::Device>;

// What tells one appearance of a device from the next.
std::string fingerprint(const discovery::Device& device) {
  return fmt::format("{} {} {} {}", discovery::name(device.mode), device.info.address, device.id,
                     device.serial_path);
}

void tell(Context& context, const char* what, const discovery::Device& device) {
  if (context.global.json) {
    auto line = report::document();
    line["event"] = what;
    line.update(report::device_json(device));
    context.print(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
                  "\n");
  } else {
    context.print(fmt::format("{:<7}  {}\n", what, report::device_line(device)));
  }
}

int watch(Context& context, discovery::World& world) {
  constexpr base::Millis kLook{1000};
  std::map<usb::PortPath, discovery::Device> present;
  int failures = 0;
  // A reader that has gone away (`| head`) wants no more.
  while (!context.cancel().requested() && context.console.is_read()) {
    auto found = discovery::list(world, platform::electron());
    if (!found) {
      // Devices that come and go disturb a listing; what lasts is told.
      constexpr int kMost = 5;
      if (++failures == kMost || !passes(found.error())) return context.fail(found.error());
      world.usb.wait_for_change(kLook, context.cancel());
      continue;
    }
    failures = 0;
    std::map<usb::PortPath, discovery::Device> now;
    for (discovery::Device& device : *found) now.emplace(device.port(), std::move(device));
    for (const auto& [port, device] : present) {
      const auto still = now.find(port);
      if (still == now.end() || fingerprint(still->second) != fingerprint(device)) {
        tell(context, "left", device);
      }
    }
    for (const auto& [port, device] : now) {
      const auto before = present.find(port);
      if (before == present.end() || fingerprint(before->second) != fingerprint(device)) {
        tell(context, "arrived", device);
      }
    }
    present = std::move(now);
    world.usb.wait_for_change(kLook, context.cancel());
  }
  return context.cancel().requested() ? report::kInterrupted : report::kDone;
}

int run_list(Context& context, const ListOptions& options) {
  auto world = context.worlds.world(nullptr);
  if (!world) return context.fail(world.error());
  if (options.watch) return watch(context, **world);
  auto devices = discovery::list(**world, platform::electron());
  if (!devices) return context.fail(devices.error());
  auto document = report::document();
  document["devices"] = nlohmann::ordered_json::array();
  for (const discovery::Device& device : *devices) {
    document["devices"].push_back(report::device_json(device));
  }
  if (!context.global.json) {
    if (devices->empty()) {
      context.note(
          "No Electron is connected. Nothing plugged in? electron-rescue doctor tells what is in "
          "the way.");
    } else {
      context.print(report::devices_text(*devices, context.style()));
    }
  }
  return context.finish(document, report::kDone);
}

}  // namespace

Run add_list(CLI::App& command) {
  auto options = std::make_shared<ListOptions>();
  flag(command, "--watch", options->watch, "Print arrivals and departures until interrupted");
  return [options](Context& context) { return run_list(context, *options); };
}

}  // namespace cli
