// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/device_tree.h"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace os {
namespace {

// As Windows compares them: instances and ids come in any case.
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return upper(x) == upper(y); });
}

std::size_t find(std::string_view text, std::string_view mark) {
  for (std::size_t at = 0; at + mark.size() <= text.size(); ++at) {
    if (same(text.substr(at, mark.size()), mark)) return at;
  }
  return std::string_view::npos;
}

bool is_usb(const DeviceNode& node) { return find(node.instance, "USB\\") == 0; }

// The hexadecimal digits after `mark`; -1 if it is not there.
int number_after(std::string_view text, std::string_view mark) {
  const std::size_t at = find(text, mark);
  if (at == std::string_view::npos) return -1;
  int number = -1;
  std::from_chars(text.data() + at + mark.size(), text.data() + text.size(), number, 16);
  return number;
}

const DeviceNode* node_of(const DeviceTree& tree, std::string_view instance) {
  const auto found = std::ranges::find_if(
      tree.nodes, [&](const DeviceNode& node) { return same(node.instance, instance); });
  return found == tree.nodes.end() ? nullptr : &*found;
}

// A function of a composite device is one interface; the device itself is above it.
bool is_function(const DeviceNode& node) {
  return find(node.instance, "&MI_") != std::string::npos;
}

// "2.4" out of the hops that go through a USB port. A hop's number is decimal.
std::string chain_of(std::string_view location) {
  constexpr std::string_view kHop = "#USB(";
  std::string chain;
  while (true) {
    const std::size_t at = find(location, kHop);
    if (at == std::string_view::npos) return chain;
    location.remove_prefix(at + kHop.size());
    const std::string_view number = location.substr(0, location.find(')'));
    if (!chain.empty()) chain += '.';
    chain += number;
  }
}

// The number that libusb gives to the host controller above; 0 if there is none.
int bus_of(const DeviceTree& tree, const DeviceNode& device) {
  const DeviceNode* node = &device;
  // No tree is deeper than this, and a loop in a broken one ends.
  constexpr int kDeepest = 64;
  for (int depth = 0; depth < kDeepest && node != nullptr && !node->parent.empty(); ++depth) {
    const std::string& above = node->parent;
    const auto found = std::ranges::find_if(
        tree.controllers, [&](const std::string& controller) { return same(controller, above); });
    if (found != tree.controllers.end()) {
      return static_cast<int>(found - tree.controllers.begin()) + 1;
    }
    node = node_of(tree, above);
  }
  return 0;
}

std::string usb_port_of(const DeviceTree& tree, const DeviceNode& device) {
  const std::string chain = chain_of(device.location);
  const int bus = bus_of(tree, device);
  if (bus == 0 || chain.empty()) return {};
  return "usb:" + std::to_string(bus) + "-" + chain;
}

// The serial string of a whole device; empty where Windows has made up what stands in its place.
std::string serial_of(const DeviceNode& device) {
  const std::string last = device.instance.substr(device.instance.rfind('\\') + 1);
  return last.find('&') == std::string::npos ? last : std::string();
}

}  // namespace

std::vector<PortInfo> serial_ports_in(const DeviceTree& tree) {
  std::vector<PortInfo> ports;
  for (const DeviceNode& node : tree.nodes) {
    const int vendor = number_after(node.instance, "VID_");
    const int product = number_after(node.instance, "PID_");
    if (node.port.empty() || !is_usb(node) || vendor < 0 || product < 0) continue;
    const DeviceNode* device = is_function(node) ? node_of(tree, node.parent) : &node;
    if (device == nullptr) continue;  // it vanished while it was looked at
    PortInfo port;
    port.path = node.port;
    port.vendor = static_cast<std::uint16_t>(vendor);
    port.product = static_cast<std::uint16_t>(product);
    port.usb_port = usb_port_of(tree, *device);
    port.usb_serial = serial_of(*device);
    port.usb_interface = std::max(0, number_after(node.instance, "&MI_"));
    ports.push_back(std::move(port));
  }
  std::ranges::sort(ports, {}, &PortInfo::path);
  return ports;
}

std::vector<UsbDriver> usb_drivers_in(const DeviceTree& tree, std::uint16_t vendor) {
  constexpr int kSpeaksNoUsb = 43;
  std::vector<UsbDriver> drivers;
  for (const DeviceNode& node : tree.nodes) {
    if (!is_usb(node) || is_function(node)) continue;
    const int maker = number_after(node.instance, "VID_");
    const bool speechless = node.problem == kSpeaksNoUsb;
    if (maker != vendor && !speechless) continue;
    UsbDriver driver;
    driver.vendor = static_cast<std::uint16_t>(std::max(0, maker));
    driver.product = static_cast<std::uint16_t>(std::max(0, number_after(node.instance, "PID_")));
    driver.revision = static_cast<std::uint16_t>(std::max(0, number_after(node.hardware, "REV_")));
    driver.usb_port = usb_port_of(tree, node);
    driver.service = node.service;
    driver.problem = node.problem;
    drivers.push_back(std::move(driver));
  }
  std::ranges::sort(drivers, {}, [](const UsbDriver& driver) {
    return std::tuple(driver.usb_port, driver.product);
  });
  return drivers;
}

}  // namespace os
