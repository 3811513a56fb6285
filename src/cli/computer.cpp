// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/computer.h"

#include "base/files.h"
#include "os/computer.h"
#include "platform/platform.h"

#include <fmt/format.h>

namespace cli {
namespace {

constexpr const char* kRuleName = "70-electron-rescue.rules";

class RealComputer final : public Computer {
 public:
  os::System system() const override { return os::this_system(); }
  std::vector<os::UsbDriver> usb_drivers() const override {
    return os::usb_drivers(platform::electron().usb.vendor);
  }
  bool has_udev() const override { return os::has_udev(); }

  std::string installed_rule() const override {
    for (const std::string& folder : os::udev_rule_folders()) {
      const std::string path = base::join(folder, kRuleName);
      if (base::exists(path)) return path;
    }
    return {};
  }

  os::Membership membership() const override { return os::membership(kDeviceGroup); }
  std::string user() const override { return os::user_name(); }

  bool running(const std::string& program) const override {
    return os::process_is_running(program);
  }

  base::Result<> install_rule(const std::string& text) override {
    if (!os::has_udev()) {
      return base::make_error(base::Errc::unsupported, "no udev runs on this system",
                              os::this_system() == os::System::windows
                                  ? "Windows has none; `electron-rescue doctor` tells which "
                                    "devices need a driver, and how to install it"
                                  : "macOS needs no rule, and in a container the host grants "
                                    "access");
    }
    if (!os::is_administrator()) {
      return base::make_error(base::Errc::access_denied, "only root can install a udev rule",
                              "sudo electron-rescue udev install --yes");
    }
    TRY(base::write_file(udev_rule_path(), base::as_bytes(text), base::Privacy::normal));
    const bool applied =
        os::run_program({"udevadm", "control", "--reload"}) &&
        os::run_program({"udevadm", "trigger", "--action=add", "--subsystem-match=usb",
                         "--subsystem-match=tty", "--settle"});
    if (!applied) {
      return base::make_error(
          base::Errc::unsupported,
          fmt::format("{} is written, but udev could not be told", udev_rule_path()),
          "unplug the device and plug it in again");
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<Computer> make_real_computer() { return std::make_unique<RealComputer>(); }

std::string udev_rule_path() { return base::join("/etc/udev/rules.d", kRuleName); }

}  // namespace cli
