// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/completion.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace cli {
namespace {

// What may follow an option.
enum class Value { none, choice, file, folder, device, release, other };

struct OptionWords {
  std::vector<std::string> names;  // "--device", "-v"
  std::string description;         // one line
  Value value = Value::none;
  std::vector<std::string> choices;  // Value::choice
};

struct CommandWords {
  std::string name;  // "" for the program itself
  std::string description;
  std::vector<OptionWords> options;
  std::vector<std::string> words;  // subcommands, and what a positional may be
  bool takes_file = false;         // a positional that is a file
};

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
  if (type == "VERSION") return Value::release;
  return Value::other;
}

OptionWords words_of(const CLI::Option& option) {
  OptionWords words;
  for (const std::string& name : option.get_lnames()) words.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) words.names.push_back("-" + name);
  words.description = one_line(option.get_description());
  words.value = value_of(option);
  // CLI11 appends what a validator says to the type: "a|b|c" stays in front.
  if (words.value == Value::choice) {
    words.choices = split(option.get_type_name().substr(0, option.get_type_name().find(':')), '|');
  }
  return words;
}

CommandWords words_of(const CLI::App& app, const std::string& name) {
  const auto everything = [](const CLI::App*) { return true; };
  CommandWords words;
  words.name = name;
  words.description = one_line(app.get_description());
  for (const CLI::Option* option : app.get_options()) {
    if (option->nonpositional()) {
      words.options.push_back(words_of(*option));
    } else if (option->get_name().find("FILE") != std::string::npos) {
      words.takes_file = true;
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
void add_below(const CLI::App& app, CommandWords& words) {
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    const CommandWords below = words_of(*sub, sub->get_name());
    for (const OptionWords& option : below.options) {
      if (!has(words, option)) words.options.push_back(option);
    }
    words.words.insert(words.words.end(), below.words.begin(), below.words.end());
    words.takes_file = words.takes_file || below.takes_file;
    add_below(*sub, words);
  }
}

std::vector<CommandWords> commands_of(const CLI::App& app) {
  std::vector<CommandWords> all{words_of(app, "")};
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    all.push_back(words_of(*sub, sub->get_name()));
    add_below(*sub, all.back());
    // The global options are understood after a subcommand as well.
    for (const OptionWords& option : all.front().options) {
      if (!has(all.back(), option)) all.back().options.push_back(option);
    }
  }
  return all;
}

std::vector<std::string> option_names(const CommandWords& command) {
  std::vector<std::string> names;
  for (const OptionWords& option : command.options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

constexpr const char* kAskDevices =
    "$(electron-rescue list --json 2>/dev/null | "
    R"sh(sed -n 's/^ *"\(port\|id\|serial_port\)": "\(.*\)",\{0,1\}$/\2/p'))sh";

std::string bash_values(const OptionWords& option, const std::vector<std::string>& releases) {
  switch (option.value) {
    case Value::choice:
      return fmt::format(R"(COMPREPLY=($(compgen -W "{}" -- "$cur")))",
                         fmt::join(option.choices, " "));
    case Value::release:
      return fmt::format(R"(COMPREPLY=($(compgen -W "{}" -- "$cur")))", fmt::join(releases, " "));
    case Value::device:
      return fmt::format(
          "COMPREPLY=($(compgen -W \"{} sim:blank\" -- \"$cur\"))\n      "
          "type __ltrim_colon_completions >/dev/null 2>&1 && __ltrim_colon_completions \"$cur\"",
          kAskDevices);
    case Value::folder:
      return R"(compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur")))";
    case Value::file:
      return R"(compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")))";
    default:
      return "COMPREPLY=()";
  }
}

std::string bash_script(const std::vector<CommandWords>& commands,
                        const std::vector<std::string>& releases) {
  std::string text =
      "# bash completion for electron-rescue; made by: electron-rescue completion bash\n"
      "_electron_rescue() {\n"
      "  local cur prev command word\n"
      "  if type _get_comp_words_by_ref >/dev/null 2>&1; then\n"
      "    _get_comp_words_by_ref -n : cur prev\n"
      "  else\n"
      "    cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  fi\n"
      "  case $prev in\n";
  // Options of the same name mean the same in every command.
  std::vector<std::string> seen;
  for (const CommandWords& command : commands) {
    for (const OptionWords& option : command.options) {
      if (option.value == Value::none) continue;
      const std::string pattern = fmt::format("{}", fmt::join(option.names, "|"));
      if (std::find(seen.begin(), seen.end(), pattern) != seen.end()) continue;
      seen.push_back(pattern);
      text += fmt::format("    {})\n      {}\n      return ;;\n", pattern,
                          bash_values(option, releases));
    }
  }
  std::vector<std::string> names;
  for (const CommandWords& command : commands) {
    if (!command.name.empty()) names.push_back(command.name);
  }
  text += fmt::format(
      "  esac\n"
      "  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
      "    case $word in {}) command=$word; break ;; esac\n"
      "  done\n"
      "  case $command in\n",
      fmt::join(names, "|"));
  for (const CommandWords& command : commands) {
    if (command.name.empty()) continue;
    text += fmt::format("    {}) COMPREPLY=($(compgen -W \"{} {}\" -- \"$cur\"))", command.name,
                        fmt::join(command.words, " "), fmt::join(option_names(command), " "));
    if (command.takes_file)
      text +=
          "\n      [[ $cur == -* ]] || { compopt -o filenames 2>/dev/null; "
          "COMPREPLY+=($(compgen -f -- \"$cur\")); }";
    text += " ;;\n";
  }
  text += fmt::format(
      "    *) COMPREPLY=($(compgen -W \"{} {}\" -- \"$cur\")) ;;\n"
      "  esac\n"
      "}}\n"
      "complete -F _electron_rescue electron-rescue\n",
      fmt::join(commands.front().words, " "), fmt::join(option_names(commands.front()), " "));
  return text;
}

// Text within single quotes.
std::string quoted(const std::string& text, const std::string& escaped_quote) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += escaped_quote;
    } else {
      result += c;
    }
  }
  return result + "'";
}

std::string zsh_action(const OptionWords& option, const std::vector<std::string>& releases) {
  switch (option.value) {
    case Value::none:
      return "";
    case Value::choice:
      return fmt::format(":value:({})", fmt::join(option.choices, " "));
    case Value::release:
      return fmt::format(":release:({})", fmt::join(releases, " "));
    case Value::file:
      return ":file:_files";
    case Value::folder:
      return ":folder:_files -/";
    case Value::device:
      return ":device:_electron_rescue_devices";
    case Value::other:
      return ":value: ";
  }
  return "";
}

std::string zsh_options(const CommandWords& command, const std::vector<std::string>& releases) {
  std::string text;
  for (const OptionWords& option : command.options) {
    // What _arguments reads specially within its brackets.
    std::string description;
    for (const char c : option.description) {
      if (c == '[' || c == ']' || c == ':') description += '\\';
      description += c;
    }
    for (const std::string& name : option.names) {
      text += fmt::format(" \\\n        {}", quoted(fmt::format("{}[{}]{}", name, description,
                                                                zsh_action(option, releases)),
                                                    "'\\''"));
    }
  }
  return text;
}

std::string zsh_script(const std::vector<CommandWords>& commands,
                       const std::vector<std::string>& releases) {
  std::string text = fmt::format(
      "#compdef electron-rescue\n"
      "# zsh completion for electron-rescue; made by: electron-rescue completion zsh\n"
      "_electron_rescue_devices() {{\n"
      "  local -a devices\n"
      "  devices=(${{(f)\"{}\"}} sim:blank)\n"
      "  compadd -a devices\n"
      "}}\n"
      "_electron_rescue() {{\n"
      "  local command word\n"
      "  for word in ${{words[2,CURRENT-1]}}; do\n"
      "    case $word in\n",
      kAskDevices);
  for (const CommandWords& command : commands) {
    if (!command.name.empty())
      text += fmt::format("      {}) command=$word; break ;;\n", command.name);
  }
  text += "    esac\n  done\n  case $command in\n";
  for (const CommandWords& command : commands) {
    if (command.name.empty()) continue;
    text += fmt::format("    {})\n      _arguments '1: :({})'{}", command.name, command.name,
                        zsh_options(command, releases));
    if (!command.words.empty()) {
      text += fmt::format(" \\\n        '2:what:({})'", fmt::join(command.words, " "));
    }
    if (command.takes_file) text += " \\\n        '*:file:_files'";
    text += " ;;\n";
  }
  text += fmt::format(
      "    *)\n      _arguments '1:command:({})'{} ;;\n  esac\n}}\n"
      // Loaded by its file's name it is called; sourced it only makes itself known.
      "if [[ $funcstack[1] == _electron-rescue ]]; then\n"
      "  _electron_rescue \"$@\"\n"
      "else\n"
      "  compdef _electron_rescue electron-rescue\n"
      "fi\n",
      fmt::join(commands.front().words, " "), zsh_options(commands.front(), releases));
  return text;
}

std::string fish_option(const OptionWords& option, const std::vector<std::string>& releases) {
  std::string text;
  for (const std::string& name : option.names) {
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  switch (option.value) {
    case Value::none:
      break;
    case Value::choice:
      text += fmt::format(" -xa '{}'", fmt::join(option.choices, " "));
      break;
    case Value::release:
      text += fmt::format(" -xa '{}'", fmt::join(releases, " "));
      break;
    case Value::file:
      text += " -rF";
      break;
    case Value::folder:
      text += " -xa '(__fish_complete_directories)'";
      break;
    case Value::device:
      text += " -xa '(__electron_rescue_devices) sim:blank'";
      break;
    case Value::other:
      text += " -x";
      break;
  }
  return text + " -d " + quoted(option.description, "\\'");
}

std::string fish_script(const std::vector<CommandWords>& commands,
                        const std::vector<std::string>& releases) {
  std::string text =
      "# fish completion for electron-rescue; made by: electron-rescue completion fish\n"
      "function __electron_rescue_devices\n"
      "  electron-rescue list --json 2>/dev/null | string match -rg '\"(?:port|id|serial_port)\": "
      "\"(.*)\"'\n"
      "end\n"
      "complete -c electron-rescue -f\n";
  // Fish's own test takes the value of an option for a command.
  std::string no_command = "not __fish_seen_subcommand_from";
  for (const CommandWords& command : commands) {
    if (!command.name.empty()) no_command += " " + command.name;
  }
  for (const CommandWords& command : commands) {
    const std::string condition =
        command.name.empty() ? no_command : "__fish_seen_subcommand_from " + command.name;
    if (!command.name.empty()) {
      text += fmt::format("complete -c electron-rescue -n '{}' -a {} -d {}\n", no_command,
                          command.name, quoted(command.description, "\\'"));
      for (const std::string& word : command.words) {
        text += fmt::format("complete -c electron-rescue -n '{}' -a {}\n", condition, word);
      }
      if (command.takes_file)
        text += fmt::format("complete -c electron-rescue -n '{}' -F\n", condition);
    }
    for (const OptionWords& option : command.options) {
      text += fmt::format("complete -c electron-rescue -n '{}'{}\n", condition,
                          fish_option(option, releases));
    }
  }
  return text;
}

}  // namespace

std::string completion_script(const std::string& shell, const CLI::App& app,
                              const std::vector<std::string>& releases) {
  const std::vector<CommandWords> commands = commands_of(app);
  if (shell == "bash") return bash_script(commands, releases);
  if (shell == "zsh") return zsh_script(commands, releases);
  if (shell == "fish") return fish_script(commands, releases);
  return {};
}

}  // namespace cli
