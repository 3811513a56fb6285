// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/documents/report.h"

#include "base/files.h"
#include "cli/bug_report.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/parser.h"
#include "report/exit_code.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

base::Result<report::BugReport> pack(Context& context, const std::string& file) {
  if (base::exists(file)) {
    TRY(context.console.consent(
        fmt::format("{} exists. Replace it?", base::printable(file)),
        base::make_error(base::Errc::usage, "file-exists", "the report was not written",
                         "name a file that does not exist, or say --yes")));
  }
  return pack_bug_report(file, context.computer(), context.log_directory());
}

int run_report(Context& context, const std::string& file) {
  const auto packed = pack(context, file);
  if (!packed) return context.fail(packed.error());
  if (!context.global.json) context.print(report::bug_report_text(*packed));
  return context.finish(report::bug_report_document(*packed), report::kDone);
}

}  // namespace

Run add_report(CLI::App& command) {
  auto file = std::make_shared<std::string>();
  option(command, "FILE", *file, "The file to write").required().type_name("");
  return [file](Context& context) { return run_report(context, *file); };
}

}  // namespace cli
