// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/module_json.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace report {
namespace {

using Json = nlohmann::ordered_json;

std::string_view health_word(plan::Health health) {
  switch (health) {
    case plan::Health::blank:
      return "blank";
    case plan::Health::corrupt:
      return "corrupt";
    case plan::Health::valid:
      return "valid";
  }
  return "corrupt";
}

Json dependencies_json(const std::array<firmware::Dependency, 2>& dependencies) {
  Json list = Json::array();
  for (const firmware::Dependency& dependency : dependencies) {
    if (dependency.none()) continue;
    list.push_back(Json{{"function", platform::name(dependency.module.function)},
                        {"index", dependency.module.index},
                        {"version", dependency.version}});
  }
  return list;
}

void put_header(Json& json, const firmware::ModuleHeader& header) {
  json["function"] = platform::name(header.id.function);
  json["index"] = header.id.index;
  json["version"] = header.version;
  json["platform"] = header.platform;
  json["address"] = base::hex32(header.start);
  json["end"] = base::hex32(header.end);
  if (header.end > header.start) json["size"] = std::uint64_t{header.end - header.start} + 4;
  json["dependencies"] = dependencies_json({header.dependency1, header.dependency2});
}

}  // namespace

std::string_view catalogue_word(release::Recognition how) {
  switch (how) {
    case release::Recognition::by_sha256:
    case release::Recognition::by_crc:
      return "match";
    case release::Recognition::mismatch:
      return "mismatch";
    case release::Recognition::by_version:
    case release::Recognition::unknown:
      return "unknown";
  }
  return "unknown";
}

Json missing_json(const release::MissingPart& part) {
  return {{"part", part.part}, {"index", part.id.index}, {"file", part.file}};
}

Json product_json(const std::optional<firmware::Product>& product) {
  if (!product) return nullptr;
  return Json{{"id", product->id}, {"version", product->version}};
}

Json problems_json(const std::vector<firmware::Problem>& problems) {
  Json list = Json::array();
  for (const firmware::Problem& problem : problems) {
    list.push_back(Json{{"code", problem.code}, {"message", problem.message}});
  }
  return list;
}

Json module_json(const ModuleFacts& facts) {
  // Every field, in the order of the documentation, so that an unknown one is null and not missing.
  Json json;
  json["file"] = facts.file ? Json(*facts.file) : Json(nullptr);
  for (const char* field : {"function", "index", "version", "release", "platform", "address", "end",
                            "size", "header_offset", "dependencies"}) {
    json[field] = nullptr;
  }
  json["dependencies"] = Json::array();
  if (facts.header) put_header(json, *facts.header);
  if (const release::CatalogueRelease* release = facts.match.best()) {
    json["release"] = release->version.text();
  }
  if (facts.header_offset) json["header_offset"] = *facts.header_offset;
  json["crc32"] = facts.crc32 ? Json(base::hex32(*facts.crc32)) : Json(nullptr);
  json["crc_ok"] = facts.crc_ok;
  json["sha256"] = facts.sha256 ? Json(base::to_hex(*facts.sha256)) : Json(nullptr);
  json["catalogue"] = catalogue_word(facts.match.how);
  if (facts.match.how == release::Recognition::by_version && facts.match.releases.size() > 1) {
    Json names = Json::array();
    for (const auto* release : facts.match.releases) names.push_back(release->version.text());
    json["may_be"] = std::move(names);
  }
  json["valid"] = facts.valid;
  json["problems"] = problems_json(facts.problems);
  return json;
}

Json module_json(const firmware::CheckedModule& module, const release::Catalogue& catalogue) {
  return module_json(ModuleFacts{.file = module.source(),
                                 .header = module.header(),
                                 .header_offset = module.header_offset(),
                                 .crc32 = module.crc32(),
                                 .crc_ok = true,
                                 .sha256 = module.file_sha256(),
                                 .match = catalogue.recognise(module),
                                 .valid = true,
                                 .problems = {}});
}

Json module_json(const plan::InstalledModule& module, const platform::Platform& platform,
                 const std::optional<release::Version>& told, const release::Catalogue& catalogue) {
  ModuleFacts facts;
  facts.crc_ok = module.valid();
  facts.valid = module.valid();
  facts.problems = module.problems();
  if (const firmware::ModuleHeader* header = module.header()) facts.header = *header;
  if (const plan::Read* read = module.read()) {
    facts.header_offset = read->header_offset;
    facts.crc32 = read->crc32;
  }
  facts.match = plan::recognise(module, told, catalogue);
  Json json = module_json(facts);
  if (std::holds_alternative<plan::Told>(module.seen)) {
    // The device told its version; what its bytes are it did not.
    json["version"] = module.version();
    json["platform"] = platform.id;
  }
  // Which module a slot is for is known even where its content is not.
  json["function"] = platform::name(module.id.function);
  json["index"] = module.id.index;
  if (const platform::Slot* slot = platform.slot(module.id)) {
    json["address"] = base::hex32(slot->flash.begin);
  }
  // What cannot be trusted names nothing that it depends on.
  json["dependencies"] = Json::array();
  if (module.valid()) json["dependencies"] = dependencies_json(module.dependencies());
  json["health"] = health_word(module.health());
  if (module.id == platform::kUserPart) {
    json["product"] =
        product_json(module.read() == nullptr ? std::nullopt : module.read()->product);
  }
  return json;
}

}  // namespace report
