// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands/completion.h"

#include "cli/completion.h"
#include "cli/context.h"
#include "report/document.h"
#include "report/exit_code.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

std::vector<std::string> release_names() {
  std::vector<std::string> names;
  for (const release::CatalogueRelease& release : release::Catalogue::embedded().releases()) {
    names.push_back(release.version.text());
  }
  return names;
}

}  // namespace

void add_completion(CLI::App& app, Context& context) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = add_command(app, "completion", "Print a completion for a shell");
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("");
  command->callback([&app, &context, shell] {
    context.action = [&app, &context, shell] {
      const std::string script = completion_script(*shell, app, release_names());
      if (!context.global.json) context.print(script);
      auto document = report::document();
      document["script"] = script;
      return context.finish(document, report::kDone);
    };
  });
}

}  // namespace cli
