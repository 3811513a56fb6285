// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/completion.h"

#include "cli/completion_powershell.h"
#include "cli/completion_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace cli {
namespace {

std::vector<std::string> option_names(const CommandWords& command) {
  std::vector<std::string> names;
  for (const OptionWords& option : command.options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

// Virtual devices: "sim:blank sim:0.6.4 …".
std::string virtual_devices(const std::vector<std::string>& releases) {
  std::string text = "sim:blank";
  for (const std::string& release : releases) text += " sim:" + release;
  return text;
}

constexpr const char* kAskDevices =
    "$(electron-rescue list --json 2>/dev/null | "
    R"sh(sed -n 's/^ *"\(port\|id\|serial_port\)": "\(.*\)",\{0,1\}$/\2/p'))sh";

std::string bash_values(const OptionWords& option, const std::vector<std::string>& releases) {
  switch (option.value) {
    case Value::choice:
      return fmt::format(R"(COMPREPLY=($(compgen -W "{}" -- "$cur")))",
                         fmt::join(option.choices, " "));
    case Value::device:
      // Virtual ones by the hundred only to whoever asks for one.
      return fmt::format(
          "if [[ $cur == sim:* ]]; then\n"
          "        COMPREPLY=($(compgen -W \"{1}\" -- \"$cur\")\n"
          "          $(compgen -P sim: -f -X '!*.json' -- \"${{cur#sim:}}\"))\n"
          "      else\n"
          "        COMPREPLY=($(compgen -W \"{0} sim:blank sim:{2}\" -- \"$cur\"))\n"
          "      fi\n"
          // The shell takes what stands in front of a colon for a word of its own.
          "      [[ $COMP_WORDBREAKS == *:* && $cur == *:* ]] &&\n"
          "        COMPREPLY=(\"${{COMPREPLY[@]#\"${{cur%:*}}:\"}}\")",
          kAskDevices, virtual_devices(releases), releases.empty() ? "blank" : releases.back());
    case Value::folder:
      return R"(compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur")))";
    case Value::file:
      return R"(compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")))";
    default:
      return "COMPREPLY=()";
  }
}

// {names of an option: what completes its value, first as most commands have it, then by command
// where it is another}
using BashWays = std::vector<std::pair<std::string, std::string>>;
std::vector<std::pair<std::string, BashWays>> bash_options(
    const std::vector<CommandWords>& commands, const std::vector<std::string>& releases) {
  std::vector<std::pair<std::string, BashWays>> all;
  for (const CommandWords& command : commands) {
    for (const OptionWords& option : command.options) {
      if (option.value == Value::none) continue;
      const std::string pattern = fmt::format("{}", fmt::join(option.names, "|"));
      const std::string body = bash_values(option, releases);
      auto found = std::find_if(all.begin(), all.end(),
                                [&](const auto& entry) { return entry.first == pattern; });
      if (found == all.end()) found = all.insert(all.end(), {pattern, {{command.name, body}}});
      if (found->second.front().second != body) found->second.emplace_back(command.name, body);
    }
  }
  return all;
}

std::string bash_script(const std::vector<CommandWords>& commands,
                        const std::vector<std::string>& releases) {
  std::string text =
      "# bash completion for electron-rescue; made by: electron-rescue completion bash\n"
      "_electron_rescue() {\n"
      "  local cur prev command= word before\n"
      // As it was typed: the shell itself breaks words at colons and equal signs.
      "  if [[ -n ${COMP_LINE-} ]]; then\n"
      "    before=${COMP_LINE:0:COMP_POINT} cur=${before##*[[:space:]]}\n"
      "    before=${before%\"$cur\"} before=${before%\"${before##*[![:space:]]}\"}\n"
      "    prev=${before##*[[:space:]]}\n"
      "  else\n"
      "    cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  fi\n"
      "  if [[ $cur == --*=* ]]; then prev=${cur%%=*} cur=${cur#*=}; fi\n";
  std::vector<std::string> names;
  for (const CommandWords& command : commands) {
    if (!command.name.empty()) names.push_back(command.name);
  }
  text += fmt::format(
      "  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
      "    case $word in {}) command=$word; break ;; esac\n"
      "  done\n"
      "  case $prev in\n",
      fmt::join(names, "|"));
  for (const auto& [pattern, ways] : bash_options(commands, releases)) {
    text += fmt::format("    {})\n", pattern);
    // Mostly an option means the same in every command.
    for (std::size_t i = 1; i < ways.size(); ++i) {
      text += fmt::format("      if [[ $command == {} ]]; then {}; return; fi\n", ways[i].first,
                          ways[i].second);
    }
    text += fmt::format("      {}\n      return ;;\n", ways.front().second);
  }
  text += "  esac\n  case $command in\n";
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

std::string zsh_action(const OptionWords& option) {
  switch (option.value) {
    case Value::none:
      return "";
    case Value::choice:
      return fmt::format(":value:({})", fmt::join(option.choices, " "));
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

std::string zsh_options(const CommandWords& command) {
  std::string text;
  for (const OptionWords& option : command.options) {
    // What _arguments reads specially within its brackets.
    std::string description;
    for (const char c : option.description) {
      if (c == '[' || c == ']' || c == ':') description += '\\';
      description += c;
    }
    for (const std::string& name : option.names) {
      text += fmt::format(
          " \\\n        {}",
          quoted(fmt::format("{}[{}]{}", name, description, zsh_action(option)), "'\\''"));
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
      "  devices=(${{(f)\"{}\"}} {})\n"
      "  compadd -a devices\n"
      "}}\n"
      "_electron_rescue() {{\n"
      "  local command word\n"
      "  for word in ${{words[2,CURRENT-1]}}; do\n"
      "    case $word in\n",
      kAskDevices, virtual_devices(releases));
  for (const CommandWords& command : commands) {
    if (!command.name.empty())
      text += fmt::format("      {}) command=$word; break ;;\n", command.name);
  }
  text += "    esac\n  done\n  case $command in\n";
  for (const CommandWords& command : commands) {
    if (command.name.empty()) continue;
    text += fmt::format("    {})\n      _arguments '1: :({})'{}", command.name, command.name,
                        zsh_options(command));
    if (!command.words.empty()) {
      text += fmt::format(" \\\n        '{}:what:({})'", command.many_words ? "*" : "2",
                          fmt::join(command.words, " "));
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
      fmt::join(commands.front().words, " "), zsh_options(commands.front()));
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
    case Value::file:
      text += " -rF";
      break;
    case Value::folder:
      text += " -xa '(__fish_complete_directories)'";
      break;
    case Value::device:
      text += fmt::format(" -xa '(__electron_rescue_devices) {}'", virtual_devices(releases));
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
  const std::vector<CommandWords> commands = commands_of(app, releases);
  if (shell == "bash") return bash_script(commands, releases);
  if (shell == "zsh") return zsh_script(commands, releases);
  if (shell == "fish") return fish_script(commands, releases);
  if (shell == "powershell") return powershell_script(commands, releases);
  return {};
}

}  // namespace cli
