// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/json_schema.h"

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

namespace test_support {
namespace {

using Json = nlohmann::json;
using Schemas = std::map<std::string, Json>;

constexpr const char* kEnding = ".schema.json";

bool is_of(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "number") return value.is_number();
  if (type == "integer") return value.is_number_integer();
  return false;
}

// One value against one schema; `file` is where the schema stands, for its references.
class Check {
 public:
  Check(const Schemas& schemas, std::vector<std::string>& problems)
      : schemas_(schemas), problems_(problems) {}

  void run(const Json& value, const Json& schema, const std::string& file,
           const std::string& place) {
    if (schema.is_boolean()) {
      if (!schema.get<bool>()) tell(place, "may not be here");
      return;
    }
    if (const auto ref = schema.find("$ref"); ref != schema.end()) {
      std::string where = file;
      if (const Json* target = resolve(schemas_, ref->get<std::string>(), where)) {
        run(value, *target, where, place);
      } else {
        tell(place, "the reference " + ref->dump() + " leads nowhere");
      }
    }
    scalar(value, schema, place);
    if (value.is_object()) object(value, schema, file, place);
    if (value.is_array()) array(value, schema, file, place);
    combined(value, schema, file, place);
  }

  static const Json* resolve(const Schemas& schemas, const std::string& reference,
                             std::string& file) {
    const auto hash = reference.find('#');
    if (hash != 0) file = reference.substr(0, hash);
    const auto found = schemas.find(file);
    if (found == schemas.end()) return nullptr;
    if (hash == std::string::npos) return &found->second;
    const Json::json_pointer pointer(reference.substr(hash + 1));
    return found->second.contains(pointer) ? &found->second.at(pointer) : nullptr;
  }

 private:
  void tell(const std::string& place, const std::string& what) {
    problems_.push_back((place.empty() ? "/" : place) + ": " + what);
  }

  bool conforms(const Json& value, const Json& schema, const std::string& file) const {
    std::vector<std::string> problems;
    Check(schemas_, problems).run(value, schema, file, "");
    return problems.empty();
  }

  void scalar(const Json& value, const Json& schema, const std::string& place) {
    if (const auto type = schema.find("type"); type != schema.end()) {
      bool good = false;
      for (const Json& one : type->is_array() ? *type : Json::array({*type})) {
        good = good || is_of(value, one.get<std::string>());
      }
      if (!good) tell(place, value.dump() + " is not of type " + type->dump());
    }
    if (const auto only = schema.find("const"); only != schema.end() && *only != value) {
      tell(place, value.dump() + " is not " + only->dump());
    }
    if (const auto some = schema.find("enum"); some != schema.end()) {
      if (std::find(some->begin(), some->end(), value) == some->end()) {
        tell(place, value.dump() + " is none of " + some->dump());
      }
    }
    if (const auto pattern = schema.find("pattern"); pattern != schema.end() && value.is_string()) {
      if (!std::regex_search(value.get<std::string>(), std::regex(pattern->get<std::string>()))) {
        tell(place, value.dump() + " is not of the form " + pattern->dump());
      }
    }
    if (!value.is_number()) return;
    if (const auto least = schema.find("minimum"); least != schema.end() && value < *least) {
      tell(place, value.dump() + " is less than " + least->dump());
    }
    if (const auto most = schema.find("maximum"); most != schema.end() && value > *most) {
      tell(place, value.dump() + " is more than " + most->dump());
    }
  }

  void object(const Json& value, const Json& schema, const std::string& file,
              const std::string& place) {
    for (const Json& name : schema.value("required", Json::array())) {
      if (!value.contains(name.get<std::string>())) tell(place, name.dump() + " is missing");
    }
    const Json properties = schema.value("properties", Json::object());
    const auto more = schema.find("additionalProperties");
    for (const auto& [name, field] : value.items()) {
      const std::string below = place + "/" + name;
      if (properties.contains(name)) {
        run(field, properties[name], file, below);
      } else if (more != schema.end()) {
        run(field, *more, file, below);
      }
    }
  }

  void array(const Json& value, const Json& schema, const std::string& file,
             const std::string& place) {
    if (value.size() < schema.value("minItems", std::size_t{0})) tell(place, "has too few items");
    const auto items = schema.find("items");
    if (items == schema.end()) return;
    for (std::size_t i = 0; i < value.size(); ++i) {
      run(value[i], *items, file, place + "/" + std::to_string(i));
    }
  }

  void combined(const Json& value, const Json& schema, const std::string& file,
                const std::string& place) {
    for (const Json& part : schema.value("allOf", Json::array())) run(value, part, file, place);
    if (const auto any = schema.find("anyOf"); any != schema.end()) {
      const bool good = std::any_of(any->begin(), any->end(),
                                    [&](const Json& one) { return conforms(value, one, file); });
      if (!good) tell(place, value.dump() + " fits none of the forms that it may have");
    }
    if (const auto condition = schema.find("if"); condition != schema.end()) {
      const char* branch = conforms(value, *condition, file) ? "then" : "else";
      if (schema.contains(branch)) run(value, schema[branch], file, place);
    }
  }

  const Schemas& schemas_;
  std::vector<std::string>& problems_;
};

void find_unsound(const Schemas& schemas, const Json& schema, const std::string& file,
                  std::vector<std::string>& found) {
  static const std::set<std::string> one{"items", "additionalProperties", "if", "then", "else"};
  static const std::set<std::string> several{"allOf", "anyOf"};
  static const std::set<std::string> named{"properties", "$defs"};
  static const std::set<std::string> plain{
      "$schema", "$id",     "$comment", "title",   "description", "type",    "const",
      "enum",    "pattern", "minimum",  "maximum", "required",    "minItems"};
  if (!schema.is_object()) return;
  for (const auto& [key, value] : schema.items()) {
    if (one.count(key) != 0) {
      find_unsound(schemas, value, file, found);
    } else if (several.count(key) != 0 || named.count(key) != 0) {
      for (const Json& below : value) find_unsound(schemas, below, file, found);
    } else if (key == "$ref") {
      std::string where = file;
      if (Check::resolve(schemas, value.get<std::string>(), where) == nullptr) {
        found.push_back(file + ": " + value.dump() + " leads nowhere");
      }
    } else if (plain.count(key) == 0) {
      found.push_back(file + ": the keyword " + key + " is not checked by anything");
    }
  }
}

}  // namespace

SchemaFolder::SchemaFolder(const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(kEnding)) continue;
    std::ifstream file(entry.path());
    schemas_[name] = Json::parse(file);
  }
}

std::vector<std::string> SchemaFolder::problems(const std::string& name, const Json& value) const {
  const std::string file = name + kEnding;
  const auto schema = schemas_.find(file);
  if (schema == schemas_.end()) return {"there is no " + file};
  std::vector<std::string> found;
  Check(schemas_, found).run(value, schema->second, file, "");
  return found;
}

std::vector<std::string> SchemaFolder::unsound() const {
  std::vector<std::string> found;
  for (const auto& [file, schema] : schemas_) find_unsound(schemas_, schema, file, found);
  return found;
}

std::vector<std::string> SchemaFolder::names() const {
  std::vector<std::string> names;
  for (const auto& [file, schema] : schemas_) {
    names.push_back(file.substr(0, file.size() - std::string(kEnding).size()));
  }
  return names;
}

}  // namespace test_support
