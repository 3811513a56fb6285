// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/completion.h"

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/parser.h"
#include "report/documents/texts.h"
#include "report/exit_code.h"

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

int run_completion(Context& context, const CLI::App& app, const std::string& shell) {
  const std::string script = completion_script(shell, app, release_names());
  if (!context.global.json) context.print(script);
  return context.finish(report::script_document(script), report::kDone);
}

}  // namespace

Run add_completion(CLI::App& command) {
  auto shell = std::make_shared<std::string>();
  option(command, "SHELL", *shell, "bash, zsh, fish or powershell")
      .required()
      .one_of({"bash", "zsh", "fish", "powershell"})
      .type_name("");
  return [&command, shell](Context& context) {
    return run_completion(context, program_of(command), *shell);
  };
}

}  // namespace cli
