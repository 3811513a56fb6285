// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/computer.h"

#include "base/files.h"

#include <fmt/format.h>

#ifdef __linux__
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace cli {
namespace {

constexpr const char* kRuleName = "70-electron-rescue.rules";

#ifdef __linux__

// Runs a program and waits for it; true if it ended well.
bool run_program(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (::posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0) {
    return false;
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

class RealComputer final : public Computer {
 public:
  bool has_udev() const override { return base::is_directory("/run/udev"); }

  std::string installed_rule() const override {
    for (const char* folder :
         {"/etc/udev/rules.d", "/run/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d"}) {
      const std::string path = base::join(folder, kRuleName);
      if (base::exists(path)) return path;
    }
    return {};
  }

  bool running(const std::string& program) const override {
    return base::process_is_running(program);
  }

  base::Result<> install_rule(const std::string& text) override {
    if (::geteuid() != 0) {
      return base::make_error(base::Errc::access_denied, "only root can install a udev rule",
                              "sudo electron-rescue udev install --yes");
    }
    TRY(base::write_file(udev_rule_path(), base::as_bytes(text), base::Privacy::normal));
    const bool applied = run_program({"udevadm", "control", "--reload"}) &&
                         run_program({"udevadm", "trigger", "--action=add", "--subsystem-match=usb",
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

#else

class RealComputer final : public Computer {
 public:
  bool has_udev() const override { return false; }
  std::string installed_rule() const override { return {}; }
  bool running(const std::string&) const override { return false; }
  base::Result<> install_rule(const std::string&) override {
    return base::make_error(base::Errc::unsupported, "this system has no udev",
                            "macOS needs no rule; Windows needs one only for devices before 0.6.0, "
                            "a WinUSB driver by Zadig");
  }
};

#endif

}  // namespace

std::unique_ptr<Computer> make_real_computer() { return std::make_unique<RealComputer>(); }

std::string udev_rule_path() { return base::join("/etc/udev/rules.d", kRuleName); }

}  // namespace cli
