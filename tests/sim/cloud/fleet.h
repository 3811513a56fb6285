// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A virtual cloud with a few devices, and a client that asks it by hand.

#include "sim/cloud/cloud.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sim::cloud::test {

using Json = nlohmann::json;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;

inline const std::string kDevice = "2b0036000a47333534000001";

// What happens to a device in a state that was there before is known: the tests are quick.
inline std::shared_ptr<Workshop> shared_workshop() {
  static const auto workshop = std::make_shared<Workshop>();
  return workshop;
}
inline const release::Library& no_files() {
  static const release::Library library;
  return library;
}

inline Options one(const std::string& release, const std::string& needs = "0.6.4") {
  auto options = make_fleet({release}, 1, needs);
  EXPECT_TRUE(options) << (options ? "" : options.error().message);
  return *options;
}

struct Fleet {
  explicit Fleet(Options options) {
    auto made = Cloud::make(std::move(options), no_files(), shared_workshop());
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    cloud = std::move(*made);
  }

  static Request request(const std::string& method, const std::string& target) {
    return {method, target, {{"authorization", "Bearer " + std::string(kUsualToken)}}, {}};
  }
  Answer get(const std::string& target) { return cloud->handle(request("GET", target)); }
  Answer put(const std::string& target, const std::string& json) {
    Request asked = request("PUT", target);
    asked.headers["content-type"] = "application/json";
    asked.body = json;
    return cloud->handle(asked);
  }
  static Request flash_request(const std::string& target, base::ByteView image,
                               const std::string& name = "part.bin") {
    Request asked = request("PUT", target);
    asked.headers["content-type"] = "multipart/form-data; boundary=xx";
    asked.body = "--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name +
                 "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + base::as_text(image) +
                 "\r\n--xx\r\nContent-Disposition: form-data; name=\"file_type\"\r\n\r\nbinary\r\n"
                 "--xx--\r\n";
    return asked;
  }
  Answer flash(std::uint16_t version, std::uint8_t index, const std::string& id = kDevice) {
    return cloud->handle(flash_request("/v1/devices/" + id, *cloud->part(version, index)));
  }
  // Everything that is to come within so long.
  void wait(base::Micros duration) { cloud->advance_to(cloud->now() + duration); }
  AirDevice& device(std::size_t number = 0) { return cloud->device(number); }

  // "NAME DATA" of every event since the last call, module lists shortened to versions of the
  // parts.
  std::vector<std::string> events() {
    std::vector<std::string> told;
    for (; seen < cloud->history().size(); ++seen) {
      const Event& event = cloud->history()[seen];
      std::string data = event.data;
      if (event.name == "spark/status/safe-mode") data = parts_in(data);
      told.push_back(event.name + " " + data);
    }
    return told;
  }
  static std::string parts_in(const std::string& data) {
    const Json json = Json::parse(data, nullptr, false);
    if (!json.is_object()) return "no module list";
    std::string text;
    for (const Json& module : json["m"]) {
      if (module.value("f", "") == "s") text += "/" + std::to_string(module["v"].get<int>());
    }
    return text;
  }
  std::string opened(const std::string& target) {
    const Answer answer = get(target);
    EXPECT_TRUE(answer.stream) << target << answer.status << answer.body;
    stream = answer.stream.value_or(0);
    return cloud->read(stream).bytes;
  }
  std::string heard() { return cloud->read(stream).bytes; }

  std::unique_ptr<Cloud> cloud;
  std::size_t seen = 0;
  std::uint32_t stream = 0;
};

using Indexes = std::initializer_list<std::uint8_t>;
using Told = std::vector<std::string>;

}  // namespace sim::cloud::test
