// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/completion_words.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace cli {
namespace {

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == at) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

Value value_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  if (option.get_items_expected_max() == 0) return Value::none;
  if (type.find('|') != std::string::npos) return Value::choice;
  if (type == "FILE" || type == "PATH") return Value::file;
  if (type == "DIR") return Value::folder;
  if (type == "SELECTOR") return Value::device;
  if (type == "VERSION") return Value::choice;
  return Value::other;
}

OptionWords words_of(const CLI::Option& option, const std::vector<std::string>& releases) {
  OptionWords words;
  for (const std::string& name : option.get_lnames()) words.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) words.names.push_back("-" + name);
  words.description = one_line(option.get_description());
  words.value = value_of(option);
  // CLI11 appends what a validator says to the type: "a|b|c" stays in front.
  if (option.get_type_name() == "VERSION") {
    words.choices = releases;
    if (words.names.front() == "--target") words.choices.emplace_back("auto");
  } else if (words.value == Value::choice) {
    words.choices = split(option.get_type_name().substr(0, option.get_type_name().find(':')), '|');
  }
  return words;
}

CommandWords words_of(const CLI::App& app, const std::string& name,
                      const std::vector<std::string>& releases) {
  const auto everything = [](const CLI::App*) { return true; };
  CommandWords words;
  words.name = name;
  words.description = one_line(app.get_description());
  for (const CLI::Option* option : app.get_options()) {
    if (option->nonpositional()) {
      words.options.push_back(words_of(*option, releases));
    } else if (option->get_name().find("FILE") != std::string::npos) {
      words.takes_file = true;
    } else if (option->get_name() == "VERSION") {
      words.words = releases;
      words.many_words = true;
    } else if (option->get_name() == "COMMAND") {
      for (const CLI::App* other : app.get_parent()->get_subcommands(everything)) {
        words.words.push_back(other->get_name());
      }
    } else {
      // "dfu, listen or normal": the description names what may stand there.
      for (std::string word : split(one_line(option->get_description()), ' ')) {
        if (!word.empty() && word.back() == ',') word.pop_back();
        if (word != "or" && !word.empty()) words.words.push_back(word);
      }
    }
  }
  for (const CLI::App* sub : app.get_subcommands(everything)) {
    words.words.push_back(sub->get_name());
  }
  return words;
}

bool has(const CommandWords& command, const OptionWords& option) {
  return std::any_of(command.options.begin(), command.options.end(),
                     [&](const OptionWords& own) { return own.names == option.names; });
}

// What the commands below a command understand is offered for all of them.
void add_below(const CLI::App& app, CommandWords& words, const std::vector<std::string>& releases) {
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    const CommandWords below = words_of(*sub, sub->get_name(), releases);
    for (const OptionWords& option : below.options) {
      if (!has(words, option)) words.options.push_back(option);
    }
    words.words.insert(words.words.end(), below.words.begin(), below.words.end());
    words.takes_file = words.takes_file || below.takes_file;
    add_below(*sub, words, releases);
  }
}

}  // namespace

std::vector<CommandWords> commands_of(const CLI::App& app,
                                      const std::vector<std::string>& releases) {
  std::vector<CommandWords> all{words_of(app, "", releases)};
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    all.push_back(words_of(*sub, sub->get_name(), releases));
    add_below(*sub, all.back(), releases);
    // The global options are understood after a subcommand as well.
    for (const OptionWords& option : all.front().options) {
      if (!has(all.back(), option)) all.back().options.push_back(option);
    }
  }
  return all;
}

}  // namespace cli
