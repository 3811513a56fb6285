// SPDX-License-Identifier: GPL-3.0-or-later
//
// A program of somebody else on librescue: shows what one Electron has and, with a release and a
// folder of its files, brings the device to it.
//
//   example SELECTOR [TARGET FOLDER]      (sim:1.5.0, usb:1-2, a device id)

#include "rescue/rescue.h"

#include <csignal>
#include <cstdio>
#include <string>

namespace {

base::CancelToken interrupted;

// What happens, as this program likes to show it: a line a step.
class Lines final : public events::Sink {
 public:
  void on(const std::string& device, const events::Event& event) override {
    if (const auto* step = std::get_if<events::StepStarted>(&event)) {
      std::printf("%s: %s %s\n", device.c_str(), std::string(events::name(step->doing)).c_str(),
                  step->subject.c_str());
    } else if (const auto* person = std::get_if<events::PersonNeeded>(&event)) {
      std::printf("%s: please: %s\n", device.c_str(), person->what.c_str());
    }
  }
};

int fail(const base::Error& error) {
  std::fprintf(stderr, "%s\n%s\n", error.message.c_str(), error.hint.c_str());
  return 1;
}

base::Result<std::unique_ptr<rescue::Workplace>> open(const std::string& selector,
                                                      const release::Library& firmware) {
  if (selector.starts_with("sim:")) return rescue::virtual_electron(selector, firmware);
  return rescue::this_computer();
}

// The device, and what is done with it.
int work_on(rescue::Rescue& electrons, const std::string& selector, const char* target,
            const release::Library& firmware) {
  Lines lines;
  const rescue::Watch watch{lines, interrupted};
  const auto device = electrons.device(selector.starts_with("sim:") ? "" : selector);
  if (!device) return fail(device.error());

  job::Request request;
  request.goal = job::Look();
  if (target != nullptr) {
    const auto version = rescue::release_named(target);
    if (!version) return fail(version.error());
    request = rescue::to_release(*version, firmware);
  }
  const events::DeviceReport report = electrons.run(*device, request, watch);
  if (report.error) return fail(*report.error);
  for (const plan::InstalledModule& module :
       (report.after ? report.after : report.before)->modules) {
    std::printf("%s %d\n", platform::describe(module.id).c_str(),
                static_cast<int>(module.version()));
  }
  std::printf("%s\n", report.device_state.c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 4) {
    std::fprintf(stderr, "usage: example SELECTOR [TARGET FOLDER]\n");
    return 2;
  }
  std::signal(SIGINT, [](int) { interrupted.request(); });  // at the next safe point
  release::Library firmware;
  if (argc == 4) {
    auto found = rescue::firmware({argv[3]});
    if (!found) return fail(found.error());
    firmware = std::move(*found);
  }
  const auto here = open(argv[1], firmware);
  if (!here) return fail(here.error());
  rescue::Rescue electrons((*here)->world());
  return work_on(electrons, argv[1], argc == 4 ? argv[2] : nullptr, firmware);
}
