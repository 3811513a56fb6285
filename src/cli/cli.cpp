// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli.h"

#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/version.h"
#include "cli/words.h"
#include "report/document.h"
#include "report/documents/texts.h"
#include "report/exit_code.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <exception>

namespace cli {
namespace {

bool wants_json(const std::vector<std::string>& arguments) {
  return std::ranges::find(arguments, "--json") != arguments.end();
}

bool wants_json_progress(const std::vector<std::string>& arguments) {
  const auto option = std::ranges::find(arguments, "--progress");
  const bool apart =
      option != arguments.end() && option + 1 != arguments.end() && *(option + 1) == "json";
  return apart || std::ranges::find(arguments, "--progress=json") != arguments.end();
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

// Help and version, whose documents need no command to have been parsed.
int tell(const std::string& text, const nlohmann::ordered_json& document,
         const std::vector<std::string>& arguments, Environment& environment) {
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

int usage_error(const base::Error& problem, const std::vector<std::string>& arguments,
                Environment& environment) {
  if (wants_json(arguments)) {
    environment.output.out(report::to_text(report::failure(problem)));
  } else if (wants_json_progress(arguments)) {
    environment.output.err(line_of(error_event(problem)));
  } else {
    environment.output.err(fmt::format("error: {}\nhint:  {}\n", problem.message, problem.hint));
  }
  return report::kWrongUsage;
}

// Memory may run out, and libraries throw: that too ends with a message and a document.
int act(const Run& chosen, Context& context) {
  try {
    return chosen(context);
  } catch (const std::exception& problem) {
    return context.fail(
        base::make_error(base::Errc::internal, fmt::format("unexpected: {}", problem.what())));
  }
}

}  // namespace

int run(const std::vector<std::string>& given, Environment& environment) {
  Context context(environment);
  Run chosen;
  CLI::App app("", "electron-rescue");
  build_app(app, context.global, chosen);
  const std::vector<std::string> arguments = spelled_out(app, given);
  const auto wrong = [&](const std::string& message) {
    return usage_error(base::make_error(base::Errc::usage, base::printable(message),
                                        help_for(app, arguments) + " tells the options"),
                       arguments, environment);
  };
  if (const auto slip = look_over(app, arguments)) {
    return usage_error(*slip, arguments, environment);
  }
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    // The help of the subcommand that was named, else the program's.
    const auto named = app.get_subcommands();
    const std::string text = named.empty() ? app.help() : named.front()->help("electron-rescue");
    return tell(text, report::help_document(text), arguments, environment);
  } catch (const CLI::CallForVersion& version) {
    const std::string text = fmt::format("{}\n", version.what());
    return tell(text, report::version_document(text), arguments, environment);
  } catch (const CLI::ParseError& error) {
    return wrong(error.what());
  }
  if (const std::string name = given_empty(app); !name.empty()) {
    return wrong(name + " was given with an empty value");
  }
  context.record.log().add("version", version_text());
  context.record.log().add("command", command_line(arguments));
  if (const auto opened = context.open_log_file(); !opened) return context.fail(opened.error());
  const int code = act(chosen, context);
  context.record.log().add("exit", fmt::format("{}", code));
  return code;
}

}  // namespace cli
