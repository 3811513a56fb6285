// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands/inspect.h"

#include "base/files.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/parser.h"
#include "firmware/check.h"
#include "firmware/parse.h"
#include "report/document.h"
#include "report/exit_code.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <utility>

namespace cli {
namespace {

// In a folder there may be anything; only what claims to be an Electron's module is judged.
bool something_else(const report::InspectedFile& file) {
  if (file.problems.empty()) return false;
  const std::string& code = file.problems.front().code;
  return code == "no-header" || code == "wrong-platform" || code == "file-too-large";
}

void compare(const firmware::CheckedModule& module, const InspectOptions& options,
             report::InspectedFile& file) {
  file.match = release::Catalogue::embedded().recognise(module);
  if (file.match.how != release::Recognition::mismatch) return;
  firmware::Problem problem{"catalogue-mismatch",
                            fmt::format("this is not the file that was released as {} of {}",
                                        describe(module.id()), file.match.best()->version.text())};
  (options.allow_unknown ? file.notes : file.problems).push_back(std::move(problem));
}

report::InspectedFile inspect_file(const std::string& path, const InspectOptions& options,
                                   std::vector<firmware::CheckedModule>& modules) {
  const platform::Platform& platform = platform::electron();
  report::InspectedFile file;
  file.file = path;
  auto bytes = base::read_file(path, firmware::kLargestFile);
  if (!bytes) {
    file.problems.push_back({bytes.error().id, bytes.error().message});
    return file;
  }
  file.module = firmware::parse(std::move(*bytes));
  file.problems = firmware::all_problems(file.module, platform);
  file.notes = file.module.notes;
  if (auto checked = firmware::check(file.module, platform, path)) {
    compare(*checked, options, file);
    modules.push_back(std::move(*checked));
  }
  // Hundreds of files need not be in memory together.
  file.module.image = nullptr;
  return file;
}

int run_inspect(Context& context, const InspectOptions& options) {
  const report::InspectReport report = inspect(options);
  if (!context.global.json) {
    context.print(report::inspect_text(report, context.style(), context.global.verbosity > 0));
  }
  nlohmann::ordered_json document = report::inspect_json(report);
  if (const auto error = report::inspect_error(report)) {
    return context.fail(*error, std::move(document));
  }
  return context.finish(document, report::kDone);
}

}  // namespace

report::InspectReport inspect(const InspectOptions& options) {
  report::InspectReport report;
  report.allow_unknown = options.allow_unknown;
  std::vector<firmware::CheckedModule> modules;
  for (const std::string& path : options.files) {
    if (!base::is_directory(path)) {
      report.files.push_back(inspect_file(path, options, modules));
      continue;
    }
    const auto found = base::list_files(path);
    if (!found) {
      report::InspectedFile unreadable;
      unreadable.file = path;
      unreadable.problems.push_back({found.error().id, found.error().message});
      report.files.push_back(std::move(unreadable));
      continue;
    }
    for (const std::string& entry : *found) {
      report::InspectedFile file = inspect_file(entry, options, modules);
      if (something_else(file)) {
        report.passed_over.emplace_back(file.file, file.problems.front());
      } else {
        report.files.push_back(std::move(file));
      }
    }
  }
  report.library = release::assemble(std::move(modules), release::Catalogue::embedded(),
                                     {options.allow_unknown});
  return report;
}

Run add_inspect(CLI::App& command) {
  auto options = std::make_shared<InspectOptions>();
  option(command, "FILE", options->files, "Module files, or folders of them").required();
  flag(command, "--allow-unknown", options->allow_unknown,
       "Accept files whose bytes are not those of the release they claim to be");
  return [options](Context& context) { return run_inspect(context, *options); };
}

}  // namespace cli
