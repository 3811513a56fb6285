// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/libusb_host.h"

#include "base/files.h"
#include "usb/libusb_error.h"
#include "usb/libusb_transport.h"

#include <libusb.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace usb {
namespace {

using Context = std::shared_ptr<libusb_context>;

base::Result<Context> make_context() {
  libusb_context* context = nullptr;
  const int result = libusb_init(&context);
  if (result < 0) return error_from_libusb(result, "starting libusb");
  return Context(context, libusb_exit);
}

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
                    .manufacturer_string = descriptor.iManufacturer,
                    .product_string = descriptor.iProduct,
                    .serial_string = descriptor.iSerialNumber,
                    .address = libusb_get_device_address(device)};
}

// Whether libusb tells of changes, and keeps its own list of devices true. On Linux it learns of
// them from udev: where none runs (in a small container, an initramfs, with mdev) a context knows
// only what was there when it was made.
bool changes_are_told() {
  if (libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) == 0) return false;
#if defined(__linux__)
  return base::exists("/run/udev/control");
#else
  return true;
#endif
}

// Whether a context's list of devices goes stale without that.
constexpr bool kListsAreKept =
#if defined(__linux__)
    true;
#else
    false;
#endif

class LibusbHost final : public Host {
 public:
  explicit LibusbHost(Context context)
      : context_(std::move(context)), changes_are_told_(changes_are_told()) {
    if (!changes_are_told_) return;
    const int events = LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT;
    // Refused, it leaves us with looking again and again, as where there are no events.
    libusb_hotplug_register_callback(context_.get(), events, LIBUSB_HOTPLUG_NO_FLAGS,
                                     LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
                                     LIBUSB_HOTPLUG_MATCH_ANY, &LibusbHost::changed, this,
                                     &subscription_);
  }
  ~LibusbHost() override {
    // Devices that are still open keep the context, and its events, alive.
    if (subscription_ != 0) libusb_hotplug_deregister_callback(context_.get(), subscription_);
  }
  LibusbHost(const LibusbHost&) = delete;
  LibusbHost& operator=(const LibusbHost&) = delete;

  base::Result<std::vector<DeviceInfo>> list(std::uint16_t vendor) override {
    changed_ = 0;  // what changes from now on wakes the next wait
    // Devices that are open keep the context they were opened with.
    if (!changes_are_told_ && kListsAreKept) {
      TRY_ASSIGN(context_, make_context());
    }
    TRY_ASSIGN(const DeviceList list, take_list());
    std::vector<DeviceInfo> infos;
    for (libusb_device* const device : list.devices()) {
      auto info = info_of(device);
      if (info && info->vendor == vendor) infos.push_back(std::move(*info));
    }
    std::sort(infos.begin(), infos.end(),
              [](const DeviceInfo& a, const DeviceInfo& b) { return a.port < b.port; });
    return infos;
  }

  base::Result<std::unique_ptr<Transport>> open(const DeviceInfo& wanted) override {
    const std::string doing = "opening " + to_string(wanted.port);
    TRY_ASSIGN(const DeviceList list, take_list());
    for (libusb_device* const device : list.devices()) {
      if (libusb_get_device_address(device) != wanted.address || port_of(device) != wanted.port) {
        continue;
      }
      libusb_device_handle* handle = nullptr;
      const int result = libusb_open(device, &handle);
      if (result < 0) return error_from_libusb(result, doing);
      return std::unique_ptr<Transport>(std::make_unique<LibusbTransport>(context_, handle));
    }
    return error_from_libusb(LIBUSB_ERROR_NO_DEVICE, doing);
  }

  void wait_for_change(base::Millis most, const base::CancelToken& cancel) override {
    // A signal handler that sets the token may do so just before the wait, hence slices. Without
    // events the bus has to be looked at again now and then; with them, too, in case one got lost.
    constexpr base::Micros kSlice = std::chrono::milliseconds(20);
    constexpr base::Millis kLookAgain{250};
    const base::RealClock clock;
    const base::Deadline deadline(clock, std::min(most, kLookAgain));
    while (changed_ == 0 && !cancel.requested() && !deadline.passed()) {
      timeval slice{};
      slice.tv_usec =
          static_cast<decltype(slice.tv_usec)>(std::min(deadline.left(), kSlice).count());
      libusb_handle_events_timeout_completed(context_.get(), &slice, &changed_);
    }
  }

 private:
  // libusb refuses synchronous calls within a hotplug callback, so it does nothing but tell.
  static int LIBUSB_CALL changed(libusb_context*, libusb_device*, libusb_hotplug_event,
                                 void* host) {
    static_cast<LibusbHost*>(host)->changed_ = 1;
    return 0;  // stay registered
  }

  base::Result<DeviceList> take_list() {
    // libusb queues arrivals for every context; nobody else takes them out of this one.
    timeval now{};
    libusb_handle_events_timeout_completed(context_.get(), &now, nullptr);
    return DeviceList::take(context_.get());
  }

  Context context_;
  bool changes_are_told_;
  libusb_hotplug_callback_handle subscription_ = 0;  // 0: none
  int changed_ = 0;  // since the last look; an int, because libusb's event loop looks at it
};

}  // namespace

base::Result<std::unique_ptr<Host>> make_libusb_host() {
  TRY_ASSIGN(Context context, make_context());
  return std::unique_ptr<Host>(std::make_unique<LibusbHost>(std::move(context)));
}

}  // namespace usb
