// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The serial ports of the virtual computer: one /dev/ttyACMn for each attached device with a CDC
// ACM interface, as Linux's cdc_acm makes them.

#include "serial/port.h"
#include "sim/bus/virtual_host.h"

namespace sim {

class SimPorts final : public serial::Ports {
 public:
  explicit SimPorts(VirtualHost& host) : host_(&host) {}
  base::Result<std::vector<serial::PortInfo>> list() override;
  base::Result<std::unique_ptr<serial::Port>> open(const std::string& path) override;

 private:
  VirtualHost* host_;
};

}  // namespace sim
