// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/firmware.h"

#include "cli/context.h"
#include "release/search.h"

#include <fmt/format.h>

#include <utility>

namespace cli {
namespace {

// What is no module of an Electron has no business here and is worth no word; a damaged one is.
bool is_something_else(const firmware::Problem& problem) {
  for (const char* code : {"no-header", "wrong-platform", "file-too-large", "archive-too-large",
                           "no-module-place", "nested-archive", "password"}) {
    if (problem.code == code) return true;
  }
  return false;
}

std::string named(const release::PassedOver& entry) {
  const std::string name = base::printable(entry.file);
  const std::string& message = entry.problem.message;
  return message.find(name) != std::string::npos ? message : name + ": " + message;
}

}  // namespace

base::Result<release::Library> load_library(Context& context, const std::vector<std::string>& given,
                                            bool allow_unknown) {
  release::SearchRequest request;
  request.given = given;
  request.cache = context.cache_directory();
  request.allow_unknown = allow_unknown;
  TRY_ASSIGN(release::Library library,
             release::search(request, platform::electron(), release::Catalogue::embedded()));
  for (const release::PassedOver& entry : library.passed_over) {
    context.detail("passed over " + named(entry), is_something_else(entry.problem) ? 1 : 0);
  }
  for (const release::FileNote& note : library.notes) context.detail(named(note), 1);
  return library;
}

}  // namespace cli
