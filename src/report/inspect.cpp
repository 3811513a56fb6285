// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/inspect.h"

#include "firmware/check.h"
#include "release/target.h"
#include "report/document.h"
#include "report/module_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>

namespace report {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<std::string>;

constexpr std::size_t kUsualColumns = 100;
constexpr int kLeastColumns = 40;
constexpr std::size_t kGap = 2;  // between the columns of a table
constexpr std::size_t kShortestName = 24;

// Where nothing sets a width (a pipe, a file), sentences are still broken, and names never cut.
std::size_t columns_of(const Style& style) {
  return style.width > 0 ? static_cast<std::size_t>(std::max(style.width, kLeastColumns))
                         : kUsualColumns;
}

// The end of a path says more than its beginning.
std::string shortened(const std::string& path, std::size_t most) {
  const std::string clean = base::printable(path);
  if (columns(clean) <= most) return clean;
  std::size_t at = clean.size();
  for (std::size_t width = 1; at > 0; --at) {
    const bool begins = (static_cast<unsigned char>(clean[at - 1]) & 0xC0) != 0x80;
    if (begins && ++width > most) break;
  }
  return "…" + clean.substr(at);
}

std::string release_cell(const InspectedFile& file, const Style& style) {
  const release::CatalogueRelease* best = file.match.best();
  const std::string name = best == nullptr ? "-" : best->version.text();
  switch (file.match.how) {
    case release::Recognition::by_sha256:
    case release::Recognition::by_crc:
      return paint(style, Tone::good, name);
    case release::Recognition::by_version:
      return paint(style, Tone::warning, name + "?");
    case release::Recognition::mismatch:
      return paint(style, Tone::bad, name + "!");
    case release::Recognition::unknown:
      return name;
  }
  return name;
}

// Of a truncated file the checksum is not there.
bool whole(const InspectedFile& file) {
  return std::none_of(file.problems.begin(), file.problems.end(),
                      [](const firmware::Problem& problem) { return problem.code == "truncated"; });
}

bool is_application(const InspectedFile& file) {
  return file.module.header &&
         file.module.header->id.function == platform::ModuleFunction::user_part;
}

std::optional<firmware::Product> product_of(const InspectedFile& file) {
  if (!file.module.suffix) return std::nullopt;
  return firmware::product_of(*file.module.suffix);
}

// Without the file's name, which takes what the others leave.
Row cells(const InspectedFile& file, const Style& style) {
  Row row{file.valid() ? paint(style, Tone::good, "ok") : paint(style, Tone::bad, "BAD")};
  if (!file.module.header) return row;
  const firmware::ModuleHeader& header = *file.module.header;
  row.insert(row.end(), {platform::describe(header.id), fmt::format("{}", header.version),
                         release_cell(file, style), base::hex32(header.start),
                         fmt::format("{}", header.size()),
                         whole(file) ? fmt::format("{:08x}", file.module.stored_crc32) : "-"});
  return row;
}

std::string remark(const Style& style, Tone tone, std::string_view label,
                   std::string_view message) {
  const std::size_t indent = 4 + label.size() + 2;
  return fmt::format(
      "    {}: {}\n", paint(style, tone, label),
      wrap(message, columns_of(style) - std::min(columns_of(style) / 2, indent), indent));
}

std::string remarks(const InspectedFile& file, const Style& style, bool details) {
  std::string text;
  for (const firmware::Problem& problem : file.problems) {
    text += remark(style, Tone::bad, problem.code, problem.message);
    const std::string_view advice = firmware::advice(problem.code);
    if (!advice.empty()) text += remark(style, Tone::strong, "do", advice);
  }
  for (const firmware::Problem& note : file.notes) {
    text += remark(style, Tone::quiet, note.code, note.message);
  }
  if (is_application(file)) {
    if (const auto needs = release::needs_of(*file.module.header, release::Catalogue::embedded())) {
      text += remark(style, Tone::quiet, "needs", release::describe(*needs));
    }
    if (const auto product = product_of(file)) {
      text += remark(style, Tone::quiet, "product",
                     fmt::format("id {}, version {}", product->id, product->version));
    }
  }
  if (details && file.module.header) {
    text += remark(style, Tone::quiet, "sha-256", base::to_hex(file.module.file_sha256));
  }
  return text;
}

std::size_t used_by(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  }
  std::size_t used = 0;
  for (const std::size_t width : widths) used += width + kGap;
  return used;
}

void leave_out(std::vector<Row>& rows, const std::string& heading) {
  const auto found = std::ranges::find(rows.front(), heading);
  if (found == rows.front().end()) return;
  const auto at = found - rows.front().begin();
  for (Row& row : rows) {
    if (at < static_cast<std::ptrdiff_t>(row.size())) row.erase(row.begin() + at);
  }
}

std::string files_text(const InspectReport& report, const Style& style, bool details) {
  const Row heading{"", "module", "version", "release", "address", "bytes", "crc-32"};
  std::vector<Row> rows{heading};
  for (const InspectedFile& file : report.files) rows.push_back(cells(file, style));
  const std::size_t width = style.width > 0 ? columns_of(style) : SIZE_MAX;
  std::size_t used = used_by(rows);
  // What JSON tells as well, and hardly anybody reads.
  for (const char* name : {"crc-32", "address", "bytes", "version"}) {
    if (width >= used && width - used >= kShortestName) break;
    leave_out(rows, name);
    used = used_by(rows);
  }
  const std::size_t room = std::max(kShortestName, width - std::min(used, width));
  rows[0].insert(rows[0].begin(), "file");
  for (std::size_t i = 0; i < report.files.size(); ++i) {
    rows[i + 1].insert(rows[i + 1].begin(), shortened(report.files[i].file, room));
  }
  // The table is one text; what belongs to a file goes under its line.
  const std::string lines = table(rows, 0);
  std::string text;
  std::size_t at = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t end = lines.find('\n', at);
    text += lines.substr(at, end + 1 - at);
    at = end + 1;
    if (i > 0) text += remarks(report.files[i - 1], style, details);
  }
  return text;
}

// None for a build that is no release: its files have no names but those that they were given.
std::vector<release::MissingPart> missing_files(const release::Library& library,
                                                const release::ReleaseStatus& status) {
  const release::CatalogueRelease* known = release::Catalogue::embedded().find(status.version);
  return known == nullptr ? std::vector<release::MissingPart>()
                          : release::missing_parts(library, *known);
}

std::string missing_words(const release::Library& library, const release::ReleaseStatus& status) {
  const std::vector<release::MissingPart> missing = missing_files(library, status);
  if (!missing.empty()) return release::describe(missing);
  return fmt::format("{} {} missing", status.missing.size() == 1 ? "system part" : "system parts",
                     fmt::join(status.missing, ", "));
}

std::string state_words(const release::Library& library, const release::ReleaseStatus& status,
                        const Style& style) {
  if (!status.complete) {
    return paint(style, Tone::warning, "incomplete") + ": " + missing_words(library, status);
  }
  if (!status.usable && status.unvouched) {
    return paint(style, Tone::warning, "complete") + ", but used only with --allow-unknown";
  }
  if (!status.usable) return paint(style, Tone::bad, "complete, but not usable");
  return paint(style, Tone::good, "complete") + (status.problems.empty() ? "" : ", with a remark");
}

std::string releases_text(const release::Library& library, const Style& style) {
  std::vector<Row> rows;
  for (const release::ReleaseStatus& status : library.status) {
    rows.push_back({status.version.text(), fmt::format("({})", status.module_version),
                    state_words(library, status, style)});
  }
  const std::string lines = table(rows, 2);
  std::string text = "\nReleases\n";
  std::size_t at = 0;
  for (const release::ReleaseStatus& status : library.status) {
    const std::size_t end = lines.find('\n', at);
    const std::string line = lines.substr(at, end - at);
    text += columns(line) > columns_of(style) ? wrap(line, columns_of(style), 4) : line;
    text += "\n";
    at = end + 1;
    for (const firmware::Problem& problem : status.problems) {
      text +=
          remark(style, status.usable ? Tone::warning : Tone::bad, problem.code, problem.message);
    }
  }
  return text;
}

std::string passed_over_text(const InspectReport& report, const Style& style, bool details) {
  const std::size_t count = report.passed_over.size();
  if (count == 0) return {};
  std::string text =
      fmt::format("\n{} {} passed over: no Electron {}{}\n", count, count == 1 ? "file" : "files",
                  count == 1 ? "module" : "modules", details ? "" : " (-v names them)");
  if (!details) return text;
  for (const auto& [file, problem] : report.passed_over) {
    const std::size_t room = style.width > 0 ? columns_of(style) - 2 : SIZE_MAX;
    text += fmt::format("  {}\n    {}\n", shortened(file, room),
                        wrap(problem.message, columns_of(style) - 4, 4));
  }
  return text;
}

ModuleFacts facts_of(const InspectedFile& file) {
  ModuleFacts facts;
  facts.file = file.file;
  facts.header = file.module.header;
  if (file.module.header) {
    facts.header_offset = file.module.header_offset;
    if (whole(file)) facts.crc32 = file.module.stored_crc32;
  }
  facts.crc_ok = file.module.crc_ok;
  // No file, no checksum: an unreadable one has neither header nor bytes.
  if (file.module.file_sha256 != base::Sha256{}) facts.sha256 = file.module.file_sha256;
  facts.match = file.match;
  facts.valid = file.valid();
  facts.problems = file.problems;
  return facts;
}

Json needs_json(const firmware::ModuleHeader& header) {
  const auto needs = release::needs_of(header, release::Catalogue::embedded());
  if (!needs) return nullptr;
  Json releases = Json::array();
  for (const release::CatalogueRelease* release : needs->built_for) {
    releases.push_back(release->version.text());
  }
  return Json{{"index", needs->system.module.index},
              {"version", needs->system.version},
              {"releases", std::move(releases)},
              {"oldest_final",
               needs->oldest == nullptr ? Json(nullptr) : Json(needs->oldest->version.text())}};
}

Json release_json(const release::Library& library, const release::ReleaseStatus& status) {
  Json files = Json::array();
  if (!status.complete) {
    for (const release::MissingPart& part : missing_files(library, status)) {
      files.push_back(missing_json(part));
    }
  }
  return Json{{"release", status.version.text()},
              {"version", status.module_version},
              {"complete", status.complete},
              {"usable", status.usable},
              {"missing", status.missing},
              {"missing_files", std::move(files)},
              {"parts", status.files},
              {"problems", problems_json(status.problems)}};
}

}  // namespace

std::optional<base::Error> inspect_error(const InspectReport& report) {
  if (report.files.empty()) {
    return base::make_error(base::Errc::bad_module, "no-modules",
                            "there is no Electron module here",
                            "give module files (.bin) as the vendor publishes them");
  }
  const auto bad = std::count_if(report.files.begin(), report.files.end(),
                                 [](const InspectedFile& file) { return !file.valid(); });
  if (bad == 0) return std::nullopt;
  if (bad > 1) {
    return base::make_error(base::Errc::bad_module, "invalid-files",
                            fmt::format("{} of {} files are invalid", bad, report.files.size()),
                            "what is wrong with each, and what to do, is said with it");
  }
  const auto file = std::find_if(report.files.begin(), report.files.end(),
                                 [](const InspectedFile& one) { return !one.valid(); });
  const firmware::Problem& problem = file->problems.front();
  return base::make_error(base::Errc::bad_module, problem.code,
                          fmt::format("{}: {}", base::printable(file->file), problem.message),
                          std::string(firmware::advice(problem.code)));
}

std::string inspect_text(const InspectReport& report, const Style& style, bool details) {
  std::string text;
  if (!report.files.empty()) text += files_text(report, style, details);
  if (!report.library.status.empty()) text += releases_text(report.library, style);
  return text + passed_over_text(report, style, details);
}

Json inspect_json(const InspectReport& report) {
  Json json = document();
  json["modules"] = Json::array();
  for (const InspectedFile& file : report.files) {
    Json module = module_json(facts_of(file));
    module["notes"] = problems_json(file.notes);
    if (is_application(file)) {
      module["product"] = product_json(product_of(file));
      module["needs"] = needs_json(*file.module.header);
    }
    json["modules"].push_back(std::move(module));
  }
  json["releases"] = Json::array();
  for (const release::ReleaseStatus& status : report.library.status) {
    json["releases"].push_back(release_json(report.library, status));
  }
  json["passed_over"] = Json::array();
  for (const auto& [file, problem] : report.passed_over) {
    json["passed_over"].push_back(
        Json{{"file", file}, {"code", problem.code}, {"message", problem.message}});
  }
  return json;
}

}  // namespace report
