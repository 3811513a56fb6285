// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the commands below `ota` have in common: which cloud, whose token, which devices.

#include "cli/context.h"
#include "cloud/account.h"
#include "net/wire.h"
#include "ota/record.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

struct CloudOptions {
  std::string api;
  std::string token_file;
  std::string product;
  std::string list;  // a file of device ids
  std::vector<std::string> devices;
};
// `many`: DEVICE may be given several times, and --list.
void add_cloud_options(CLI::App& command, CloudOptions& options, bool many);

// The cloud that --api names: a real one, or a virtual one in virtual time, which lives as long as
// this does.
class CloudAccess {
 public:
  // Errors: usage, access_denied (id "no-token", "bad-token"), bad_file; unsupported where this
  // program has no network.
  static base::Result<std::unique_ptr<CloudAccess>> open(Context& context,
                                                         const CloudOptions& options,
                                                         const release::Library& library);
  virtual ~CloudAccess() = default;
  virtual net::Wire& wire() = 0;
  virtual base::Clock& clock() = 0;
  virtual ota::Records& records() = 0;
  const cloud::Account& account() const { return *account_; }
  // In order, lower case, each once; none: all of the product, or of a virtual cloud all it has.
  const std::vector<std::string>& devices() const { return devices_; }

 protected:
  std::optional<cloud::Account> account_;
  std::vector<std::string> devices_;
};

// "90", "90s", "30m", "2h": a time. None for anything else.
std::optional<base::Micros> duration_of(const std::string& text);

}  // namespace cli
