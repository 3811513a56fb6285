// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli.h"

#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/version.h"
#include "report/document.h"
#include "report/exit_code.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace cli {
namespace {

// Exit codes are part of the interface, so they are in every --help.
constexpr const char* kFooter =
    "Exit codes: 0 done, 2 wrong usage, 3 no device or several, 4 firmware file missing or "
    "invalid,\n"
    "5 refused by the rules, 6 device I/O failed (run the same command again), 7 read-back "
    "differs,\n"
    "8 no permission, 9 written but the device did not come back, 130 interrupted.\n"
    "Manual: man electron-rescue";

void add_global_options(CLI::App& app, GlobalOptions& global) {
  app.add_option("--device", global.device,
                 "Which Electron: device id (or 6 and more of its first digits), usb:BUS-PORT,\n"
                 "a serial port's path, or sim:STATE for a virtual one")
      ->type_name("SELECTOR");
  app.add_flag("--json", global.json, "Print one JSON document on stdout and nothing else there");
  app.add_option("--progress", global.progress, "How to show progress (on stderr)")
      ->check(CLI::IsMember({"auto", "bar", "plain", "json", "none"}))
      ->type_name("auto|bar|plain|json|none");
  app.add_option("--color", global.color, "Colours (NO_COLOR is honoured)")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("auto|always|never");
  app.add_flag("-v,--verbose", global.verbosity, "Tell more; twice: still more");
  app.add_option("--log-file", global.log_file, "Also write what happens to this file")
      ->type_name("FILE");
  app.add_option("--trace", global.trace_file,
                 "Write every USB transfer to this file, a JSON object a line, keys left out")
      ->type_name("FILE");
  app.add_flag("--yes", global.yes, "Do not ask for confirmation");
}

bool wants_json(const std::vector<std::string>& arguments) {
  return std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
}

// As it was given, words with blanks in quotes.
std::string command_line(const std::vector<std::string>& arguments) {
  std::string text = "electron-rescue";
  for (const std::string& word : arguments) {
    const bool plain = !word.empty() && word.find_first_of(" \t\n'\"") == std::string::npos;
    text += plain ? " " + word : fmt::format(" '{}'", base::printable(word));
  }
  return text;
}

int usage_error(const CLI::ParseError& error, const std::vector<std::string>& arguments,
                Environment& environment) {
  const base::Error problem =
      base::make_error(base::Errc::usage, error.what(), "electron-rescue --help tells the options");
  if (wants_json(arguments)) {
    environment.output.out(report::to_text(report::failure(problem)));
  } else {
    environment.output.err(fmt::format("electron-rescue: {}\n{}\n", problem.message, problem.hint));
  }
  return report::kWrongUsage;
}

}  // namespace

void build_app(CLI::App& app, Context& context) {
  app.description(
      "Brings a Particle Electron back over USB: finds it, reads what is installed, plans,\n"
      "writes, reads every byte back, starts it, and says what happened.");
  app.footer(kFooter);
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  add_global_options(app, context.global);
  for (const AddCommand add : commands()) add(app, context);
}

int run(const std::vector<std::string>& arguments, Environment& environment) {
  Context context(environment);
  CLI::App app("", "electron-rescue");
  build_app(app, context);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    // The help of the subcommand that was named, else the program's.
    const auto chosen = app.get_subcommands();
    environment.output.out(chosen.empty() ? app.help() : chosen.front()->help("electron-rescue"));
    return report::kDone;
  } catch (const CLI::CallForVersion& version) {
    environment.output.out(fmt::format("{}\n", version.what()));
    return report::kDone;
  } catch (const CLI::ParseError& error) {
    return usage_error(error, arguments, environment);
  }
  context.log().add("version", version_text());
  context.log().add("command", command_line(arguments));
  if (const auto opened = context.open_log_file(); !opened) return context.fail(opened.error());
  const int code = context.action();
  context.log().add("exit", fmt::format("{}", code));
  return code;
}

}  // namespace cli
