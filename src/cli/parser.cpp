// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/parser.h"

#include <CLI/CLI.hpp>

#include <utility>

namespace cli {

Option& Option::required() {
  option_->required();
  return *this;
}

Option& Option::type_name(const std::string& name) {
  option_->type_name(name);
  return *this;
}

Option& Option::repeated() {
  option_->take_all();
  return *this;
}

Option& Option::one_of(std::vector<std::string> words) {
  option_->check(CLI::IsMember(std::move(words)));
  return *this;
}

Option& Option::check(std::function<std::string(const std::string&)> problem,
                      const std::string& kind) {
  option_->check(CLI::Validator(
      [problem = std::move(problem)](std::string& value) { return problem(value); }, "", kind));
  return *this;
}

Option& Option::excludes(const Option& other) {
  option_->excludes(other.option_);
  return *this;
}

Option option(CLI::App& command, const std::string& name, std::string& value,
              const std::string& description) {
  return Option(command.add_option(name, value, description));
}

Option option(CLI::App& command, const std::string& name, double& value,
              const std::string& description) {
  return Option(command.add_option(name, value, description));
}

Option option(CLI::App& command, const std::string& name, std::vector<std::string>& values,
              const std::string& description) {
  return Option(command.add_option(name, values, description));
}

Option flag(CLI::App& command, const std::string& name, bool& value,
            const std::string& description) {
  return Option(command.add_flag(name, value, description));
}

CLI::App& add_below(CLI::App& command, const std::string& name, const std::string& description,
                    std::function<void()> chosen) {
  command.require_subcommand(1);
  CLI::App* below = command.add_subcommand(name, description);
  below->fallthrough();
  below->callback(std::move(chosen));
  return *below;
}

const CLI::App& program_of(const CLI::App& command) { return *command.get_parent(); }

}  // namespace cli
