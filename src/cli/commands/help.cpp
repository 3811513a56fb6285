// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/words.h"
#include "report/documents/texts.h"
#include "report/exit_code.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace cli {
namespace {

int run_help(Context& context, const CLI::App& app, const std::string& name) {
  // App::help() would tell that of the command which was given, and that is `help` itself.
  std::string text =
      app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal);
  if (!name.empty()) {
    std::vector<std::string> names;
    for (const Command& entry : commands()) names.emplace_back(entry.name);
    if (std::ranges::count(names, name) == 0) {
      const auto close = meant(name, names);
      return context.fail(base::make_error(
          base::Errc::usage, fmt::format("there is no command {}", base::printable(name)),
          close.empty() ? "electron-rescue --help tells the commands"
                        : fmt::format("did you mean {}?", fmt::join(close, " or "))));
    }
    text = app.get_subcommand(name)->help("electron-rescue");
  }
  if (!context.global.json) context.print(text);
  return context.finish(report::help_document(text), report::kDone);
}

}  // namespace

Run add_help(CLI::App& command) {
  auto name = std::make_shared<std::string>();
  command.add_option("COMMAND", *name, "The command; without it, the program")->type_name("");
  return [&command, name](Context& context) {
    return run_help(context, *command.get_parent(), *name);
  };
}

}  // namespace cli
