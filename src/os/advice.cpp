// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/advice.h"

namespace os {
namespace {

constexpr Advice kLinux = {
    .access =
        "`electron-rescue doctor` tells what is missing (the udev rule, a group, a new login) "
        "and the command that mends it",
    .busy_port =
        "close the program that uses the port; `electron-rescue doctor` tells whether it "
        "is ModemManager, and what keeps that away",
    .no_driver = "`electron-rescue doctor` tells what is in the way",
    .name = "Linux",
    .state_variable = "XDG_STATE_HOME",
    .cache_variable = "XDG_CACHE_HOME",
    .manual = "man electron-rescue",
    .make_secret = "make one: head -c 24 /dev/urandom | base64 > ",
    .udev = "Print or install the udev rule that gives access without root",
    .udev_install = "Install the rule (as root)",
};
constexpr Advice kMacos = {
    .access = "close other programs that use the device",
    .busy_port = "close the program that uses the port",
    .no_driver = "`electron-rescue doctor` tells what is in the way",
    .name = "macOS",
    .state_variable = "XDG_STATE_HOME",
    .cache_variable = "XDG_CACHE_HOME",
    .manual = "man electron-rescue",
    .make_secret = "make one: head -c 24 /dev/urandom | base64 > ",
    .udev = "Print the udev rule for a Linux computer: macOS has none",
    .udev_install = "Refused here: macOS has no udev",
};
constexpr Advice kWindows = {
    .access =
        "close other programs that use the device (Particle CLI, Workbench, a serial monitor, "
        "another electron-rescue); `electron-rescue doctor` tells whether a driver is missing",
    .busy_port =
        "close the program that uses the port: Particle CLI, Workbench, a serial monitor, "
        "another electron-rescue",
    .no_driver =
        "the device needs the WinUSB driver, once per computer; `electron-rescue doctor` "
        "tells how to install it",
    .name = "Windows",
    .state_variable = "LOCALAPPDATA",
    .cache_variable = "LOCALAPPDATA",
    .manual = "docs\\electron-rescue.html, beside the program",
    .make_secret = "write a line of 32 characters that nobody guesses, with Notepad, into ",
    .udev = "Print the udev rule for a Linux computer: Windows has none",
    .udev_install = "Refused here: Windows has no udev",
};

}  // namespace

System this_system() {
#if defined(_WIN32)
  return System::windows;
#elif defined(__APPLE__)
  return System::macos;
#else
  return System::gnu_linux;
#endif
}

const Advice& advice_for(System system) {
  switch (system) {
    case System::gnu_linux:
      return kLinux;
    case System::macos:
      return kMacos;
    case System::windows:
      break;
  }
  return kWindows;
}

const Advice& advice() { return advice_for(this_system()); }

std::string how_to_get(const LoadedLibrary& library, System system) {
  const std::string name(library.name);
  if (system != System::windows)
    return "install " + name + " (Debian: the package " + std::string(library.package) + ")";
  if (!library.file.ends_with(".dll"))
    return name + " is part of electron-rescue.exe: this one is damaged, get it anew";
  return "put " + std::string(library.file) +
         " into the folder of electron-rescue.exe (docs/windows.md)";
}

}  // namespace os
