// SPDX-License-Identifier: GPL-3.0-or-later
//
// ElectronSpec from JSON and from the text after "sim:".
#include "base/files.h"
#include "firmware/build.h"
#include "firmware/parse.h"
#include "release/catalogue.h"
#include "sim/bootloader/bootloader_profiles.h"
#include "sim/world/electron.h"
#include "sim/world/json_members.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace sim {
namespace {

using base::Errc;
using Json = nlohmann::json;

constexpr std::string_view kWhere = "in the state";
constexpr std::uint64_t kLargestState = std::uint64_t{4} * 1024 * 1024;
constexpr std::uint32_t kUsualSize = 100'000;
constexpr std::uint32_t kUsualMonolithicSize = 300U * 1024U;
constexpr std::uint32_t kUsualBootloaderSize = 15'664;

constexpr std::array<std::pair<std::string_view, ElectronSpec::Mode>, 5> kModes{{
    {"normal", ElectronSpec::Mode::normal},
    {"dfu", ElectronSpec::Mode::dfu},
    {"listening", ElectronSpec::Mode::listening},
    {"safe", ElectronSpec::Mode::safe},
    {"off", ElectronSpec::Mode::off},
}};

base::Error bad_state(std::string message) {
  return base::make_error(
      Errc::bad_file, "bad-state", std::move(message),
      "give what `electron-rescue info --json` prints, or write a state file as "
      "electron-sim(1) describes it");
}

base::Error wrong(std::string_view key, std::string_view wanted) {
  return bad_state(fmt::format("{}, \"{}\" must be {}", kWhere, key, wanted));
}

// What a program printed may tell more than is needed here; in what a person wrote an unknown key
// is a slip of the pen.
enum class Writer { person, program };

class Members final : public JsonMembers {
 public:
  Members(const Json& object, std::span<const std::string_view> known, std::string_view what,
          Writer writer)
      : JsonMembers(object, known, what, writer == Writer::program, {&bad_state, kWhere}) {}
};

base::Result<firmware::Dependency> parse_dependency(const Json& json, Writer writer) {
  constexpr std::array<std::string_view, 3> kKeys{"function", "index", "version"};
  Members members(json, kKeys, "a dependency", writer);
  std::string function;
  firmware::Dependency dependency;
  members.text("function", function);
  members.number("index", 255, dependency.module.index);
  members.number("version", 65535, dependency.version);
  TRY(members.result());
  dependency.module.function = platform::function_from_name(function);
  return dependency;
}

base::Result<std::vector<firmware::Dependency>> parse_dependencies(const Members& members,
                                                                   Writer writer) {
  std::vector<firmware::Dependency> needs;
  const Json* list = members.find("dependencies");
  if (list == nullptr) return needs;
  if (!list->is_array() || list->size() > 2) return wrong("dependencies", "a list of at most 2");
  for (const Json& entry : *list) {
    TRY_ASSIGN(const firmware::Dependency dependency, parse_dependency(entry, writer));
    needs.push_back(dependency);
  }
  return needs;
}

// A module as `info --json` prints it: read from its file, or made up.
// Empty: the place is blank.
base::Result<base::Bytes> parse_module(const Json& json, const platform::Platform& platform,
                                       Writer writer) {
  constexpr std::array<std::string_view, 19> kKeys{
      "file",   "function", "index",         "version",      "release", "platform", "address",
      "end",    "size",     "header_offset", "dependencies", "crc32",   "crc_ok",   "sha256",
      "may_be", "valid",    "catalogue",     "problems",     "health"};
  Members members(json, kKeys, "a module", writer);
  std::string file;
  std::string function = "system-part";
  std::string health;
  bool valid = true;
  bool crc_ok = true;
  firmware::BuildRequest request;
  request.size = kUsualSize;
  members.text("file", file);
  members.text("function", function);
  members.text("health", health);
  members.flag("valid", valid);
  members.flag("crc_ok", crc_ok);
  members.number("index", 255, request.id.index);
  members.number("version", 65535, request.version);
  request.id.function = platform::function_from_name(function);
  if (request.id == platform::kBootloader) request.size = kUsualBootloaderSize;
  const platform::Slot* slot = platform.slot(request.id);
  const bool monolithic = request.id.function == platform::ModuleFunction::monolithic;
  if (monolithic) request.size = kUsualMonolithicSize;
  members.number("size",
                 monolithic        ? kUsualMonolithicSize
                 : slot != nullptr ? slot->flash.size()
                                   : 0,
                 request.size);
  if (slot == nullptr && !monolithic && file.empty()) {
    members.fail(bad_state("the device has no place for one of the modules"));
  }
  TRY(members.result());
  if (health == "blank") return base::Bytes();
  if (!file.empty()) return base::read_file(file, firmware::kLargestFile);
  TRY_ASSIGN(const auto needs, parse_dependencies(members, writer));
  if (!needs.empty()) request.dependency1 = needs[0];
  if (needs.size() > 1) request.dependency2 = needs[1];
  request.seed = request.version * 8U + request.id.index;
  base::Bytes image = firmware::build(request, platform);
  if (!crc_ok || !valid) image.back() = static_cast<std::uint8_t>(image.back() ^ 0xFFU);
  return image;
}
base::Result<> parse_modules(const Json& list, Writer writer, ElectronSpec& spec) {
  if (!list.is_array()) return wrong("modules", "a list");
  for (const Json& entry : list) {
    TRY_ASSIGN(base::Bytes image, parse_module(entry, *spec.firmware.platform, writer));
    if (image.empty()) continue;
    const auto header = firmware::parse_header(image, nullptr);
    if (header && header->id == platform::kBootloader && spec.bootloader.empty()) {
      spec.bootloader = std::string(bootloader_profile(header->version).name);
    }
    spec.modules.push_back(std::move(image));
  }
  spec.user_app = false;  // the list says what is there
  return {};
}

base::Result<> parse_faults_list(const Json& list, ElectronSpec& spec) {
  if (!list.is_array()) return wrong("faults", "a list of texts");
  for (const Json& entry : list) {
    if (!entry.is_string()) return wrong("faults", "a list of texts");
    auto faults = parse_faults(entry.get<std::string>());
    if (!faults) return bad_state(std::move(faults.error().message));
    spec.faults.insert(spec.faults.end(), faults->begin(), faults->end());
  }
  return {};
}

base::Result<> take_id(const std::string& text, ElectronSpec& spec) {
  if (text.empty()) return {};
  const base::Bytes bytes = base::from_hex(text);
  UniqueId id{};
  if (bytes.size() != id.size()) return wrong("id", "24 hexadecimal digits");
  std::copy(bytes.begin(), bytes.end(), id.begin());
  spec.unique_id = id;
  return {};
}

base::Result<> take_mode(const std::string& text, ElectronSpec& spec) {
  if (text.empty()) return {};
  const auto found = std::find_if(kModes.begin(), kModes.end(),
                                  [&](const auto& mode) { return mode.first == text; });
  if (found == kModes.end()) return wrong("mode", "normal, dfu, listening, safe or off");
  spec.mode = found->second;
  return {};
}

// The device as `info --json` prints it.
base::Result<> parse_device(const Json& json, Writer writer, ElectronSpec& spec) {
  constexpr std::array<std::string_view, 14> kKeys{
      "id",      "mode",           "port",          "bootloader_version", "generation",
      "imei",    "iccid",          "claimed",       "serial_port",        "system_version",
      "problem", "modem_firmware", "factory_image", "factory_registered"};
  Members members(json, kKeys, "\"device\"", writer);
  std::string id;
  std::string mode;
  members.text("id", id);
  members.text("mode", mode);
  members.text("imei", spec.firmware.imei);
  members.text("iccid", spec.firmware.iccid);
  members.text("system_version", spec.firmware.made_of);
  members.flag("claimed", spec.firmware.claimed);
  members.flag("factory_image", spec.factory_image);
  members.flag("factory_registered", spec.factory_registered);
  members.text("modem_firmware", spec.firmware.modem_firmware);
  std::uint16_t bootloader = 0;
  members.number("bootloader_version", 65535, bootloader);
  TRY(members.result());
  if (bootloader != 0 && spec.bootloader.empty()) {
    spec.bootloader = std::string(bootloader_profile(bootloader).name);
  }
  TRY(take_id(id, spec));
  // There the names of modes are those of discovery: what is no DFU or listening mode runs.
  return take_mode(mode == "dfu" || mode == "listening" ? mode : std::string(), spec);
}

// Names in a file that name nothing are the file's fault, and said before a device is made of it.
base::Result<> check_names(const ElectronSpec& spec) {
  release::Version version;
  if (!spec.release.empty()) {
    const release::CatalogueRelease* about = release::Version::parse(spec.release, version)
                                                 ? release::Catalogue::embedded().find(version)
                                                 : nullptr;
    if (about == nullptr || !about->module_version) {
      return wrong("release", "a release such as \"0.6.4\"");
    }
  }
  if (spec.bootloader.empty() || find_bootloader_profile(spec.bootloader) != nullptr) return {};
  return wrong("bootloader", "a bootloader version such as \"11\"");
}

// 1 is the only one there is; a person need not write it.
base::Result<Writer> writer_of(const Json& json) {
  const auto schema = json.is_object() ? json.find("schema") : json.end();
  if (schema == json.end()) return Writer::person;
  if (*schema == 1) return Writer::program;
  return base::make_error(Errc::bad_file, "state-version",
                          fmt::format("the state file is of schema {}, which this program does not "
                                      "know",
                                      base::printable(schema->dump())),
                          "use a newer electron-rescue, or read the device's state anew with "
                          "`electron-rescue info --json`");
}

}  // namespace

base::Result<ElectronSpec> parse_spec(std::string_view text) {
  constexpr std::array<std::string_view, 24> kKeys{
      "release",   "modules",  "bootloader",    "id",
      "mode",      "user_app", "factory",       "factory_registered",
      "faults",    "seed",     "flash",         "imei",
      "iccid",     "sim_card", "network",       "claimed",
      "schema",    "ok",       "device",        "verdict",
      "dfu_touch", "keys",     "configuration", "modem_firmware"};
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return bad_state("the state is not JSON");
  TRY_ASSIGN(const Writer writer, writer_of(json));
  Members members(json, kKeys, "the state", writer);
  ElectronSpec spec;
  std::string id;
  std::string mode;
  members.text("release", spec.release);
  members.text("bootloader", spec.bootloader);
  members.text("id", id);
  members.text("mode", mode);
  members.flag("user_app", spec.user_app);
  members.flag("factory", spec.factory_image);
  members.flag("factory_registered", spec.factory_registered);
  members.number("seed", UINT64_MAX, spec.seed);
  members.text("flash", spec.flash_image);
  members.text("imei", spec.firmware.imei);
  members.text("iccid", spec.firmware.iccid);
  members.flag("sim_card", spec.firmware.sim_card);
  members.flag("network", spec.firmware.network);
  members.flag("claimed", spec.firmware.claimed);
  members.flag("dfu_touch", spec.firmware.dfu_touch);
  members.flag("keys", spec.keys);
  members.text("modem_firmware", spec.firmware.modem_firmware);
  TRY(members.result());
  if (const Json* configuration = members.find("configuration")) {
    spec.keys = !configuration->is_object() || configuration->value("state", Json()) != "blank";
  }
  if (const Json* device = members.find("device")) TRY(parse_device(*device, writer, spec));
  TRY(take_id(id, spec));
  TRY(take_mode(mode, spec));
  const bool says_user_app = members.find("user_app") != nullptr;
  const bool user_app = spec.user_app;
  if (const Json* modules = members.find("modules")) TRY(parse_modules(*modules, writer, spec));
  if (says_user_app) spec.user_app = user_app;
  if (const Json* faults = members.find("faults")) TRY(parse_faults_list(*faults, spec));
  TRY(check_names(spec));
  return spec;
}

base::Result<ElectronSpec> parse_state(std::string_view state) {
  ElectronSpec spec;
  const std::string name(state);
  if (name == "blank") {
    spec.user_app = false;
    return spec;
  }
  if (name.ends_with(".json") || base::exists(name)) {
    auto content = base::read_file(name, kLargestState);
    if (!content) {
      if (content.error().hint.empty()) {
        content.error().hint = "name a release as in sim:0.6.4, sim:blank, or a state file";
      }
      return std::move(content.error());
    }
    return base::in_context(parse_spec(base::as_text(*content)), base::printable(name));
  }
  spec.release = name;
  return spec;
}

}  // namespace sim
