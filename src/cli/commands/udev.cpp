// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/parser.h"
#include "os/advice.h"
#include "report/documents/texts.h"
#include "report/exit_code.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string_view>

namespace cli {
namespace {

int print_rule(Context& context) {
  if (!context.global.json) context.print(udev_rule());
  return context.finish(report::rule_document(udev_rule()), report::kDone);
}

int install_rule(Context& context) {
  const std::string path = udev_rule_path();
  const auto agreed =
      context.console.consent(fmt::format("Write the udev rule to {}?", path),
                              base::make_error(base::Errc::usage, "the udev rule was not installed",
                                               "say --yes to install it without being asked"));
  if (!agreed) return context.fail(agreed.error());
  const auto done = context.computer().install_rule(udev_rule());
  if (!done) return context.fail(done.error());
  if (!context.global.json) context.print(report::installed_text(path));
  return context.finish(report::installed_document(path), report::kDone);
}

}  // namespace

Run add_udev(CLI::App& command) {
  auto chosen = std::make_shared<int (*)(Context&)>(nullptr);
  const auto add = [&](const char* name, std::string_view words, int (*run)(Context&)) {
    add_below(command, name, std::string(words), [chosen, run] { *chosen = run; });
  };
  add("print", "Print the rule", print_rule);
  add("install", os::advice().udev_install, install_rule);
  return [chosen](Context& context) { return (*chosen)(context); };
}

}  // namespace cli
