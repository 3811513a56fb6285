// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/kernel/vhci_linux.h"

#include "base/files.h"
#include "sim/kernel/usbip.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <fcntl.h>
#include <iterator>
#include <poll.h>
#include <sstream>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace sim {
namespace {

constexpr std::string_view kControllers = "/sys/devices/platform/vhci_hcd.";
// Attributes for all controllers are those of the first.
constexpr std::string_view kController = "/sys/devices/platform/vhci_hcd.0";
// drivers/usb/usbip/usbip_common.h.
constexpr int kPortFree = 4;  // VDEV_ST_NULL

std::string reason(int error) { return std::generic_category().message(error); }

base::Error attach_error(int error, int port) {
  const std::string message =
      fmt::format("cannot attach to port {} of vhci_hcd: {}", port, reason(error));
  if (error == EACCES || error == EPERM) {
    return base::make_error(base::Errc::access_denied, message, "attaching needs root: use sudo");
  }
  if (error == EBUSY) return base::make_error(base::Errc::busy, message);
  return base::make_error(base::Errc::usb_io, message);
}

// A file of sysfs, whose size is not known before it is read.
base::Result<std::string> read_attribute(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) {
    return base::make_error(base::Errc::usb_io,
                            fmt::format("cannot open {}: {}", path, reason(errno)));
  }
  TRY_ASSIGN(const auto content, read_some(file.number()));
  return base::as_text(content);
}

// The USB 2 root hub of a controller, which has one for USB 3 as well.
std::optional<int> find_high_speed_bus(int controller) {
  constexpr int kBuses = 256;
  for (int bus = 1; bus < kBuses; ++bus) {
    const auto speed =
        read_attribute(fmt::format("{}{}/usb{}/speed", kControllers, controller, bus));
    if (speed && *speed == "480\n") return bus;
  }
  return std::nullopt;
}

struct PortLine {
  int port = 0;
  int state = 0;
};

// The USB 2 ports of a controller, in order; none: there is no such controller.
std::vector<PortLine> read_ports(int controller) {
  const std::string suffix = controller == 0 ? "" : fmt::format(".{}", controller);
  const auto content = read_attribute(fmt::format("{}/status{}", kController, suffix));
  std::vector<PortLine> ports;
  if (!content) return ports;
  std::istringstream lines(*content);
  std::string line;
  while (std::getline(lines, line)) {
    // "hs  0000 004 000 00000000 000000 0-0"; the ports for USB 3 begin with "ss".
    std::istringstream words(line);
    std::string hub;
    PortLine entry;
    if (words >> hub >> entry.port >> entry.state && hub == "hs") ports.push_back(entry);
  }
  return ports;
}

}  // namespace

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

base::Result<base::Bytes> read_some(int descriptor) {
  base::Bytes bytes(kMostAtOnce);
  while (true) {
    const auto got = ::read(descriptor, bytes.data(), bytes.size());
    if (got >= 0) {
      bytes.resize(static_cast<std::size_t>(got));
      return bytes;
    }
    if (errno == ECONNRESET) return base::Bytes();
    if (errno != EINTR) {
      return base::make_error(base::Errc::usb_io, fmt::format("cannot read: {}", reason(errno)));
    }
  }
}

base::Result<> write_all(int descriptor, base::ByteView bytes) {
  while (!bytes.empty()) {
    const auto put = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put < 0) {
      if (errno == EINTR) continue;
      return base::make_error(base::Errc::usb_io, fmt::format("cannot write: {}", reason(errno)));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

base::Result<std::vector<int>> wait_readable(const std::vector<int>& descriptors,
                                             std::optional<base::Micros> most,
                                             const std::vector<int>& writable) {
  std::vector<pollfd> polled;
  polled.reserve(descriptors.size() + writable.size());
  for (const int number : descriptors)
    polled.push_back({.fd = number, .events = POLLIN, .revents = 0});
  for (const int number : writable)
    polled.push_back({.fd = number, .events = POLLOUT, .revents = 0});
  timespec limit{};
  if (most) {
    const auto wait = std::max(*most, base::Micros(0));
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wait);
    limit.tv_sec = seconds.count();
    limit.tv_nsec = std::chrono::nanoseconds(wait - seconds).count();
  }
  const int count = ::ppoll(polled.data(), polled.size(), most ? &limit : nullptr, nullptr);
  if (count < 0 && errno != EINTR) {
    return base::make_error(base::Errc::internal, fmt::format("cannot wait: {}", reason(errno)));
  }
  std::vector<int> readable;
  for (const auto& entry : polled) {
    if (count > 0 && entry.revents != 0) readable.push_back(entry.fd);
  }
  return readable;
}

base::Result<Vhci> Vhci::open() {
  if (!base::is_directory(std::string(kController))) {
    return base::make_error(base::Errc::unsupported,
                            "the kernel's virtual USB host controller is not there",
                            "load it with: sudo modprobe vhci-hcd (Debian: in the kernel's own "
                            "package; needs CONFIG_USBIP_VHCI_HCD)");
  }
  if (::access(fmt::format("{}/attach", kController).c_str(), W_OK) != 0) {
    return base::make_error(base::Errc::access_denied, "not allowed to attach devices to vhci_hcd",
                            "attaching needs root: use sudo");
  }
  Vhci vhci;
  for (int number = 0;; ++number) {
    const std::vector<PortLine> ports = read_ports(number);
    const auto bus = find_high_speed_bus(number);
    if (ports.empty() || !bus) break;
    vhci.hubs_.push_back({*bus, ports.front().port, static_cast<int>(ports.size())});
  }
  if (vhci.hubs_.empty()) {
    return base::make_error(base::Errc::unsupported, "vhci_hcd has no USB 2 root hub here");
  }
  return vhci;
}

std::vector<int> Vhci::free_ports(PortOrder order) const {
  // A port, and how many ports of its hub come before it.
  std::vector<std::pair<std::size_t, int>> free;
  for (std::size_t number = 0; number < hubs_.size(); ++number) {
    std::size_t place = 0;
    for (const PortLine& entry : read_ports(static_cast<int>(number))) {
      if (entry.state == kPortFree) free.emplace_back(place, entry.port);
      ++place;
    }
  }
  if (order == PortOrder::spread) std::ranges::sort(free);
  std::vector<int> ports;
  std::ranges::transform(free, std::back_inserter(ports),
                         [](const auto& one) { return one.second; });
  return ports;
}

base::Result<Descriptor> Vhci::attach(int port) const {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    return base::make_error(base::Errc::internal,
                            fmt::format("cannot make a socket: {}", reason(errno)));
  }
  Descriptor ours(pair[0]);
  const Descriptor kernels(pair[1]);  // the kernel takes its own reference
  const Descriptor file(
      ::open(fmt::format("{}/attach", kController).c_str(), O_WRONLY | O_CLOEXEC));
  if (file.number() < 0) return attach_error(errno, port);
  // The device's number means nothing to the kernel; it comes back in every message.
  const int device = port + 1;
  const std::string order = fmt::format("{} {} {} {}", port, kernels.number(), device, kFullSpeed);
  if (::write(file.number(), order.data(), order.size()) < 0) return attach_error(errno, port);
  return ours;
}

usb::PortPath Vhci::path(int port) const {
  for (const Hub& hub : hubs_) {
    const int place = port - hub.first;
    if (place >= 0 && place < hub.count) {
      return {.bus = hub.bus, .ports = {static_cast<std::uint8_t>(place + 1)}};
    }
  }
  return {};
}

}  // namespace sim
