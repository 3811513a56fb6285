// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/libusb_host.h"

#include "base/bytes.h"
#include "base/files.h"
#include "os/advice.h"
#include "os/device_files.h"
#include "usb/doorbell.h"
#include "usb/doubted_stall.h"
#include "usb/libusb_context.h"
#include "usb/libusb_error.h"
#include "usb/libusb_transport.h"
#include "usb/sysfs_devices.h"

#include <fmt/format.h>
#include <libusb.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace usb {
namespace {

// libusb's list of devices, each of them referenced until the end.
class DeviceList {
 public:
  static base::Result<DeviceList> take(libusb_context* context) {
    libusb_device** devices = nullptr;
    const ssize_t count = libusb_get_device_list(context, &devices);
    if (count < 0) return error_from_libusb(static_cast<int>(count), "listing the USB devices");
    return DeviceList(devices, static_cast<std::size_t>(count));
  }
  DeviceList(DeviceList&& other) noexcept
      : devices_(std::exchange(other.devices_, nullptr)), count_(other.count_) {}
  DeviceList& operator=(DeviceList&&) = delete;
  ~DeviceList() {
    if (devices_ != nullptr) libusb_free_device_list(devices_, 1);
  }
  std::span<libusb_device* const> devices() const { return {devices_, count_}; }

 private:
  DeviceList(libusb_device** devices, std::size_t count) : devices_(devices), count_(count) {}
  libusb_device** devices_;
  std::size_t count_;
};

PortPath port_of(libusb_device* device) {
  std::array<std::uint8_t, 7> ports{};  // as deep as USB goes (USB 3.1, section 10.16.2.8)
  const int depth = libusb_get_port_numbers(device, ports.data(), static_cast<int>(ports.size()));
  PortPath path{.bus = libusb_get_bus_number(device), .ports = {}};
  if (depth > 0) path.ports.assign(ports.begin(), ports.begin() + depth);
  return path;
}

// libusb has the device descriptor already: no transfer.
std::optional<DeviceInfo> info_of(libusb_device* device) {
  libusb_device_descriptor descriptor{};
  if (libusb_get_device_descriptor(device, &descriptor) < 0) return std::nullopt;
  return DeviceInfo{.port = port_of(device),
                    .vendor = descriptor.idVendor,
                    .product = descriptor.idProduct,
                    .bcd_device = descriptor.bcdDevice,
                    .serial_string = descriptor.iSerialNumber,
                    .address = libusb_get_device_address(device)};
}

// Whether libusb tells of changes. On Linux it learns of them from udev: where none runs (in a
// small container, an initramfs, with mdev) it knows only what was there when it was started.
bool changes_are_told() {
  if (libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) == 0) return false;
  return !sysfs_devices_folder() || base::exists("/run/udev/control");
}

}  // namespace

struct LibusbShared {
  std::shared_ptr<Doorbell> bell = std::make_shared<Doorbell>();
  const std::optional<std::string> sysfs = sysfs_devices_folder();
  const bool told = changes_are_told();

  // libusb's context, started if there is none, or only one that is `stale`.
  base::Result<std::shared_ptr<LibusbContext>> context(const LibusbContext* stale = nullptr) {
    const std::lock_guard lock(mutex_);
    if (context_ == nullptr || context_.get() == stale) {
      TRY_ASSIGN(context_, LibusbContext::start(bell));
    }
    return context_;
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<LibusbContext> context_;
};

namespace {

class LibusbHost final : public Host {
 public:
  explicit LibusbHost(std::shared_ptr<LibusbShared> shared) : shared_(std::move(shared)) {}

  base::Result<std::vector<DeviceInfo>> list(std::uint16_t vendor) override {
    heard_ = shared_->bell->rings();  // what changes from now on wakes the next wait
    if (shared_->sysfs) return devices_in_sysfs(*shared_->sysfs, vendor);
    TRY_ASSIGN(const auto context, shared_->context());
    TRY_ASSIGN(const DeviceList list, DeviceList::take(context->get()));
    std::vector<DeviceInfo> infos;
    for (libusb_device* const device : list.devices()) {
      auto info = info_of(device);
      if (info && info->vendor == vendor) infos.push_back(std::move(*info));
    }
    std::sort(infos.begin(), infos.end(),
              [](const DeviceInfo& a, const DeviceInfo& b) { return a.port < b.port; });
    TRY(check_ports(infos));
    return infos;
  }

  base::Result<std::unique_ptr<Transport>> open(const DeviceInfo& wanted) override {
    const std::string doing = "opening " + to_string(wanted.port);
    // libusb hears of an arrival from udev, a moment after the kernel has told us.
    constexpr base::Millis kNewsOnTheirWay{1000};
    const base::RealClock clock;
    const base::Deadline deadline(clock, kNewsOnTheirWay);
    TRY_ASSIGN(auto context, shared_->context());
    for (bool fresh = false;;) {
      const std::uint64_t heard = shared_->bell->rings();
      TRY_ASSIGN(auto transport, open_listed(context, wanted, doing));
      if (transport != nullptr) return transport;
      if (fresh || !is_there(wanted)) return error_from_libusb(LIBUSB_ERROR_NO_DEVICE, doing);
      if (shared_->told && !deadline.passed()) {
        shared_->bell->wait(heard, deadline.left_up_to(base::Millis(50)), base::CancelToken());
        continue;
      }
      // The news do not come here. Devices that are open keep the context they were opened with.
      TRY_ASSIGN(context, shared_->context(context.get()));
      fresh = true;
    }
  }

  base::Result<> may_open(const DeviceInfo& info) override {
    if (!shared_->sysfs || os::may_use(node_of(info))) return {};
    return error_from_libusb(LIBUSB_ERROR_ACCESS, {});
  }

  std::optional<std::string> user_of(const DeviceInfo& info) override {
    if (!shared_->sysfs) return std::nullopt;
    const auto user = os::user_of(node_of(info));
    if (!user) return std::nullopt;
    return fmt::format("{}, process {}", base::printable(user->name), user->number);
  }

  void wait_for_change(base::Millis most, const base::CancelToken& cancel) override {
    // Without news the bus has to be looked at again and again; with them, too, in case some get
    // lost on the way.
    constexpr base::Millis kLookAgain{1000};
    constexpr base::Millis kLookOften{250};
    const bool listening = shared_->told && shared_->context().has_value();
    shared_->bell->wait(heard_, std::min(most, listening ? kLookAgain : kLookOften), cancel);
  }

 private:
  // The file that stands for it on Linux.
  static std::string node_of(const DeviceInfo& info) {
    return fmt::format("/dev/bus/usb/{:03}/{:03}", info.port.bus, int{info.address});
  }

  static bool is_listed(const std::shared_ptr<LibusbContext>& context, const DeviceInfo& wanted) {
    const auto list = DeviceList::take(context->get());
    return list && std::ranges::any_of(list->devices(), [&](libusb_device* device) {
             return libusb_get_device_address(device) == wanted.address &&
                    port_of(device) == wanted.port;
           });
  }

  // Null where libusb's list has no such device.
  static base::Result<std::unique_ptr<Transport>> open_listed(
      const std::shared_ptr<LibusbContext>& context, const DeviceInfo& wanted,
      const std::string& doing) {
    TRY_ASSIGN(const DeviceList list, DeviceList::take(context->get()));
    for (libusb_device* const device : list.devices()) {
      if (libusb_get_device_address(device) != wanted.address || port_of(device) != wanted.port) {
        continue;
      }
      libusb_device_handle* handle = nullptr;
      const int result = libusb_open(device, &handle);
      if (result < 0) return error_from_libusb(result, doing);
      std::unique_ptr<Transport> opened = std::make_unique<LibusbTransport>(context, handle);
      if (os::this_system() != os::System::windows) return opened;
      return std::unique_ptr<Transport>(std::make_unique<DoubtedStalls>(
          std::move(opened), [context, wanted] { return is_listed(context, wanted); }));
    }
    return std::unique_ptr<Transport>();
  }

  // As the system itself says; where it does not, libusb's word counts.
  bool is_there(const DeviceInfo& wanted) const {
    if (!shared_->sysfs) return false;
    const auto devices = devices_in_sysfs(*shared_->sysfs, wanted.vendor);
    return devices && std::ranges::any_of(*devices, [&](const DeviceInfo& device) {
             return device.port == wanted.port && device.address == wanted.address;
           });
  }

  std::shared_ptr<LibusbShared> shared_;
  std::uint64_t heard_ = 0;
};

}  // namespace

LibusbBus::LibusbBus() : shared_(std::make_shared<LibusbShared>()) {}
LibusbBus::~LibusbBus() = default;
std::unique_ptr<Host> LibusbBus::host() { return std::make_unique<LibusbHost>(shared_); }

base::Result<> check_ports(const std::vector<DeviceInfo>& devices) {
  for (std::size_t i = 0; i + 1 < devices.size(); ++i) {
    if (devices[i].port != devices[i + 1].port) continue;
    return base::make_error(
        base::Errc::usb_io,
        fmt::format("the system does not tell two devices on bus {} apart by their ports",
                    devices[i].port.bus),
        "leave one of them connected, or use another port, without a hub");
  }
  return {};
}

base::Result<std::unique_ptr<Host>> make_libusb_host() {
  std::unique_ptr<Host> host = LibusbBus().host();
  constexpr std::uint16_t kNobody = 0xFFFF;
  TRY(host->list(kNobody));
  return host;
}

}  // namespace usb
