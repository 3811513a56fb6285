// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/parser.h"
#include "cli/waiting.h"
#include "cli/words.h"
#include "report/device_text.h"
#include "report/documents/devices.h"
#include "report/exit_code.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

struct WaitOptions {
  std::string mode = "any";
  double timeout = 60;  // seconds
};

bool fits(const discovery::Device& device, const std::string& mode) {
  if (mode == "dfu") return device.mode == discovery::Mode::dfu;
  // A device that runs and one that listens look alike on the bus, and asking one that runs would
  // disturb it (0.6.0 and newer take no byte then, and closing the port waits 30 s for that).
  if (mode == "listen") return device.mode != discovery::Mode::dfu && !device.serial_path.empty();
  return true;
}

// What is wrong with a number of seconds: "60" and "2.5" are right, and nothing that a clock could
// not count.
std::string problem_of_seconds(const std::string& text) {
  constexpr double kMost = 1e8;  // three years
  const auto value = decimal(text);
  if (value && *value <= kMost) return {};
  return fmt::format("takes a number of seconds, such as 60 or 2.5, not {}", base::printable(text));
}

base::Error not_there(const WaitOptions& options) {
  return base::make_error(
      base::Errc::no_device,
      fmt::format("no Electron {}came within {:g} s",
                  options.mode == "any" ? "" : fmt::format("in {} mode ", options.mode),
                  options.timeout),
      options.mode == "dfu"
          ? "hold MODE, press and release RESET, keep holding MODE until the LED blinks yellow"
          : "check the cable and the power; electron-rescue doctor tells what is in the way");
}

int run_wait(Context& context, const WaitOptions& options) {
  const auto within =
      std::chrono::duration_cast<base::Micros>(std::chrono::duration<double>(options.timeout));
  const auto device = await_device(
      context, nullptr, [&](const discovery::Device& one) { return fits(one, options.mode); },
      within, not_there(options));
  if (!device) return context.fail(device.error());
  if (!context.global.json) context.print(report::device_line(*device) + "\n");
  if (options.mode == "listen" && device->mode != discovery::Mode::listening) {
    context.detail("whether it listens only asking tells: electron-rescue mode listen", 0);
  }
  return context.finish(report::device_document(*device), report::kDone);
}

}  // namespace

Run add_wait(CLI::App& command) {
  auto options = std::make_shared<WaitOptions>();
  option(command, "--mode", options->mode, "The mode to wait for")
      .one_of({"dfu", "listen", "any"})
      .type_name("dfu|listen|any");
  option(command, "--timeout", options->timeout, "Give up after this many seconds (60)")
      .check(problem_of_seconds, "seconds")
      .type_name("S");
  return [options](Context& context) { return run_wait(context, *options); };
}

}  // namespace cli
