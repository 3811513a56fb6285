// SPDX-License-Identifier: GPL-3.0-or-later
//
// Reading devices, and writing to them.
#include "sim/cloud/api.h"
#include "sim/cloud/bodies.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace sim::cloud {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using Json = nlohmann::ordered_json;

constexpr base::Micros kQuick = 200ms;
constexpr base::Micros kPingWaits = 15s;
constexpr unsigned kMostPerPage = 100;
constexpr std::size_t kSmallestFile = 64;  // header, suffix, CRC

std::optional<unsigned> number(const Fields& fields, const std::string& name) {
  const auto found = fields.find(name);
  if (found == fields.end()) return std::nullopt;
  unsigned value = 0;
  const char* end = found->second.data() + found->second.size();
  const auto [at, error] = std::from_chars(found->second.data(), end, value);
  return error == std::errc() && at == end ? std::optional(value) : std::nullopt;
}

std::string text(const Fields& fields, const std::string& name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string() : found->second;
}

// The members that are true or false, out of a form or a JSON object.
std::optional<Fields> attributes(const Request& request) {
  const auto type = request.headers.find("content-type");
  if (type == request.headers.end() || !type->second.starts_with("application/json")) {
    return parse_form(request.body);
  }
  const Json json = Json::parse(request.body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  Fields fields;
  for (const auto& [key, value] : json.items()) {
    if (value.is_boolean()) fields[key] = value.get<bool>() ? "true" : "false";
    if (value.is_string()) fields[key] = value.get<std::string>();
    if (value.is_number()) fields[key] = value.dump();
  }
  return fields;
}

Json device_json(const Cloud& cloud, const AirDevice& device, bool of_product, bool in_list) {
  Json json;
  const bool online = device.believed_online();
  const bool safe = device.told_safe_mode();
  json["id"] = device.id();
  json["name"] = device.options().name.empty() ? Json(nullptr) : Json(device.options().name);
  if (of_product)
    json["owner"] = device.options().owned ? Json("owner@example.com") : Json(nullptr);
  json["last_ip_address"] = "198.51.100.7";
  json["last_heard"] = cloud.iso(device.last_heard());
  json["last_handshake_at"] = cloud.iso(device.last_handshake());
  json["product_id"] = device.product();
  json["platform_id"] = device.options().platform;
  // Lists of products know `online` only.
  json["online"] = online;
  if (!of_product) json["connected"] = online;
  json["cellular"] = true;
  json["status"] = safe && cloud.options().tells_safe_mode ? "safe-mode" : "normal";
  json["serial_number"] = "";
  json["notes"] = nullptr;
  json["iccid"] = device.iccid();
  json["last_iccid"] = device.iccid();
  json["imei"] = device.imei();
  json["system_firmware_version"] = device.told_version();
  json["current_build_target"] = device.told_version();
  json["default_build_target"] = "2.3.1";
  if (device.knows_forcing()) {
    json["firmware_updates_enabled"] = !device.options().updates_disabled || safe;
    json["firmware_updates_forced"] = device.updates_forced();
  }
  if (of_product) {
    json["firmware_product_id"] = device.product();
    json["firmware_version"] = 1;
    json["desired_firmware_version"] = nullptr;
    json["targeted_firmware_release_version"] = nullptr;
    json["development"] = device.development();
    json["quarantined"] = device.quarantined();
    json["denied"] = device.options().denied;
    json["groups"] = Json::array();
  }
  if (!in_list) {
    json["functions"] = online ? Json::array() : Json(nullptr);
    json["variables"] = online ? Json::object() : Json(nullptr);
  }
  return json;
}

std::vector<const AirDevice*> page_of(std::vector<const AirDevice*> devices, unsigned page,
                                      unsigned size) {
  const std::size_t from = std::min<std::size_t>(devices.size(), std::size_t{page - 1} * size);
  const std::size_t to = std::min<std::size_t>(devices.size(), from + size);
  return {devices.begin() + static_cast<std::ptrdiff_t>(from),
          devices.begin() + static_cast<std::ptrdiff_t>(to)};
}

}  // namespace

Answer Api::list_own() const {
  Json list = Json::array();
  for (std::size_t i = 0; i < cloud_.size(); ++i) {
    const AirDevice& device = cloud_.device(i);
    if (device.options().owned) list.push_back(device_json(cloud_, device, false, true));
  }
  Answer answer = json_answer(200, list.dump());
  answer.after = kQuick;
  return answer;
}

Answer Api::list_product(const ProductOptions& product, const Fields& query) const {
  std::vector<const AirDevice*> devices;
  const std::string name = text(query, "deviceName");
  const std::string id = text(query, "deviceId");
  for (std::size_t i = 0; i < cloud_.size(); ++i) {
    const AirDevice& device = cloud_.device(i);
    if (device.product() != product.id) continue;
    if (device.options().name.find(name) == std::string::npos) continue;
    if (device.id().find(id) == std::string::npos) continue;
    devices.push_back(&device);
  }
  const std::string sort = text(query, "sortAttr");
  const bool descending = text(query, "sortDir") == "desc";
  std::stable_sort(devices.begin(), devices.end(), [&](const auto* a, const auto* b) {
    if (descending) std::swap(a, b);
    if (sort == "deviceId") return a->id() < b->id();
    if (sort == "deviceName") return a->options().name < b->options().name;
    // The usual order moves while devices come and go.
    return sort.empty() != descending ? a->last_handshake() > b->last_handshake()
                                      : a->last_handshake() < b->last_handshake();
  });
  const unsigned usual = cloud_.options().page_size;
  const unsigned size =
      std::clamp(number(query, "perPage").value_or(number(query, "per_page").value_or(usual)), 1U,
                 kMostPerPage);
  const unsigned page = std::max(1U, number(query, "page").value_or(1));
  const std::size_t pages = std::max<std::size_t>(1, (devices.size() + size - 1) / size);
  Json json;
  json["devices"] = Json::array();
  for (const AirDevice* device : page_of(devices, page, size)) {
    json["devices"].push_back(device_json(cloud_, *device, true, true));
  }
  json["customers"] = Json::array();
  json["meta"] = {{"total_pages", pages}};
  Answer answer = json_answer(200, json.dump());
  answer.after = kQuick;
  return answer;
}

Answer Api::describe_product(const ProductOptions& product) const {
  Json about;
  about["id"] = product.id;
  about["platform_id"] = product.platform;
  about["name"] = product.name;
  about["slug"] = product.slug;
  about["description"] = "";
  about["type"] = "Consumer";
  Answer answer = json_answer(200, Json{{"product", about}}.dump());
  answer.after = kQuick;
  return answer;
}

Answer Api::approve(const Request& request, const ProductOptions& product) {
  const auto fields = attributes(request);
  AirDevice* device = fields ? cloud_.find(text(*fields, "id")) : nullptr;
  if (device == nullptr) return not_in_product();
  device->move_to(product.id);
  device->approve();
  return json_answer(200, R"({"updated":1,"invalidDeviceIds":[]})");
}

Answer Api::get_device(const AirDevice& device, bool of_product) const {
  Answer answer = json_answer(200, device_json(cloud_, device, of_product, false).dump());
  answer.after = kQuick;
  return answer;
}

Answer Api::ping(AirDevice& device) const {
  const bool answers = device.reachable();
  if (answers) device.touched();
  Answer answer = json_answer(200, fmt::format(R"({{"online":{},"ok":{}}})", answers, answers));
  answer.after = answers ? base::Micros(2s) : kPingWaits;
  return answer;
}

Answer Api::put_device(const Question& question, AirDevice& device) {
  if (question.counted != Counted::flash) {
    const auto fields = attributes(question.request);
    return fields ? put_attributes(device, *fields) : nothing_to_do();
  }
  const auto parts =
      parse_multipart(question.request.headers.at("content-type"), question.request.body);
  if (!parts) return nothing_to_do();
  const FormPart* file = nullptr;
  Fields fields;
  for (const FormPart& part : *parts) {
    const bool named = part.name == "file" || part.name == "file1";
    if (part.file_name && named && file == nullptr) file = &part;
    if (!part.file_name) fields[part.name] = part.body;
  }
  if (file == nullptr) return put_attributes(device, fields);
  // Without the ending it is source text, which does not compile.
  const std::string wanted = text(fields, "file_type");
  if (!file->file_name->ends_with(".bin") || (!wanted.empty() && wanted != "binary")) {
    return json_answer(200,
                       R"({"ok":false,"errors":["Compile failed: make: *** [main] Error 1"]})");
  }
  return flash(device, file->body);
}

Answer Api::put_attributes(AirDevice& device, const Fields& fields) {
  Json json{{"id", device.id()}};
  bool changed = false;
  if (const auto found = fields.find("development"); found != fields.end()) {
    device.set_development(found->second == "true");
    json["development"] = device.development();
    changed = true;
  }
  if (const auto found = fields.find("firmware_updates_forced"); found != fields.end()) {
    if (device.knows_forcing()) device.force_updates(found->second == "true");
    json["firmware_updates_forced"] = device.updates_forced();
    changed = true;
  }
  if (!changed) return nothing_to_do();
  json["updated_at"] = cloud_.iso(cloud_.now());
  Answer answer = json_answer(200, json.dump());
  answer.after = kQuick;
  return answer;
}

// The answer comes when the device has answered UpdateReady.
Answer Api::flash(AirDevice& device, const std::string& file) {
  const Options& options = cloud_.options();
  const platform::Platform& platform = platform::electron();
  if (file.size() > platform.staging.size()) {
    return flash_answer(device.id(), "Update failed - File was too big!");
  }
  if (file.size() < kSmallestFile) {
    return flash_answer(device.id(), "Update failed - File was too small!");
  }
  if (device.quarantined() || device.options().denied) return not_yours();
  if (!device.believed_online()) return offline(options.offline_status);
  if (!device.reachable()) return timed_out();
  auto image = std::make_shared<const base::Bytes>(file.begin(), file.end());
  if (options.checks_modules &&
      !cloud_.workshop().deliver(device.start(), *image).judgement.accepted()) {
    return flash_answer(device.id(), "Flash requires modules not present on device");
  }
  switch (device.begin_update(image)) {
    case AirDevice::Begin::locked:
      return flash_answer(device.id(),
                          "Update failed - This core is locked during the flashing process.");
    case AirDevice::Begin::declined:
      return flash_answer(device.id(), "Update failed - updates are disabled on the device");
    case AirDevice::Begin::started:
    case AirDevice::Begin::silent:
      break;
  }
  ++cloud_.ledger_.flashes;
  cloud_.flashed_by_hand_[&device] = true;
  Answer answer = flash_answer(device.id(), "Update started");
  answer.after = options.answers == Options::Answers::before_started ? kQuick : AirDevice::kBegin;
  return answer;
}

}  // namespace sim::cloud
