// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A computer without the serial driver: devices are on the bus and have no ports.

#include "serial/port.h"

#include <memory>
#include <string>
#include <vector>

namespace job::test {

class NoPorts final : public serial::Ports {
 public:
  base::Result<std::vector<serial::PortInfo>> list() override {
    return std::vector<serial::PortInfo>();
  }
  base::Result<std::unique_ptr<serial::Port>> open(const std::string&) override {
    return base::make_error(base::Errc::device_gone, "there is no port");
  }
};

}  // namespace job::test
