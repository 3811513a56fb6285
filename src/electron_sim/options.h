// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What electron-sim can be told on its command line.

#include "base/result.h"
#include "release/release_set.h"
#include "sim/cloud/options.h"
#include "sim/world/electron.h"

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace electron_sim {

struct SimOptions {
  std::string state = "2.3.1";
  std::string mode = "normal";
  std::string bootloader;
  std::vector<std::string> ids;
  int boards = 1;
  bool spread = false;
  std::uint64_t seed = 1;
  std::vector<std::string> firmware;
  std::string flash_in;
  std::string flash_out;
  std::vector<std::string> faults;
  std::string time = "real";
  std::string timing = "typical";
  std::string log_file;
  bool no_attach = false;
  std::string usbip;
  bool gadget = false;
  std::vector<std::string> synthesise;
  std::string out = "firmware";
  // --- the virtual cloud ---
  bool cloud = false;
  std::string listen = "127.0.0.1:8090";
  std::string fleet;
  std::size_t devices = 3;
  std::vector<std::string> releases{"0.5.3", "0.6.2", "1.5.2"};
  std::string needs = "2.3.1";
  std::vector<std::string> failures;
  std::string token;
  int speed = 1;
};

void add_sim_options(CLI::App& app, SimOptions& options);

// Released files where they are at hand. Errors: bad_file, bad_module.
base::Result<release::Library> files_at_hand(const SimOptions& options);

// What the cloud is made of. Errors: usage, bad_file.
base::Result<sim::cloud::Options> specify_cloud(const SimOptions& options);

// One specification a board. Errors: usage, bad_file.
base::Result<std::vector<sim::ElectronSpec>> specify(const SimOptions& options);

}  // namespace electron_sim
