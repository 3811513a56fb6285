// SPDX-License-Identifier: GPL-3.0-or-later
//
// Two devices side by side: a command for one of them leaves the other alone.
#include "cli/release_folder.h"
#include "release/release_set.h"
#include "sim/world/electron.h"

#include <gtest/gtest.h>

#include <set>

namespace cli_test {
namespace {

class Neighbour : public ReleaseFolder {
 protected:
  // A running device on usb:1-1, and one in DFU mode on usb:1-2.
  Neighbour() {
    auto running = sim::parse_state("1.5.0");
    auto in_dfu = sim::parse_state("1.5.0");
    EXPECT_TRUE(running && in_dfu);
    in_dfu->mode = sim::ElectronSpec::Mode::dfu;
    auto made = sim::SimWorld::make({*running, *in_dfu}, release::Library(),
                                    sim::VirtualHost::Enumeration::here);
    EXPECT_TRUE(made);
    sim_ = std::move(*made);
    world_.emplace(discovery::World{sim_->usb(), sim_->serial(), sim_->clock()});
  }

  // The devices that the trace tells of.
  std::set<std::string> touched(std::vector<std::string> arguments, int code) {
    const std::string trace = path("trace" + std::to_string(++traces_));
    arguments.insert(arguments.end(), {"--trace", trace});
    GivenWorld worlds(*world_);
    const Outcome outcome = bench_.run(arguments, worlds);
    EXPECT_EQ(outcome.code, code) << outcome.out << outcome.err;
    std::set<std::string> devices;
    const auto text = base::read_file(trace, 100'000'000);
    EXPECT_TRUE(text);
    const std::string lines = base::as_text(*text);
    std::string_view rest = lines;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      devices.insert(nlohmann::json::parse(rest.substr(0, end))["device"]);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return devices;
  }

  std::unique_ptr<sim::SimWorld> sim_;
  std::optional<discovery::World> world_;
  int traces_ = 0;
};

TEST_F(Neighbour, InDfuModeSeesNoTransferOfAWholeJob) {
  put("2.3.1");
  EXPECT_EQ(touched({"flash", "--target", "2.3.1", "--firmware", folder_, "--allow-unknown",
                     "--no-backup", "--device", "usb:1-1", "--progress", "none"},
                    0),
            std::set<std::string>{"usb:1-1"});
}

TEST_F(Neighbour, IsNotAskedByDoctorOrWaitForAnother) {
  bench_.computer.rule = "/usr/lib/udev/rules.d/70-electron-rescue.rules";
  EXPECT_EQ(touched({"doctor", "--device", "usb:1-1"}, 0), std::set<std::string>{});
  EXPECT_EQ(touched({"wait", "--mode", "dfu", "--device", "usb:1-1", "--timeout", "3"}, 3),
            std::set<std::string>{});
}

}  // namespace
}  // namespace cli_test
