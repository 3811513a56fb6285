// SPDX-License-Identifier: GPL-3.0-or-later
//
// Jobs on many devices at once, each on a thread of its own, over one libusb context and its one
// event thread, for the checks in the virtual machine:
//
//   shared_context COUNT
//
// Looks at each of the COUNT Electrons in DFU mode, all at the same time, and prints one line for
// each: port, id, versions. Exit code 0 if every look was good.

#include "rescue/rescue.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

std::string line_of(const events::DeviceReport& report) {
  std::string line = usb::to_string(report.port) + " " + report.id;
  if (report.error) return line + " FAILED: " + report.error->message;
  for (const plan::InstalledModule& module : report.before->modules) {
    line += " " + std::to_string(module.version());
  }
  return line + " " + report.device_state;
}

int look_at_all(rescue::Rescue& electrons, const std::vector<discovery::Device>& devices) {
  events::NullSink nobody;
  const base::CancelToken never;
  std::vector<events::DeviceReport> reports(devices.size());
  std::vector<std::thread> threads;  // std::jthread is not in every libc++
  for (std::size_t i = 0; i < devices.size(); ++i) {
    threads.emplace_back([&, i] {
      job::Request look;
      look.goal = job::Look();
      look.via = job::Via::dfu;
      reports[i] = electrons.run(devices[i], look, rescue::Watch{nobody, never});
    });
  }
  for (std::thread& thread : threads) thread.join();
  int failures = 0;
  for (const events::DeviceReport& report : reports) {
    if (report.error || report.whereabouts != events::Whereabouts::dfu) ++failures;
    std::printf("%s\n", line_of(report).c_str());
  }
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  const auto wanted = static_cast<std::size_t>(argc == 2 ? std::atoi(argv[1]) : 0);
  const auto here = rescue::this_computer();
  if (!here) {
    std::fprintf(stderr, "%s\n", here.error().message.c_str());
    return EXIT_FAILURE;
  }
  rescue::Rescue electrons((*here)->world());
  const auto devices = electrons.devices();
  if (!devices || devices->size() != wanted) {
    std::fprintf(stderr, "%zu Electrons, not %zu\n", devices ? devices->size() : 0, wanted);
    return EXIT_FAILURE;
  }
  return look_at_all(electrons, *devices);
}
