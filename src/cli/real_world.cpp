// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/real_world.h"

#include "base/clock.h"
#include "discovery/port_locks.h"
#include "serial/libserialport_port.h"
#include "usb/libusb_host.h"

namespace cli {
namespace {

class RealWorld final : public WorldSource {
 public:
  base::Result<discovery::World*> world() override {
    if (world_ == nullptr) {
      TRY_ASSIGN(usb_, usb::make_libusb_host());
      serial_ = serial::system_ports(clock_);
      locks_ = discovery::make_port_locks();
      world_ = std::make_unique<discovery::World>(
          discovery::World{*usb_, *serial_, clock_, locks_.get()});
    }
    return world_.get();
  }

 private:
  base::RealClock clock_;
  std::unique_ptr<usb::Host> usb_;
  std::unique_ptr<serial::Ports> serial_;
  std::unique_ptr<discovery::PortLocks> locks_;
  std::unique_ptr<discovery::World> world_;
};

}  // namespace

std::unique_ptr<WorldSource> make_real_world() { return std::make_unique<RealWorld>(); }

}  // namespace cli
