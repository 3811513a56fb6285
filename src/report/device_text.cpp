// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/device_text.h"

#include "platform/electron_history.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace report {
namespace {

std::string mode_text(const discovery::Device& device) {
  switch (device.mode) {
    case discovery::Mode::dfu:
      return "DFU";
    case discovery::Mode::serial:
      return "running";
    case discovery::Mode::listening:
      return "listening";
  }
  return "unknown";
}

std::string generation_text(const discovery::Device& device) {
  const bool newer = device.info.bcd_device >= platform::kBcdSince060;
  if (device.mode == discovery::Mode::dfu) {
    return newer ? "bootloader of 0.6.0 or newer" : "bootloader of 0.5.5 or older";
  }
  return newer ? "system 0.6.0 or newer" : "system 0.5.5 or older";
}

}  // namespace

nlohmann::ordered_json device_json(const discovery::Device& device) {
  nlohmann::ordered_json json{{"id", device.id.empty() ? nlohmann::ordered_json(nullptr)
                                                       : nlohmann::ordered_json(device.id)},
                              {"mode", discovery::name(device.mode)},
                              {"port", usb::to_string(device.port())},
                              {"bootloader_version", nullptr},
                              {"generation", generation_text(device)}};
  if (!device.serial_path.empty()) json["serial_port"] = device.serial_path;
  if (!device.problem.empty()) json["problem"] = device.problem;
  return json;
}

std::string devices_text(const std::vector<discovery::Device>& devices, const Style& style) {
  std::vector<std::vector<std::string>> rows{{"PORT", "MODE", "DEVICE ID", "FIRMWARE"}};
  for (std::string& heading : rows.front()) heading = paint(style, Tone::quiet, heading);
  for (const discovery::Device& device : devices) {
    std::string tells =
        device.problem.empty() ? generation_text(device) : paint(style, Tone::bad, device.problem);
    if (!device.serial_path.empty()) tells += ", " + device.serial_path;
    rows.push_back({usb::to_string(device.port()), mode_text(device),
                    device.id.empty() ? "not told" : device.id, tells});
  }
  return table(rows, 0, style);
}

std::string device_line(const discovery::Device& device) {
  std::string text = fmt::format("{}  {}", usb::to_string(device.port()), mode_text(device));
  if (!device.id.empty()) text += "  id " + device.id;
  if (!device.serial_path.empty()) text += "  " + device.serial_path;
  return text;
}

}  // namespace report
