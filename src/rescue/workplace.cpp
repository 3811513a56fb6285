// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/workplace.h"

#include "base/clock.h"
#include "base/files.h"
#include "discovery/port_locks.h"
#include "platform/platform.h"
#include "release/release_set.h"
#include "serial/libserialport_port.h"
#include "sim/world/electron.h"
#include "usb/libusb_host.h"
#include "usb/trace.h"

#include <utility>

namespace rescue {
namespace {

class ThisComputer final : public Workplace {
 public:
  explicit ThisComputer(std::unique_ptr<usb::Host> usb)
      : usb_(std::move(usb)),
        serial_(serial::system_ports(clock_)),
        locks_(discovery::make_port_locks()),
        world_{*usb_, *serial_, clock_, locks_.get()} {}
  discovery::World& world() override { return world_; }

 private:
  base::RealClock clock_;
  std::unique_ptr<usb::Host> usb_;
  std::unique_ptr<serial::Ports> serial_;
  std::unique_ptr<discovery::PortLocks> locks_;
  discovery::World world_;
};

class Virtual final : public Workplace {
 public:
  explicit Virtual(std::unique_ptr<sim::SimWorld> sim)
      : sim_(std::move(sim)), world_{sim_->usb(), sim_->serial(), sim_->clock()} {}
  discovery::World& world() override { return world_; }

 private:
  std::unique_ptr<sim::SimWorld> sim_;
  discovery::World world_;
};

class Traced final : public Workplace {
 public:
  Traced(discovery::World& world, base::LineFile file)
      : file_(std::move(file)),
        usb_(world.usb, world.clock,
             usb::TraceAreas{platform::electron().flash, platform::electron().configuration},
             [this](std::string_view line) { file_.line(line); }),
        world_{usb_, world.serial, world.clock, world.locks} {}
  discovery::World& world() override { return world_; }
  std::string problem() const override { return file_.problem(); }

 private:
  base::LineFile file_;
  usb::TraceHost usb_;
  discovery::World world_;
};

}  // namespace

base::Result<std::unique_ptr<Workplace>> this_computer() {
  TRY_ASSIGN(auto usb, usb::make_libusb_host());
  return std::make_unique<ThisComputer>(std::move(usb));
}

base::Result<std::unique_ptr<Workplace>> virtual_electron(std::string_view selector,
                                                          const release::Library& firmware) {
  TRY_ASSIGN(auto sim, sim::SimWorld::from_selector(selector, firmware));
  return std::make_unique<Virtual>(std::move(sim));
}

base::Result<std::unique_ptr<Workplace>> traced(discovery::World& world, const std::string& file) {
  TRY_ASSIGN(auto lines, base::LineFile::append(file, base::Privacy::owner_only));
  return std::make_unique<Traced>(world, std::move(lines));
}

}  // namespace rescue
