// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cloud/options.h"

#include "firmware/build.h"
#include "firmware/parse.h"
#include "release/catalogue.h"
#include "sim/world/json_members.h"
#include "sim/world/synthetic.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace sim::cloud {
namespace {

using base::Errc;
using Told = nlohmann::json;

constexpr std::uint16_t kAppVersion = 3;
constexpr std::uint32_t kAppSize = 10 * 1024;
constexpr std::uint32_t kAppSeed = 77;
constexpr std::uint64_t kMostSeconds = 7 * 24 * 3600;
constexpr std::size_t kMostDevices = 10'000;

base::Error bad_fleet(std::string message) {
  return base::make_error(Errc::bad_file, "bad-fleet", std::move(message),
                          "docs/electron-sim.md describes a fleet");
}

class Members final : public JsonMembers {
 public:
  Members(const Told& object, std::span<const std::string_view> known, std::string_view what)
      : JsonMembers(object, known, what, false, {&bad_fleet, "in the fleet"}) {}
  void seconds(std::string_view key, base::Micros& into) {
    std::uint64_t count = 0;
    if (find(key) == nullptr) return;
    number(key, kMostSeconds, count);
    into = std::chrono::seconds(count);
  }
};

const release::CatalogueRelease* release_of(std::string_view name) {
  release::Version version;
  if (!release::Version::parse(name, version)) return nullptr;
  const release::CatalogueRelease* about = release::Catalogue::embedded().find(version);
  return about != nullptr && about->module_version ? about : nullptr;
}

base::Error unknown_release(std::string_view name) {
  return base::make_error(
      Errc::usage, "unknown-release",
      fmt::format("there is no release {} to make a virtual Electron of", base::printable(name)),
      "use a release such as 0.6.4");
}

base::Result<std::vector<Failure>> failures_of(const Members& members, std::string_view key) {
  std::vector<Failure> failures;
  const Told* list = members.find(key);
  if (list == nullptr) return failures;
  if (!list->is_array()) return members.wrong(key, "a list of texts");
  for (const Told& entry : *list) {
    if (!entry.is_string()) return members.wrong(key, "a list of texts");
    auto failure = parse_failure(entry.get<std::string>());
    if (!failure) return bad_fleet(std::move(failure.error().message));
    failures.push_back(*failure);
  }
  return failures;
}

// {"1": "0.6.4", "3": "0.6.4"}: parts of other releases than the device's.
base::Result<> take_parts(const Members& members, ElectronSpec& electron) {
  const Told* parts = members.find("parts");
  if (parts == nullptr) return {};
  if (!parts->is_object()) return members.wrong("parts", "an object of index and release");
  for (const auto& [index, name] : parts->items()) {
    const auto* about = name.is_string() ? release_of(name.get<std::string>()) : nullptr;
    bool found = false;
    if (about != nullptr) {
      for (base::Bytes& part : synthesise_release(*about, platform::electron())) {
        const auto header = firmware::parse_header(part, nullptr);
        if (std::to_string(header->id.index) != index) continue;
        electron.modules.push_back(std::move(part));
        found = true;
      }
    }
    if (!found) return members.wrong("parts", "an object of index and release");
  }
  return {};
}

base::Result<DeviceOptions> parse_device(const Told& json, std::size_t number) {
  constexpr std::array<std::string_view, 17> kKeys{"id",
                                                   "name",
                                                   "release",
                                                   "parts",
                                                   "needs",
                                                   "state",
                                                   "product",
                                                   "owned",
                                                   "development",
                                                   "link",
                                                   "returns_after",
                                                   "quarantined",
                                                   "denied",
                                                   "updates_disabled",
                                                   "platform_id",
                                                   "attach_s",
                                                   "failures"};
  Members members(json, kKeys, "a device");
  DeviceOptions device;
  device.id = fmt::format("2b0036000a47333534{:06x}", number);
  std::string needs;
  std::string link;
  members.text("id", device.id);
  members.text("name", device.name);
  members.text("release", device.electron.release);
  members.text("needs", needs);
  members.text("link", link);
  members.number("product", UINT32_MAX, device.product);
  members.flag("owned", device.owned);
  members.flag("development", device.development);
  members.flag("quarantined", device.quarantined);
  members.flag("denied", device.denied);
  members.flag("updates_disabled", device.updates_disabled);
  members.number("platform_id", 65535, device.platform);
  members.seconds("attach_s", device.attach);
  if (members.find("returns_after") != nullptr) {
    members.seconds("returns_after", device.returns_after.emplace());
  }
  TRY(members.result());
  if (const Told* state = members.find("state")) {
    TRY_ASSIGN(device.electron, base::in_context(parse_spec(state->dump()), "device " + device.id));
  }
  const base::Bytes id = base::from_hex(device.id);
  if (id.size() != 12) return members.wrong("id", "24 hexadecimal digits");
  device.id = base::to_hex(id);
  if (!device.electron.release.empty() && release_of(device.electron.release) == nullptr) {
    return members.wrong("release", "a release such as \"0.6.4\"");
  }
  using Link = DeviceOptions::Link;
  if (link == "silent")
    device.link = Link::silent;
  else if (link == "offline")
    device.link = Link::offline;
  else if (!link.empty() && link != "up")
    return members.wrong("link", "up, silent or offline");
  TRY(take_parts(members, device.electron));
  if (!needs.empty()) {
    auto application = application_for(needs);
    if (!application) return members.wrong("needs", "a release such as \"0.6.4\"");
    device.electron.modules.push_back(std::move(*application));
  }
  TRY_ASSIGN(device.failures, failures_of(members, "failures"));
  return device;
}

base::Result<ProductOptions> parse_product(const Told& json) {
  constexpr std::array<std::string_view, 5> kKeys{"id", "slug", "name", "platform_id", "firmware"};
  Members members(json, kKeys, "a product");
  ProductOptions product;
  members.number("id", UINT32_MAX, product.id);
  members.text("slug", product.slug);
  members.text("name", product.name);
  members.number("platform_id", 65535, product.platform);
  members.flag("firmware", product.firmware);
  TRY(members.result());
  if (product.id == 0) return members.wrong("id", "a number of the product");
  return product;
}

base::Result<TokenOptions> parse_token(const Told& json) {
  constexpr std::array<std::string_view, 3> kKeys{"token", "scopes", "answers"};
  Members members(json, kKeys, "a token");
  TokenOptions token;
  members.text("token", token.token);
  if (members.find("answers") != nullptr) {
    members.number("answers", UINT32_MAX, token.answers.emplace());
  }
  TRY(members.result());
  if (const Told* scopes = members.find("scopes")) {
    const bool texts =
        scopes->is_array() &&
        std::all_of(scopes->begin(), scopes->end(), [](const Told& s) { return s.is_string(); });
    if (!texts) return members.wrong("scopes", "a list of texts");
    token.scopes = scopes->get<std::vector<std::string>>();
  }
  if (token.token.empty()) return members.wrong("token", "a text");
  return token;
}

// A list of objects, each read by `parse`.
template <class Item, class Parse>
base::Result<> take_list(const Members& members, std::string_view key, std::vector<Item>& into,
                         Parse parse) {
  const Told* list = members.find(key);
  if (list == nullptr) return {};
  if (!list->is_array() || list->size() > kMostDevices) return members.wrong(key, "a list");
  into.clear();
  for (const Told& entry : *list) {
    TRY_ASSIGN(Item item, parse(entry));
    into.push_back(std::move(item));
  }
  return {};
}

base::Result<> take_words(Members& members, Options& options) {
  std::string answers;
  members.text("answers", answers);
  members.number("offline_status", 599, options.offline_status);
  TRY(members.result());
  if (answers == "before-started")
    options.answers = Options::Answers::before_started;
  else if (!answers.empty() && answers != "with-started") {
    return members.wrong("answers", "before-started or with-started");
  }
  constexpr std::array<int, 3> kOffline{404, 408, 500};
  if (std::find(kOffline.begin(), kOffline.end(), options.offline_status) == kOffline.end()) {
    return members.wrong("offline_status", "404, 408 or 500");
  }
  if (options.page_size == 0) return members.wrong("page_size", "a number from 1 to 100");
  return {};
}

}  // namespace

base::Result<Options> parse_fleet(std::string_view text) {
  constexpr std::array<std::string_view, 18> kKeys{"devices",         "products",
                                                   "tokens",          "username",
                                                   "password",        "failures",
                                                   "healer",          "healer_delay_s",
                                                   "checks_modules",  "passes_ota_result",
                                                   "tells_safe_mode", "refusal_says_failed",
                                                   "answers",         "offline_status",
                                                   "limits_rates",    "page_size",
                                                   "keep_alive_s",    "comment"};
  const Told json = Told::parse(text, nullptr, false);
  if (json.is_discarded()) return bad_fleet("the fleet is not JSON");
  Members members(json, kKeys, "the fleet");
  Options options;
  members.text("username", options.username);
  members.text("password", options.password);
  members.flag("healer", options.healer);
  members.seconds("healer_delay_s", options.healer_delay);
  members.flag("checks_modules", options.checks_modules);
  members.flag("passes_ota_result", options.passes_ota_result);
  members.flag("tells_safe_mode", options.tells_safe_mode);
  members.flag("refusal_says_failed", options.refusal_says_failed);
  members.flag("limits_rates", options.limits_rates);
  members.number("page_size", 100, options.page_size);
  members.seconds("keep_alive_s", options.keep_alive);
  TRY(members.result());
  TRY(take_words(members, options));
  std::size_t number = 0;
  TRY(take_list(members, "devices", options.devices,
                [&](const Told& entry) { return parse_device(entry, ++number); }));
  TRY(take_list(members, "products", options.products, parse_product));
  TRY(take_list(members, "tokens", options.tokens, parse_token));
  TRY_ASSIGN(options.failures, failures_of(members, "failures"));
  return options;
}

base::Result<base::Bytes> application_for(std::string_view release) {
  const release::CatalogueRelease* about = release_of(release);
  if (about == nullptr) return unknown_release(release);
  firmware::BuildRequest request;
  request.id = platform::kUserPart;
  request.version = kAppVersion;
  request.size = kAppSize;
  request.seed = kAppSeed;
  request.dependency1 = {platform::kSystemPart2, *about->module_version};
  return firmware::build(request, platform::electron());
}

base::Result<Options> make_fleet(const std::vector<std::string>& releases, std::size_t count,
                                 std::string_view needs) {
  Options options;
  TRY_ASSIGN(const base::Bytes application, application_for(needs));
  for (std::size_t i = 0; i < count && !releases.empty(); ++i) {
    const std::string& release = releases[i % releases.size()];
    if (release_of(release) == nullptr) return unknown_release(release);
    DeviceOptions device;
    device.id = fmt::format("2b0036000a47333534{:06x}", i + 1);
    device.name = fmt::format("virtual-{}", i + 1);
    device.electron.release = release;
    device.electron.modules.push_back(application);
    options.devices.push_back(std::move(device));
  }
  return options;
}

}  // namespace sim::cloud
