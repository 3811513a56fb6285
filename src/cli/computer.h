// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// This computer, as far as it can stand in the way of a device: a seam for `doctor` and `udev`.

#include "base/result.h"
#include "os/advice.h"
#include "os/computer.h"
#include "os/device_tree.h"

#include <memory>
#include <string>
#include <vector>

namespace cli {

class Computer {
 public:
  virtual ~Computer() = default;
  virtual os::System system() const = 0;
  // The vendor's USB devices and their drivers, where the system has to be given some (Windows).
  virtual std::vector<os::UsbDriver> usb_drivers() const = 0;
  // Device permissions are udev's business here (Linux).
  virtual bool has_udev() const = 0;
  // Where our rule is installed; empty if it is not.
  virtual std::string installed_rule() const = 0;
  // Whether this user is in the group that the rule gives devices to.
  virtual os::Membership membership() const = 0;
  virtual std::string user() const = 0;
  // A program of this name is running.
  virtual bool running(const std::string& program) const = 0;
  // Writes the rule and has udev apply it to what is plugged in. Errors: access_denied, bad_file,
  // unsupported.
  virtual base::Result<> install_rule(const std::string& text) = 0;
};

std::unique_ptr<Computer> make_real_computer();

// The group that the rule gives devices to.
constexpr const char* kDeviceGroup = "plugdev";
// The udev rule that the packages install.
std::string udev_rule();
// Where `udev install` puts it.
std::string udev_rule_path();

}  // namespace cli
