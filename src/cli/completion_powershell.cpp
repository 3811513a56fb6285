// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/completion_powershell.h"

#include <fmt/format.h>

namespace cli {
namespace {

// 'a', 'b': within single quotes PowerShell reads nothing but a doubled quote.
std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    std::string quoted;
    for (const char c : word) quoted += c == '\'' ? std::string("''") : std::string(1, c);
    text += fmt::format("{}'{}'", text.empty() ? "" : ", ", quoted);
  }
  return text;
}

// What may follow an option; where nothing is offered PowerShell offers files by itself.
std::string values_of(const OptionWords& option, const std::vector<std::string>& releases) {
  if (option.value == Value::choice) return listed(option.choices);
  if (option.value != Value::device) return {};
  std::vector<std::string> devices = {"sim:blank"};
  for (const std::string& release : releases) devices.push_back("sim:" + release);
  return listed(devices);
}

}  // namespace

std::string powershell_script(const std::vector<CommandWords>& commands,
                              const std::vector<std::string>& releases) {
  std::string text =
      "# PowerShell completion for electron-rescue; made by: electron-rescue completion "
      "powershell\n"
      "# To have it always: electron-rescue completion powershell >> $PROFILE\n"
      "Register-ArgumentCompleter -Native -CommandName electron-rescue, electron-rescue.exe "
      "-ScriptBlock {\n"
      "  param($word, $line, $at)\n"
      "  $words = @{\n";
  for (const CommandWords& command : commands) {
    std::vector<std::string> all = command.words;
    for (const OptionWords& option : command.options) {
      all.insert(all.end(), option.names.begin(), option.names.end());
    }
    text += fmt::format("    '{}' = @({})\n", command.name, listed(all));
  }
  text += "  }\n  $values = @{\n";
  for (const CommandWords& command : commands) {
    for (const OptionWords& option : command.options) {
      if (option.value == Value::none) continue;
      for (const std::string& name : option.names) {
        text +=
            fmt::format("    '{} {}' = @({})\n", command.name, name, values_of(option, releases));
      }
    }
  }
  return text +
         "  }\n"
         "  $typed = @($line.CommandElements | Select-Object -Skip 1 |\n"
         "    Where-Object { $_.Extent.EndOffset -lt $at } | ForEach-Object { $_.Extent.Text })\n"
         "  $command = @($typed | Where-Object { $words.ContainsKey($_) }) + '' | "
         "Select-Object -First 1\n"
         "  $before = if ($typed.Count -gt 0) { $typed[-1] } else { '' }\n"
         "  $offered = if ($values.ContainsKey(\"$command $before\")) "
         "{ $values[\"$command $before\"] }\n"
         "    else { $words[$command] }\n"
         "  $offered | Where-Object { $_ -like \"$word*\" } | ForEach-Object {\n"
         "    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)\n"
         "  }\n"
         "}\n";
}

}  // namespace cli
