// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What people bring, made for whole commands: files of each kind, virtual devices in each state.

#include "cli/release_folder.h"

#include <string>
#include <string_view>
#include <vector>

namespace cli_test {

using Words = std::vector<std::string>;

class Situations : public ReleaseFolder {
 protected:
  void SetUp() override {
    ReleaseFolder::SetUp();
    for (const char* release : {"0.6.4", "1.5.2", "2.3.1"}) put(release);
  }
  std::string file(const std::string& name, std::string_view content) {
    write(name, base::as_bytes(content));
    return base::join(folder_, name);
  }
  // A module of `version` that needs system part 2 of version `needs`, or nothing where that is 0.
  std::string module(const std::string& name, platform::ModuleId id, std::uint16_t version,
                     std::uint16_t needs = 0) {
    firmware::BuildRequest request;
    request.id = id;
    request.version = version;
    if (needs != 0) request.dependency1 = {platform::kSystemPart2, needs};
    request.size = 4096;
    write(name, firmware::build(request, platform::electron()));
    return base::join(folder_, name);
  }
  Words with_files(Words words) const {
    words.insert(words.end(), {"--firmware", folder_, "--allow-unknown"});
    return words;
  }
  Words plan(Words more) const {
    more.insert(more.begin(), "plan");
    return with_files(std::move(more));
  }
  Words flash(const std::string& device, const std::string& target, const Words& more = {}) const {
    Words words = with_files({"flash", "--device", device, "--target", target, "--no-backup"});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  // A virtual device's name, by its state.
  std::string state(const std::string& name, const std::string& json) {
    return "sim:" + file(name + ".json", json);
  }
};

}  // namespace cli_test
