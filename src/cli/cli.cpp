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
#include <exception>
#include <utility>

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

// Help and version, as text or as the one field of a document.
int tell(const std::string& text, const char* field, const std::vector<std::string>& arguments,
         Environment& environment) {
  auto document = report::document();
  document[field] = text;
  environment.output.out(wants_json(arguments) ? report::to_text(document) : text);
  return report::kDone;
}

// An option or argument that was given without a value: mostly a variable that is not set. Taking
// it for "not given" would pick whatever is there.
std::string given_empty(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    const auto& values = option->results();
    if (std::ranges::find(values, std::string()) != values.end()) return option->get_name();
  }
  for (const CLI::App* command : app.get_subcommands()) {
    if (std::string name = given_empty(*command); !name.empty()) return name;
  }
  return {};
}

// The parser complains of a missing command or option before it looks at words that it does not
// know, and those are what is wrong then: a command or an option with a slip in it.
std::string first_unknown(const CLI::App& app, const std::vector<std::string>& arguments) {
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  const CLI::App* command = nullptr;
  bool value = false;  // this word belongs to the option before it
  for (const std::string& word : arguments) {
    if (word == "--") break;
    if (std::exchange(value, false)) continue;
    if (word.starts_with("--")) {
      const std::string name = word.substr(0, word.find('='));
      const CLI::Option* option = app.get_option_no_throw(name);
      if (option == nullptr && command != nullptr) option = command->get_option_no_throw(name);
      if (option == nullptr) return "there is no option " + base::printable(name);
      value = name == word && option->get_items_expected_max() > 0;
    } else if (command == nullptr && !word.starts_with('-')) {
      const auto found = std::ranges::find(commands, word, &CLI::App::get_name);
      if (found == commands.end()) return "there is no command " + base::printable(word);
      command = *found;
    }
  }
  return {};
}

int usage_error(const std::string& message, const std::vector<std::string>& arguments,
                Environment& environment) {
  const base::Error problem = base::make_error(base::Errc::usage, base::printable(message),
                                               "electron-rescue --help tells the options");
  if (wants_json(arguments)) {
    environment.output.out(report::to_text(report::failure(problem)));
  } else {
    environment.output.err(fmt::format("error: {}\nhint:  {}\n", problem.message, problem.hint));
  }
  return report::kWrongUsage;
}

// Memory may run out, and libraries throw: that too ends with a message and a document.
int act(Context& context) {
  try {
    return context.action();
  } catch (const std::exception& problem) {
    return context.fail(
        base::make_error(base::Errc::internal, fmt::format("unexpected: {}", problem.what())));
  }
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
    return tell(chosen.empty() ? app.help() : chosen.front()->help("electron-rescue"), "help",
                arguments, environment);
  } catch (const CLI::CallForVersion& version) {
    return tell(fmt::format("{}\n", version.what()), "version", arguments, environment);
  } catch (const CLI::ParseError& error) {
    const std::string unknown = first_unknown(app, arguments);
    return usage_error(unknown.empty() ? error.what() : unknown, arguments, environment);
  }
  if (const std::string name = given_empty(app); !name.empty()) {
    return usage_error(name + " was given with an empty value", arguments, environment);
  }
  context.log().add("version", version_text());
  context.log().add("command", command_line(arguments));
  if (const auto opened = context.open_log_file(); !opened) return context.fail(opened.error());
  const int code = act(context);
  context.log().add("exit", fmt::format("{}", code));
  return code;
}

}  // namespace cli
