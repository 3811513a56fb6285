// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands/inspect.h"

#include "base/files.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/parser.h"
#include "firmware/check.h"
#include "firmware/parse.h"
#include "release/assemble.h"
#include "release/collect.h"
#include "report/document.h"
#include "report/exit_code.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <utility>

namespace cli {
namespace {

// In a folder or an archive there may be anything; only what claims to be an Electron's module is
// judged.
bool something_else(const report::InspectedFile& file) {
  if (file.problems.empty()) return false;
  const std::string& code = file.problems.front().code;
  return code == "no-header" || code == "wrong-platform" || code == "file-too-large" ||
         code == "archive-too-large";
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

report::InspectedFile invalid(const std::string& path, const base::Error& error) {
  report::InspectedFile file;
  file.file = path;
  file.problems.push_back({error.id, error.message});
  return file;
}

class Inspection {
 public:
  explicit Inspection(const InspectOptions& options) : options_(options) {
    report_.allow_unknown = options.allow_unknown;
  }

  void folder(const std::string& path) {
    const auto below = release::files_below(path);
    if (!below) {
      report_.files.push_back(invalid(path, below.error()));
      return;
    }
    for (const std::string& entry : below->files) file(entry, Named::no);
  }

  void named(const std::string& path) { file(path, Named::yes); }

  report::InspectReport finish() {
    report_.library = release::assemble(std::move(modules_), release::Catalogue::embedded(),
                                        {options_.allow_unknown});
    return std::move(report_);
  }

 private:
  // A file that somebody names is judged whatever it is.
  enum class Named { no, yes };

  void file(const std::string& path, Named named) {
    auto images = release::images_in(path, platform::electron());
    if (!images) {
      add(invalid(path, images.error()), named);
      return;
    }
    const bool judged = named == Named::yes && !images->container;
    const std::size_t before = report_.files.size();
    for (release::PassedOver& entry : images->passed_over) {
      report_.passed_over.emplace_back(std::move(entry.file), std::move(entry.problem));
    }
    for (release::Image& image : images->images) {
      add(look_at(std::move(image)), judged ? Named::yes : Named::no);
    }
    if (named == Named::yes && report_.files.size() == before) {
      report_.files.push_back(
          invalid(path, base::make_error(base::Errc::bad_module, "no-modules",
                                         "there is no Electron module in it", {})));
    }
  }

  void add(report::InspectedFile file, Named named) {
    if (named == Named::no && something_else(file)) {
      report_.passed_over.emplace_back(file.file, file.problems.front());
    } else {
      report_.files.push_back(std::move(file));
    }
  }

  report::InspectedFile look_at(release::Image image) {
    const platform::Platform& platform = platform::electron();
    report::InspectedFile file;
    file.file = image.source;
    file.module = firmware::parse(std::move(image.bytes));
    file.problems = firmware::all_problems(file.module, platform);
    file.notes = file.module.notes;
    if (auto checked = firmware::check(file.module, platform, image.source)) {
      compare(*checked, options_, file);
      modules_.push_back(std::move(*checked));
      modules_.back().drop_image();
    }
    // Hundreds of files are not in memory together: the next one gets the pages of this one.
    file.module.image = nullptr;
    return file;
  }

  const InspectOptions& options_;
  report::InspectReport report_;
  std::vector<firmware::CheckedModule> modules_;
};

int run_inspect(Context& context, const InspectOptions& options) {
  const report::InspectReport report = inspect(options);
  if (!context.global.json) {
    context.print(report::inspect_text(report, context.style(), context.global.verbosity > 0));
  }
  // Of hundreds of files it is worth making only where it is asked for.
  nlohmann::ordered_json document =
      context.global.json ? report::inspect_json(report) : report::document();
  if (const auto error = report::inspect_error(report)) {
    return context.fail(*error, std::move(document));
  }
  return context.finish(document, report::kDone);
}

}  // namespace

report::InspectReport inspect(const InspectOptions& options) {
  Inspection inspection(options);
  for (const std::string& path : options.files) {
    if (base::is_directory(path)) {
      inspection.folder(path);
    } else {
      inspection.named(path);
    }
  }
  return inspection.finish();
}

Run add_inspect(CLI::App& command) {
  auto options = std::make_shared<InspectOptions>();
  option(command, "FILE", options->files,
         "Module files, archives (ZIP) or Intel HEX files of\nthem, or folders")
      .required();
  flag(command, "--allow-unknown", options->allow_unknown,
       "Accept files whose bytes are not those of the release they claim to be");
  return [options](Context& context) { return run_inspect(context, *options); };
}

}  // namespace cli
