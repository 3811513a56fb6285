// SPDX-License-Identifier: GPL-3.0-or-later
//
// What one command prints of a device, another one takes.

#include "cli/release_folder.h"

#include <gtest/gtest.h>

namespace cli_test {
namespace {

using Json = nlohmann::ordered_json;

class StateFile : public ReleaseFolder {
 protected:
  Outcome info(const std::string& device) {
    return bench_.run({"info", "--json", "--progress", "none", "--device", device});
  }
  std::string keep(std::string_view text) {
    const std::string file = path(fmt::format("state{}.json", written_.size()));
    EXPECT_TRUE(base::write_file(file, base::as_bytes(text), base::Privacy::normal));
    return file;
  }
};

// (function, index, version, health) of every module.
Json outline(const Json& info) {
  Json modules = Json::array();
  for (const Json& module : info["modules"]) {
    modules.push_back({module["function"], module["index"], module["version"], module["health"]});
  }
  return modules;
}

TEST_F(StateFile, AVirtualDeviceIsWhatInfoToldOfAnother) {
  for (const char* device : {"sim:0.6.4", "sim:1.5.0", "sim:2.3.1", "sim:blank"}) {
    const Outcome first = info(device);
    ASSERT_EQ(first.code, 0) << first.out;
    const Outcome second = info("sim:" + keep(first.out));
    ASSERT_EQ(second.code, 0) << device << second.out;
    const Json before = first.json();
    const Json after = second.json();
    EXPECT_EQ(outline(after), outline(before)) << device;
    EXPECT_EQ(after["device"]["id"], before["device"]["id"]);
    EXPECT_EQ(after["device"]["mode"], before["device"]["mode"]);
    EXPECT_EQ(after["verdict"]["state"], before["verdict"]["state"]);
  }
}

TEST_F(StateFile, ABrokenOneIsAnInvalidFileWhereverItIsNamed) {
  put("0.6.4");
  for (const char* text : {"{", R"({"schema": 99, "modules": []})", R"({"modules": 7})"}) {
    const std::string file = keep(text);
    const Outcome planned =
        bench_.run({"plan", "--state", file, "--target", "0.6.4", "--firmware", folder_, "--json"});
    EXPECT_EQ(planned.code, 4) << text;
    EXPECT_NE(planned.json()["error"]["hint"], "") << text;
    const Outcome made = info("sim:" + file);
    EXPECT_EQ(made.code, 4) << text;
    EXPECT_NE(made.json()["error"]["hint"], "") << text;
  }
  const Outcome unreadable = info("sim:/nowhere/state.json");
  EXPECT_EQ(unreadable.code, 4);
  EXPECT_NE(unreadable.json()["error"]["hint"], "");
}

}  // namespace
}  // namespace cli_test
