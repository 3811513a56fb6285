// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/port_facts.h"

#include "base/files.h"
#include "usb/device_info.h"
#include "usb/stable_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace usb {
namespace {

int number_in(const std::string& file) {
  const std::string text = base::read_kernel_text(file);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : -1;
}

// The controller's bus for devices up to high speed: it may have another for the faster ones.
int bus_of(const std::string& folder, std::string_view controller) {
  constexpr int kHighSpeed = 480;
  constexpr std::string_view kRoot = "usb";
  const auto names = base::list_names(folder);
  if (!names) return -1;
  for (const std::string& name : *names) {
    if (!name.starts_with(kRoot)) continue;
    const std::string root = base::join(folder, name);
    if (controller_name(base::canonical_path(root)) != controller) continue;
    if (number_in(base::join(root, "speed")) > kHighSpeed) continue;
    int bus = -1;
    std::from_chars(name.data() + kRoot.size(), name.data() + name.size(), bus);
    return bus;
  }
  return -1;
}

}  // namespace

std::optional<PortFacts> port_facts(const std::string& folder, std::string_view port) {
  const std::size_t slash = port.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view chain = port.substr(slash + 1);
  PortPath path;
  if (!parse_port_path(fmt::format("1-{}", chain), path)) return std::nullopt;
  PortFacts facts;
  facts.depth = static_cast<int>(path.ports.size()) - 1;
  const int bus = bus_of(folder, port.substr(0, slash));
  if (bus < 0) return facts;
  facts.controller_here = true;
  const std::size_t dot = chain.rfind('.');
  facts.hub = dot == std::string_view::npos ? fmt::format("usb{}", bus)
                                            : fmt::format("{}-{}", bus, chain.substr(0, dot));
  const std::string hub = base::join(folder, facts.hub);
  facts.port_here = number_in(base::join(hub, "maxchild")) >= path.ports.back();
  const int protocol = number_in(base::join(hub, "bDeviceProtocol"));
  if (protocol == 1) facts.translators = Translators::one;
  if (protocol == 2) facts.translators = Translators::one_for_each_port;
  facts.may_sleep = base::read_kernel_text(base::join(hub, "power/control")) == "auto";
  return facts;
}

}  // namespace usb
