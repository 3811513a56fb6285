// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The module object: the same fields in every document, whether the module is a file or lies in
// flash. What is not known is null.

#include "firmware/module.h"
#include "plan/state.h"
#include "release/catalogue.h"
#include "release/search.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace report {

// What is known of one module.
struct ModuleFacts {
  std::optional<std::string> file;
  std::optional<firmware::ModuleHeader> header;
  std::optional<std::uint32_t> header_offset;
  std::optional<std::uint32_t> crc32;  // as stored with the module
  bool crc_ok = false;
  std::optional<base::Sha256> sha256;  // of the whole file
  release::Match match;
  bool valid = false;
  std::vector<firmware::Problem> problems;
};

nlohmann::ordered_json module_json(const ModuleFacts& facts);
nlohmann::ordered_json module_json(const firmware::CheckedModule& module,
                                   const release::Catalogue& catalogue);
// Of a slot on a device: with the field "health" ("blank", "corrupt", "valid") besides.
nlohmann::ordered_json module_json(const plan::InstalledModule& module,
                                   const platform::Platform& platform,
                                   const std::optional<release::Version>& told,
                                   const release::Catalogue& catalogue);

nlohmann::ordered_json problems_json(const std::vector<firmware::Problem>& problems);

// {"id", "version"}; null: none.
nlohmann::ordered_json product_json(const std::optional<firmware::Product>& product);
// {"part", "index", "file"}: a file that is not at hand, by its published name.
nlohmann::ordered_json missing_json(const release::MissingPart& part);

// "match", "unknown", "mismatch"
std::string_view catalogue_word(release::Recognition how);

}  // namespace report
