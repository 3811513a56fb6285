// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands/udev.h"

#include "cli/context.h"
#include "report/document.h"
#include "report/exit_code.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

int print_rule(Context& context) {
  if (!context.global.json) context.print(udev_rule());
  auto document = report::document();
  document["rule"] = udev_rule();
  return context.finish(document, report::kDone);
}

int install_rule(Context& context) {
  const std::string path = udev_rule_path();
  if (!context.global.yes &&
      !context.environment().output.ask(fmt::format("Write the udev rule to {}?", path))) {
    return context.fail(base::make_error(base::Errc::usage, "the udev rule was not installed",
                                         "say --yes to install it without being asked"));
  }
  const auto done = context.environment().computer.install_rule(udev_rule());
  if (!done) return context.fail(done.error());
  if (!context.global.json) {
    context.print(
        fmt::format("installed {}\nDevices that are plugged in may be used at once.\n", path));
  }
  auto document = report::document();
  document["installed"] = path;
  return context.finish(document, report::kDone);
}

}  // namespace

void add_udev(CLI::App& app, Context& context) {
  CLI::App* command =
      add_command(app, "udev", "Print or install the udev rule that gives access without root");
  command->require_subcommand(1);
  CLI::App* print = add_command(*command, "print", "Print the rule");
  print->callback([&context] { context.action = [&context] { return print_rule(context); }; });
  CLI::App* install = add_command(*command, "install", "Install the rule (as root)");
  install->callback([&context] { context.action = [&context] { return install_rule(context); }; });
}

}  // namespace cli
