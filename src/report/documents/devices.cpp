// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/documents/devices.h"

#include "report/device_text.h"
#include "report/document.h"

#include <nlohmann/json.hpp>

namespace report {
namespace {

using Json = nlohmann::ordered_json;

Json array_of(const std::vector<discovery::Device>& devices) {
  Json array = Json::array();
  for (const discovery::Device& device : devices) array.push_back(device_json(device));
  return array;
}

}  // namespace

Json devices_document(const std::vector<discovery::Device>& devices) {
  Json json = document();
  json["devices"] = array_of(devices);
  return json;
}

Json device_document(const discovery::Device& device) {
  Json json = document();
  json["device"] = device_json(device);
  return json;
}

Json watch_document(std::string_view event, const discovery::Device& device) {
  Json json = document();
  json["event"] = event;
  json.update(device_json(device));
  return json;
}

void add_candidates(Json& document, const std::vector<discovery::Device>& devices) {
  document["error"]["devices"] = array_of(devices);
}

}  // namespace report
