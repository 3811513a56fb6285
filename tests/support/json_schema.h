// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// JSON Schema (draft 2020-12), as far as docs/schemas uses it: $ref within a file and to its
// neighbours, type, const, enum, pattern, minimum, maximum, required, properties,
// additionalProperties, items, minItems, allOf, anyOf, if/then/else. A keyword that is none of
// these is an error, so that nothing in a schema goes unchecked.

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace test_support {

class SchemaFolder {
 public:
  // Reads every *.schema.json in it.
  explicit SchemaFolder(const std::string& folder);

  bool has(const std::string& name) const { return schemas_.count(name + ".schema.json") != 0; }
  // What is wrong with `value` as a "list" (list.schema.json), each with its place
  // ("/devices/0/id"); nothing if it conforms.
  std::vector<std::string> problems(const std::string& name, const nlohmann::json& value) const;
  // Keywords that this validator does not know, and references that lead nowhere.
  std::vector<std::string> unsound() const;
  std::vector<std::string> names() const;

 private:
  std::map<std::string, nlohmann::json> schemas_;  // by file name
};

}  // namespace test_support
