// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/documents/releases.h"

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/firmware.h"
#include "cli/parser.h"
#include "report/exit_code.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace cli {
namespace {

struct ReleasesOptions {
  std::vector<std::string> firmware;
};

int run_releases(Context& context, const ReleasesOptions& options) {
  const auto library = load_library(context, options.firmware, false);
  if (!library) return context.fail(library.error());
  std::vector<report::ListedRelease> listed;
  for (const auto& release : release::Catalogue::embedded().releases()) {
    listed.push_back({&release, library->find(release.version) != nullptr});
  }
  std::ranges::reverse(listed);
  if (!context.global.json) {
    const bool all = context.global.verbosity > 0;
    context.print(report::releases_text(listed, context.style(), all));
  }
  return context.finish(report::releases_document(listed), report::kDone);
}

}  // namespace

Run add_releases(CLI::App& command) {
  auto options = std::make_shared<ReleasesOptions>();
  option(command, "--firmware", options->firmware,
         "Folder with release files; may be given several times\n"
         "(default: ./firmware, then the user's cache folder)")
      .type_name("PATH")
      .repeated();
  return [options](Context& context) { return run_releases(context, *options); };
}

}  // namespace cli
