// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/shelf.h"

#include "base/files.h"
#include "release/assemble.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>

namespace plan_test {
namespace {

nlohmann::ordered_json embedded_json() {
  const auto bytes =
      base::read_file(std::string(ER_SOURCE_DIR) + "/src/release/releases.json", 1U << 22U);
  if (!bytes) std::abort();
  return nlohmann::ordered_json::parse(bytes->begin(), bytes->end());
}

release::Catalogue parse(const nlohmann::ordered_json& json) {
  auto parsed = release::Catalogue::parse(json.dump());
  if (!parsed) std::abort();
  return std::move(*parsed);
}

nlohmann::ordered_json without_files() {
  nlohmann::ordered_json json = embedded_json();
  for (auto& release : json) {
    release["parts"] = nlohmann::ordered_json::array();
    release.erase("bootloader");
    release.erase("embedded_bootloader");
  }
  return json;
}

// `seed` keeps releases apart that have the same module version.
std::vector<firmware::CheckedModule> build_parts(const release::CatalogueRelease& release,
                                                 std::uint32_t seed) {
  const std::vector<std::string> names = release::file_names(release);
  std::vector<firmware::CheckedModule> result;
  for (const plan::InstalledModule& part : plan::state_of(release, platform::electron()).modules) {
    if (!part.valid()) continue;
    const auto [first, second] = part.dependencies();
    result.push_back(
        make({part.id, part.version(), first, second, 4096, seed}, names.at(part.id.index - 1U)));
  }
  return result;
}

nlohmann::ordered_json to_json(const firmware::Dependency& dependency) {
  return {{"function", platform::name(dependency.module.function)},
          {"index", dependency.module.index},
          {"version", dependency.version}};
}

struct Shelf {
  std::map<std::string, std::vector<firmware::CheckedModule>> parts;
  release::Catalogue catalogue;
};

Shelf make_shelf() {
  Shelf shelf;
  nlohmann::ordered_json json = without_files();
  const release::Catalogue ages = parse(json);
  for (std::size_t i = 0; i < ages.releases().size(); ++i) {
    const release::CatalogueRelease& release = ages.releases()[i];
    auto parts = build_parts(release, static_cast<std::uint32_t>(i));
    for (const firmware::CheckedModule& part : parts) {
      nlohmann::ordered_json file;
      file["file"] = part.source();
      file["part"] =
          part.version() < plan::kFirstWithIndex3 ? part.id().index : part.id().index % 3 + 1;
      file["index"] = part.id().index;
      file["start"] = base::hex32(part.address());
      file["length"] = part.image().size();
      file["dependencies"] = nlohmann::ordered_json::array();
      for (const auto& dependency : {part.header().dependency1, part.header().dependency2}) {
        if (!dependency.none()) file["dependencies"].push_back(to_json(dependency));
      }
      file["crc32"] = base::hex32(part.crc32());
      file["sha256"] = base::to_hex(part.file_sha256());
      json[i]["parts"].push_back(std::move(file));
    }
    shelf.parts.emplace(release.version.text(), std::move(parts));
  }
  shelf.catalogue = parse(json);
  return shelf;
}

const Shelf& shelf() {
  static const Shelf kShelf = make_shelf();
  return kShelf;
}

plan::InstalledModule slot(ModuleId id, std::string_view release) {
  plan::InstalledModule module;
  module.id = id;
  if (release == "-") return module;
  const bool corrupt = release.starts_with('!');
  for (const firmware::CheckedModule& part : parts_of(corrupt ? release.substr(1) : release)) {
    if (part.id() == id) module = plan::installed(part);
  }
  if (corrupt) {
    module.seen = plan::Corrupt{*module.header(), {}};
  }
  return module;
}

}  // namespace

const release::Catalogue& catalogue() { return shelf().catalogue; }

const std::vector<firmware::CheckedModule>& parts_of(std::string_view release) {
  return shelf().parts.at(std::string(release));
}

firmware::CheckedModule application(std::uint16_t index2, std::string name) {
  return make({kUserPart, 6, {kSystemPart2, index2}, {}, 2048, 7}, std::move(name));
}

release::Library library(const std::vector<std::string_view>& releases) {
  std::vector<firmware::CheckedModule> modules;
  for (const std::string_view release : releases) {
    for (const auto& part : parts_of(release)) modules.push_back(part);
  }
  return release::assemble(std::move(modules), catalogue(), {});
}

plan::InstalledState mixed(std::string_view index1, std::string_view index2,
                           std::string_view index3, std::uint16_t bootloader) {
  plan::InstalledState state;
  state.platform = &platform::electron();
  state.modules = {slot(kSystemPart1, index1), slot(kSystemPart2, index2),
                   slot(kSystemPart3, index3)};
  if (bootloader != 0) state.bootloader_version = bootloader;
  return state;
}

plan::InstalledState at(std::string_view release, std::uint16_t bootloader) {
  const bool three = version(release) >= version("0.6.0-rc.1");
  return mixed(release, release, three ? release : "-", bootloader);
}

plan::Outcome outcome(const plan::InstalledState& state, std::string_view target,
                      const release::Library& library, plan::Medium medium) {
  plan::Request request;
  request.target = version(target);
  request.library = &library;
  return plan::make_plan(state, request, medium, catalogue());
}

plan::Plan planned(const plan::InstalledState& state, std::string_view target,
                   const std::vector<std::string_view>& releases) {
  plan::Outcome result = outcome(state, target, library(releases));
  if (const auto* plan = std::get_if<plan::Plan>(&result)) return *plan;
  ADD_FAILURE() << "refused: " << std::get<plan::Refusal>(result).message;
  return {};
}

plan::Refusal refused(const plan::InstalledState& state, std::string_view target,
                      const std::vector<std::string_view>& releases) {
  plan::Outcome result = outcome(state, target, library(releases));
  if (const auto* refusal = std::get_if<plan::Refusal>(&result)) return *refusal;
  ADD_FAILURE() << "not refused: " << brief(std::get<plan::Plan>(result));
  return {};
}

namespace {

std::string brief(const plan::Step& step) {
  std::string name = step.content.name;
  if (step.content.module == kUserPart) name = "user";
  if (step.content.module && step.content.module->function == platform::ModuleFunction::system_part)
    name = std::to_string(step.content.module->index);
  switch (step.action) {
    case plan::Action::guard_open:
      return "<" + name;
    case plan::Action::guard_close:
      return name + ">";
    case plan::Action::skip:
      return "(" + name + ")";
    default:
      return name;
  }
}

}  // namespace

std::string brief(const plan::Plan& plan) {
  std::string text;
  for (const plan::Stage& stage : plan.stages) {
    text += fmt::format("{}{}:", text.empty() ? "" : " | ",
                        stage.release ? stage.release->text() : std::string("-"));
    for (const plan::Step& step : stage.steps) text += " " + brief(step);
  }
  return text;
}

std::vector<std::string> codes(const plan::Plan& plan) {
  std::vector<std::string> result;
  for (const plan::Warning& warning : plan.warnings) result.push_back(warning.code);
  return result;
}

}  // namespace plan_test
