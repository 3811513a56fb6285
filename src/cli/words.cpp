// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/words.h"

#include "base/bytes.h"
#include "base/nearest.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace cli {
namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

bool has_option(const CLI::App& app, const std::string& name) {
  return std::ranges::count(option_names(app), name) > 0;
}

std::string without_value(const std::string& word) { return word.substr(0, word.find('=')); }

// An option of any command, with or without a value. A file of such a name is "./--json".
bool is_an_option(const CLI::App& app, const std::string& word) {
  if (!word.starts_with('-')) return false;
  const std::string name = without_value(word);
  const auto commands = commands_of(app);
  return has_option(app, name) ||
         std::ranges::any_of(commands, [&](const auto* one) { return is_an_option(*one, name); });
}

std::string help_of(const CLI::App* command) {
  std::string words = "--help";
  for (; command != nullptr && command->get_parent() != nullptr; command = command->get_parent()) {
    words.insert(0, command->get_name() + " ");
  }
  return "electron-rescue " + words;
}

std::string did_you_mean(const std::vector<std::string>& names, const std::string& otherwise) {
  if (names.empty()) return otherwise;
  return fmt::format("did you mean {}? {}", fmt::join(names, " or "), otherwise);
}

class LookOver {
 public:
  LookOver(const CLI::App& app, const std::vector<std::string>& words) : app_(app), words_(words) {}

  std::optional<base::Error> run() {
    for (at_ = 0; at_ < words_.size() && words_[at_] != "--"; ++at_) {
      const std::string& word = words_[at_];
      std::optional<base::Error> wrong;
      wrong_command_ = false;
      if (word.starts_with("--")) {
        wrong = option(word);
      } else if (!word.starts_with('-') || word.size() == 1) {
        wrong = plain(word);
        wrong_command_ = wrong.has_value();
      }
      if (wrong) return wrong;
    }
    return std::nullopt;
  }

  const CLI::App* command() const { return command_; }
  // Where its name stands.
  std::size_t command_at() const { return command_at_; }
  // What run() found wrong is a command's name.
  bool wrong_command() const { return wrong_command_; }
  // Words that are neither commands nor options nor values of such.
  bool has_arguments() const { return has_arguments_; }

 private:
  static base::Error usage(std::string message, std::string hint) {
    return base::make_error(base::Errc::usage, std::move(message), std::move(hint));
  }

  std::optional<base::Error> option(const std::string& word) {
    const std::string name = without_value(word);
    const CLI::Option* option = app_.get_option_no_throw(name);
    if (option == nullptr && command_ != nullptr) option = command_->get_option_no_throw(name);
    // In front of its command an option of the command is not understood, and said so below.
    if (option == nullptr) return unknown_option(name);
    const bool joined = name != word;
    if (option->get_items_expected_max() == 0) {
      if (joined && word.size() == name.size() + 1) return empty(name);
      return std::nullopt;
    }
    if (!joined && at_ + 1 == words_.size()) return std::nullopt;  // the parser says it well
    const std::string value = joined ? word.substr(name.size() + 1) : words_[++at_];
    if (value.empty()) return empty(name);
    if (is_an_option(app_, value)) {
      return usage(fmt::format("{} needs a value, and {} is an option", name, without_value(value)),
                   fmt::format("a variable that is not set? A file of that name is ./{}",
                               base::printable(value)));
    }
    return std::nullopt;
  }

  base::Error empty(const std::string& name) const {
    return usage(name + " was given with an empty value",
                 "a variable that is not set? Leave the option out, or give it a value: " +
                     help_of(command_));
  }

  std::optional<base::Error> plain(const std::string& word) {
    const CLI::App& above = command_ == nullptr ? app_ : *command_;
    const auto below = commands_of(above);
    if (below.empty()) {
      has_arguments_ = true;
      return std::nullopt;
    }
    const auto found = std::ranges::find(below, word, &CLI::App::get_name);
    if (found != below.end()) {
      command_ = *found;
      command_at_ = at_;
      return std::nullopt;
    }
    std::vector<std::string> names;
    for (const CLI::App* one : below) names.push_back(one->get_name());
    if (word.empty()) return usage("an empty word stands where a command should", help_of(nullptr));
    return usage(fmt::format("there is no command {}", base::printable(word)),
                 did_you_mean(meant(word, names), help_of(command_) + " tells the commands"));
  }

  base::Error unknown_option(const std::string& name) const {
    std::vector<std::string> known = option_names(app_);
    if (command_ != nullptr) {
      const auto own = option_names(*command_);
      known.insert(known.end(), own.begin(), own.end());
    }
    std::vector<std::string> others;
    for (const CLI::App* one : commands_of(app_)) {
      if (one != command_ && has_option(*one, name)) others.push_back(one->get_name());
    }
    if (command_ == nullptr && !others.empty()) {
      return usage(fmt::format("{} stands in front of its command", base::printable(name)),
                   fmt::format("say it after the command; {} has it", fmt::join(others, ", ")));
    }
    const std::string message = command_ == nullptr
                                    ? fmt::format("there is no option {}", base::printable(name))
                                    : fmt::format("there is no option {} of {}",
                                                  base::printable(name), command_->get_name());
    std::string help = help_of(command_) + " tells the options";
    if (!others.empty()) help += fmt::format("; {} has this one", fmt::join(others, ", "));
    return usage(message, did_you_mean(meant(name, known), help));
  }

  const CLI::App& app_;
  const std::vector<std::string>& words_;
  const CLI::App* command_ = nullptr;
  std::size_t command_at_ = 0;
  bool wrong_command_ = false;
  bool has_arguments_ = false;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<base::Error> look_over(const CLI::App& app,
                                     const std::vector<std::string>& arguments) {
  return LookOver(app, arguments).run();
}

std::vector<std::string> spelled_out(const CLI::App& app, std::vector<std::string> arguments) {
  constexpr std::string_view kRun = "run";
  if (std::ranges::find(arguments, "--help") != arguments.end() ||
      std::ranges::find(arguments, "-h") != arguments.end()) {
    return arguments;
  }
  LookOver look(app, arguments);
  [[maybe_unused]] const auto wrong = look.run();
  if (look.command() == nullptr || look.wrong_command()) return arguments;
  const auto below = commands_of(*look.command());
  if (std::ranges::find(below, kRun, &CLI::App::get_name) == below.end()) return arguments;
  std::vector<std::string> with_run = arguments;
  with_run.insert(with_run.begin() + static_cast<std::ptrdiff_t>(look.command_at()) + 1,
                  std::string(kRun));
  // A word that is no option's value is the command that was named behind an option.
  LookOver again(app, with_run);
  [[maybe_unused]] const auto wrong_then = again.run();
  return again.has_arguments() ? arguments : with_run;
}

std::string help_for(const CLI::App& app, const std::vector<std::string>& arguments) {
  LookOver look(app, arguments);
  [[maybe_unused]] const auto wrong = look.run();
  return help_of(look.command());
}

std::optional<double> decimal(std::string_view text) {
  double value = 0;
  double unit = 0;  // of the next digit behind the point; 0 before it
  bool digits = false;
  for (const char c : text) {
    if (c == '.' && unit == 0) {
      unit = 0.1;
    } else if (c >= '0' && c <= '9') {
      digits = true;
      value = unit == 0 ? value * 10 + (c - '0') : value + unit * (c - '0');
      unit /= 10;
    } else {
      return std::nullopt;
    }
  }
  if (!digits) return std::nullopt;
  return value;
}

std::vector<std::string> meant(std::string_view word, const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 2;
  std::vector<std::string> found = base::nearest(word, names, kMost);
  if (!found.empty() || word.size() < 2) return found;
  for (const std::string& name : names) {
    if (name.starts_with(word) && found.size() < kMost) found.push_back(name);
  }
  return found;
}

}  // namespace cli
