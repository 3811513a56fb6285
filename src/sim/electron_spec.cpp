// SPDX-License-Identifier: GPL-3.0-or-later
//
// ElectronSpec from JSON and from the text after "sim:".
#include "base/files.h"
#include "firmware/build.h"
#include "firmware/parse.h"
#include "sim/bootloader_profiles.h"
#include "sim/electron.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace sim {
namespace {

using base::Errc;
using Json = nlohmann::json;

constexpr std::uint64_t kLargestState = std::uint64_t{4} * 1024 * 1024;
constexpr std::uint32_t kUsualSize = 100'000;
constexpr std::uint32_t kUsualBootloaderSize = 15'664;

constexpr std::array<std::pair<std::string_view, ElectronSpec::Mode>, 5> kModes{{
    {"normal", ElectronSpec::Mode::normal},
    {"dfu", ElectronSpec::Mode::dfu},
    {"listening", ElectronSpec::Mode::listening},
    {"safe", ElectronSpec::Mode::safe},
    {"off", ElectronSpec::Mode::off},
}};

base::Error bad_state(std::string message) {
  return base::make_error(Errc::usage, "bad-state", std::move(message),
                          "docs/electron-sim.md describes the state file");
}

base::Error wrong(std::string_view key, std::string_view wanted) {
  return bad_state(fmt::format("in the state, \"{}\" must be {}", key, wanted));
}

// Reads typed members of one object; the first thing that is wrong is kept.
class Members {
 public:
  Members(const Json& object, std::span<const std::string_view> known, std::string_view what) {
    if (!object.is_object()) {
      error_ = bad_state(fmt::format("{} must be a JSON object", what));
      return;
    }
    object_ = &object;
    for (const auto& [key, value] : object.items()) {
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        error_ = bad_state(fmt::format("{} has an unknown key \"{}\"", what, base::printable(key)));
        return;
      }
    }
  }

  const Json* find(std::string_view key) const {
    if (object_ == nullptr) return nullptr;
    const auto found = object_->find(key);
    return found == object_->end() || found->is_null() ? nullptr : &*found;
  }
  void text(std::string_view key, std::string& into) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_string()) return fail(wrong(key, "a text"));
    into = value->get<std::string>();
  }
  void flag(std::string_view key, bool& into) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_boolean()) return fail(wrong(key, "true or false"));
    into = value->get<bool>();
  }
  template <class Number>
  void number(std::string_view key, std::uint64_t most, Number& into) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_number_unsigned() || value->get<std::uint64_t>() > most) {
      return fail(wrong(key, fmt::format("a number from 0 to {}", most)));
    }
    into = static_cast<Number>(value->get<std::uint64_t>());
  }
  void fail(base::Error error) {
    if (!error_) error_ = std::move(error);
  }
  base::Result<> result() const {
    if (error_) return *error_;
    return {};
  }

 private:
  const Json* object_ = nullptr;
  std::optional<base::Error> error_;
};

base::Result<firmware::Dependency> parse_dependency(const Json& json) {
  constexpr std::array<std::string_view, 3> kKeys{"function", "index", "version"};
  Members members(json, kKeys, "a dependency");
  std::string function;
  firmware::Dependency dependency;
  members.text("function", function);
  members.number("index", 255, dependency.module.index);
  members.number("version", 65535, dependency.version);
  TRY(members.result());
  dependency.module.function = platform::function_from_name(function);
  return dependency;
}

// A module as `info --json` prints it: read from its file, or made up.
base::Result<base::Bytes> parse_module(const Json& json, const platform::Platform& platform) {
  constexpr std::array<std::string_view, 17> kKeys{
      "file",    "function", "index",     "version",       "release",      "platform",
      "address", "end",      "size",      "header_offset", "dependencies", "crc32",
      "crc_ok",  "sha256",   "catalogue", "valid",         "problems"};
  Members members(json, kKeys, "a module");
  std::string file;
  std::string function = "system-part";
  bool crc_ok = true;
  firmware::BuildRequest request;
  request.size = kUsualSize;
  members.text("file", file);
  members.text("function", function);
  members.flag("crc_ok", crc_ok);
  members.number("index", 255, request.id.index);
  members.number("version", 65535, request.version);
  request.id.function = platform::function_from_name(function);
  if (request.id == platform::kBootloader) request.size = kUsualBootloaderSize;
  const platform::Slot* slot = platform.slot(request.id);
  members.number("size", slot != nullptr ? slot->flash.size() : 0, request.size);
  if (slot == nullptr && file.empty()) {
    members.fail(bad_state("the device has no place for one of the modules"));
  }
  TRY(members.result());
  if (!file.empty()) return base::read_file(file, firmware::kLargestFile);

  std::vector<firmware::Dependency> needs;
  if (const Json* list = members.find("dependencies")) {
    if (!list->is_array() || list->size() > 2) return wrong("dependencies", "a list of at most 2");
    for (const Json& entry : *list) {
      TRY_ASSIGN(const firmware::Dependency dependency, parse_dependency(entry));
      needs.push_back(dependency);
    }
  }
  if (!needs.empty()) request.dependency1 = needs[0];
  if (needs.size() > 1) request.dependency2 = needs[1];
  request.seed = request.version * 8U + request.id.index;
  base::Bytes image = firmware::build(request, platform);
  if (!crc_ok) image.back() = static_cast<std::uint8_t>(image.back() ^ 0xFFU);
  return image;
}

base::Result<> parse_modules(const Json& list, ElectronSpec& spec) {
  if (!list.is_array()) return wrong("modules", "a list");
  for (const Json& entry : list) {
    TRY_ASSIGN(base::Bytes image, parse_module(entry, *spec.firmware.platform));
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
    TRY_ASSIGN(auto faults, parse_faults(entry.get<std::string>()));
    spec.faults.insert(spec.faults.end(), faults.begin(), faults.end());
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
base::Result<> parse_device(const Json& json, ElectronSpec& spec) {
  constexpr std::array<std::string_view, 6> kKeys{"id",   "mode", "port", "bootloader_version",
                                                  "imei", "iccid"};
  Members members(json, kKeys, "\"device\"");
  std::string id;
  std::string mode;
  members.text("id", id);
  members.text("mode", mode);
  members.text("imei", spec.firmware.imei);
  members.text("iccid", spec.firmware.iccid);
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

}  // namespace

base::Result<ElectronSpec> parse_spec(std::string_view text) {
  constexpr std::array<std::string_view, 21> kKeys{
      "release",  "modules",  "bootloader", "id",
      "mode",     "user_app", "factory",    "factory_registered",
      "faults",   "seed",     "flash",      "imei",
      "iccid",    "sim_card", "network",    "claimed",
      "schema",   "ok",       "device",     "verdict",
      "dfu_touch"};
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return bad_state("the state is not JSON");
  Members members(json, kKeys, "the state");
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
  TRY(members.result());
  if (const Json* device = members.find("device")) TRY(parse_device(*device, spec));
  TRY(take_id(id, spec));
  TRY(take_mode(mode, spec));
  const bool says_user_app = members.find("user_app") != nullptr;
  const bool user_app = spec.user_app;
  if (const Json* modules = members.find("modules")) TRY(parse_modules(*modules, spec));
  if (says_user_app) spec.user_app = user_app;
  if (const Json* faults = members.find("faults")) TRY(parse_faults_list(*faults, spec));
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
    TRY_ASSIGN(const base::Bytes content, base::read_file(name, kLargestState));
    return base::in_context(parse_spec(base::as_text(content)), name);
  }
  spec.release = name;
  return spec;
}

}  // namespace sim
