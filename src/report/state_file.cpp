// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/state_file.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>

namespace report {
namespace {

using Parsed = nlohmann::json;
using platform::ModuleFunction;
using platform::ModuleId;

base::Error bad(std::string what) {
  return base::make_error(base::Errc::bad_file, "bad-state-file",
                          "this is no state file: " + std::move(what),
                          "give the document that `electron-rescue info --json` prints");
}

// Null if the field is missing or null: both mean "not known".
const Parsed* field(const Parsed& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

base::Result<std::optional<std::uint16_t>> small_number(const Parsed& object, const char* name) {
  const Parsed* value = field(object, name);
  if (value == nullptr) return std::optional<std::uint16_t>{};
  if (!value->is_number_integer() || *value < 0 || *value > 0xFFFF) {
    return bad(fmt::format("\"{}\" is no number from 0 to 65535", name));
  }
  return std::optional{value->get<std::uint16_t>()};
}

base::Result<std::optional<bool>> truth(const Parsed& object, const char* name) {
  const Parsed* value = field(object, name);
  if (value == nullptr) return std::optional<bool>{};
  if (!value->is_boolean()) return bad(fmt::format("\"{}\" is neither true nor false", name));
  return std::optional{value->get<bool>()};
}

// "0x08060000"
base::Result<std::optional<std::uint32_t>> word(const Parsed& object, const char* name) {
  const Parsed* value = field(object, name);
  if (value == nullptr) return std::optional<std::uint32_t>{};
  if (value->is_string()) {
    const auto& text = value->get_ref<const std::string&>();
    std::uint32_t number = 0;
    const char* end = text.data() + text.size();
    if (text.size() > 2 && text.starts_with("0x")) {
      const auto [stop, error] = std::from_chars(text.data() + 2, end, number, 16);
      if (error == std::errc{} && stop == end) return std::optional{number};
    }
  }
  return bad(fmt::format("\"{}\" is no text such as \"0x08060000\"", name));
}

// Where a module of this identity may lie; empty if it may lie nowhere.
base::AddressRange place_of(ModuleId id, const platform::Platform& platform) {
  const platform::Slot* slot = platform.slot(id);
  if (slot != nullptr) return slot->flash;
  const platform::Slot* first = platform.slot(platform::kSystemPart1);
  if (id.function != ModuleFunction::monolithic || first == nullptr) return {};
  return {first->flash.begin, platform.factory.begin};
}

base::Result<ModuleId> identity(const Parsed& json, const platform::Platform& platform) {
  const Parsed* function = field(json, "function");
  if (function == nullptr || !function->is_string()) return bad("a module has no \"function\"");
  ModuleId id;
  id.function = platform::function_from_name(function->get_ref<const std::string&>());
  TRY_ASSIGN(const auto index, small_number(json, "index"));
  const bool single = id.function == ModuleFunction::user_part;
  const std::uint16_t number = index.value_or(single ? 1 : 0);
  if (number <= 0xFF) id.index = static_cast<std::uint8_t>(number);
  if (number > 0xFF || place_of(id, platform).empty()) {
    return bad(fmt::format("this device has no module \"{}\" with index {}",
                           base::printable(function->get_ref<const std::string&>()), number));
  }
  return id;
}

using Dependencies = std::array<firmware::Dependency, 2>;

base::Result<Dependencies> parse_dependencies(const Parsed& list) {
  if (!list.is_array() || list.size() > 2) return bad("\"dependencies\" is no list of at most two");
  Dependencies dependencies;
  auto into = dependencies.begin();
  for (const Parsed& item : list) {
    if (!item.is_object()) return bad("a dependency is no object");
    const Parsed* function = field(item, "function");
    if (function == nullptr || !function->is_string()) return bad("a dependency has no function");
    into->module.function = platform::function_from_name(function->get_ref<const std::string&>());
    TRY_ASSIGN(const auto index, small_number(item, "index"));
    TRY_ASSIGN(const auto version, small_number(item, "version"));
    if (into->module.function == ModuleFunction::none || index.value_or(0) > 0xFF || !version) {
      return bad("a dependency names no module and version");
    }
    into->module.index = static_cast<std::uint8_t>(index.value_or(0));
    into->version = *version;
    ++into;
  }
  return dependencies;
}

// The dependencies that its release gives a module of this identity and version.
Dependencies as_released(ModuleId id, std::uint16_t version, const platform::Platform& platform,
                         const release::Catalogue& catalogue) {
  if (id.function != ModuleFunction::system_part) return {};
  release::Match match;
  match.releases = catalogue.with_module_version(version);
  const release::CatalogueRelease* best = match.best();
  if (best != nullptr && match.releases.size() == 1) {
    const plan::InstalledState whole = plan::state_of(*best, platform);
    if (const plan::InstalledModule* released = whole.valid(id)) return released->dependencies();
  }
  return plan::module_by_age(id, version,
                             best != nullptr ? best->bootloader_dependency : std::nullopt)
      .dependencies();
}

base::Result<plan::Health> health_of(const Parsed& json) {
  TRY_ASSIGN(const auto valid, truth(json, "valid"));
  const Parsed* health = field(json, "health");
  if (health != nullptr) {
    if (*health == "blank") return plan::Health::blank;
    if (*health == "corrupt") return plan::Health::corrupt;
    if (*health != "valid") return bad("\"health\" is not blank, corrupt or valid");
  }
  TRY_ASSIGN(const auto crc_ok, truth(json, "crc_ok"));
  const bool whole = valid.value_or(true) && crc_ok.value_or(true);
  return whole ? plan::Health::valid : plan::Health::corrupt;
}

// As a module of this identity lies in its place, but for its end.
firmware::ModuleHeader header_of(ModuleId id, std::uint16_t version,
                                 const Dependencies& dependencies,
                                 const platform::Platform& platform) {
  firmware::ModuleHeader header;
  const base::AddressRange place = place_of(id, platform);
  header.start = place.begin;
  header.end = place.end;
  header.version = version;
  header.platform = platform.id;
  header.id = id;
  header.dependency1 = dependencies[0];
  header.dependency2 = dependencies[1];
  return header;
}

// Whoever names only a version has not read the bytes.
base::Result<plan::Seen> seen(plan::Health health, firmware::ModuleHeader header,
                              std::optional<std::uint32_t> end,
                              std::optional<std::uint32_t> crc32) {
  if (health == plan::Health::corrupt) return plan::Seen(plan::Corrupt{header, {}});
  if (!end || !crc32) {
    plan::Told told;
    told.version = header.version;
    told.dependencies = {header.dependency1, header.dependency2};
    return plan::Seen(std::move(told));
  }
  if (*end <= header.start || *end > header.end) {
    return bad(fmt::format("{} does not end in its sector", platform::describe(header.id)));
  }
  header.end = *end;
  return plan::Seen(plan::Read{header, plan::header_offset_of(header.id), *crc32});
}

base::Result<plan::InstalledModule> take_module(const Parsed& json,
                                                const platform::Platform& platform,
                                                const release::Catalogue& catalogue) {
  if (!json.is_object()) return bad("a module is no object");
  TRY_ASSIGN(const ModuleId id, identity(json, platform));
  TRY_ASSIGN(const plan::Health health, health_of(json));
  TRY_ASSIGN(const auto version, small_number(json, "version"));
  plan::InstalledModule module{.id = id};
  if (!version && health == plan::Health::valid) {
    return bad(fmt::format("{} has no \"version\"", platform::describe(id)));
  }
  if (health == plan::Health::blank) return module;
  if (!version) {
    module.seen = plan::Corrupt{};
    return module;
  }
  TRY_ASSIGN(const auto crc32, word(json, "crc32"));
  TRY_ASSIGN(const auto end, word(json, "end"));
  Dependencies dependencies = as_released(id, *version, platform, catalogue);
  // A module that is not whole is printed without any: that is not what its header says.
  const Parsed* list = field(json, "dependencies");
  if (list != nullptr && health == plan::Health::valid) {
    TRY_ASSIGN(dependencies, parse_dependencies(*list));
  }
  TRY_ASSIGN(module.seen,
             seen(health, header_of(id, *version, dependencies, platform), end, crc32));
  return module;
}

base::Result<> take_configuration(const Parsed& configuration, plan::InstalledState& state) {
  const Parsed* word = configuration.is_object() ? field(configuration, "state") : nullptr;
  if (word == nullptr) return bad("\"configuration\" has no \"state\"");
  for (const plan::Configuration known : {plan::Configuration::unknown, plan::Configuration::blank,
                                          plan::Configuration::programmed}) {
    if (*word != plan::name(known)) continue;
    state.configuration = known;
    return {};
  }
  return bad("\"configuration\" is not blank, programmed or unknown");
}

base::Result<> take_device(const Parsed& device, plan::InstalledState& state) {
  if (!device.is_object()) return bad("\"device\" is no object");
  TRY_ASSIGN(const auto bootloader, small_number(device, "bootloader_version"));
  if (bootloader) state.bootloader_version = bootloader;
  TRY_ASSIGN(const auto factory, truth(device, "factory_image"));
  if (factory) state.factory_image = factory;
  TRY_ASSIGN(const auto registered, truth(device, "factory_registered"));
  if (registered) state.factory_registered = registered;
  const Parsed* modem = field(device, "modem_firmware");
  if (modem != nullptr && modem->is_string()) state.modem_firmware = modem->get<std::string>();
  const Parsed* told = field(device, "system_version");
  release::Version version;
  if (told != nullptr && told->is_string() &&
      release::Version::parse(told->get_ref<const std::string&>(), version)) {
    state.told = version;
  }
  return {};
}

}  // namespace

base::Result<plan::InstalledState> parse_state_file(std::string_view json,
                                                    const platform::Platform& platform,
                                                    const release::Catalogue& catalogue) {
  const Parsed document = Parsed::parse(json, nullptr, false);
  if (document.is_discarded()) return bad("it is not JSON");
  if (!document.is_object()) return bad("it is no JSON object");
  if (const Parsed* schema = field(document, "schema"); schema != nullptr && *schema != 1) {
    return base::make_error(
        base::Errc::bad_file, "state-version",
        fmt::format("the state file is of schema {}, which this program does not know",
                    base::printable(schema->dump())),
        "use a newer electron-rescue, or read the device's state anew with "
        "`electron-rescue info --json`");
  }
  const Parsed* modules = field(document, "modules");
  if (modules == nullptr || !modules->is_array()) return bad("it has no list of \"modules\"");

  plan::InstalledState state;
  state.platform = &platform;
  for (const Parsed& item : *modules) {
    TRY_ASSIGN(plan::InstalledModule module, take_module(item, platform, catalogue));
    if (state.find(module.id) != nullptr) {
      return bad(fmt::format("{} is there twice", platform::describe(module.id)));
    }
    state.modules.push_back(std::move(module));
  }
  if (const auto* bootloader = state.valid(platform::kBootloader)) {
    state.bootloader_version = bootloader->version();
  }
  if (const Parsed* device = field(document, "device")) TRY(take_device(*device, state));
  if (const Parsed* configuration = field(document, "configuration")) {
    TRY(take_configuration(*configuration, state));
  }
  return state;
}

}  // namespace report
