// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/libusb_host.h"

#include "usb/libusb_error.h"
#include "usb/libusb_transport.h"

#include <libusb.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
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

// Counts the changes on the bus and lets threads wait for the next one. libusb refuses synchronous
// calls within a hotplug callback, so the callback does nothing but count.
class Watcher {
 public:
  Watcher() {
    auto context = make_context();
    if (!context || libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) == 0) return;
    const int events = LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT;
    const int result = libusb_hotplug_register_callback(
        context->get(), events, LIBUSB_HOTPLUG_NO_FLAGS, LIBUSB_HOTPLUG_MATCH_ANY,
        LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, &Watcher::changed, this, nullptr);
    if (result < 0) return;
    context_ = std::move(*context);
    thread_ = std::thread([this] { run(); });
  }

  ~Watcher() {
    if (!thread_.joinable()) return;
    stop_.store(true);
    libusb_interrupt_event_handler(context_.get());
    thread_.join();
  }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  // The calling thread is about to look at the bus: what changes from now on wakes its next wait.
  void looking() {
    const std::lock_guard lock(mutex_);
    seen_[std::this_thread::get_id()] = changes_;
  }

  void wait(base::Millis most, const base::CancelToken& cancel) {
    // A signal handler that sets the token cannot wake anybody, hence slices. Without events the
    // bus has to be looked at again now and then; with them, too, in case one got lost.
    constexpr base::Millis kSlice{20};
    constexpr base::Millis kLookAgain{250};
    const auto end = std::chrono::steady_clock::now() + std::min(most, kLookAgain);
    std::unique_lock lock(mutex_);
    const std::uint64_t seen = seen_[std::this_thread::get_id()];
    while (changes_ == seen && !cancel.requested()) {
      const auto now = std::chrono::steady_clock::now();
      if (now >= end) return;
      changed_.wait_until(lock, std::min(end, now + kSlice));
    }
  }

 private:
  static int LIBUSB_CALL changed(libusb_context*, libusb_device*, libusb_hotplug_event,
                                 void* watcher) {
    Watcher& self = *static_cast<Watcher*>(watcher);
    {
      const std::lock_guard lock(self.mutex_);
      ++self.changes_;
    }
    self.changed_.notify_all();
    return 0;  // stay registered
  }

  void run() {
    while (!stop_.load()) {
      timeval most{.tv_sec = 1, .tv_usec = 0};
      // An error here would come again at once, for ever: without events there is polling.
      if (libusb_handle_events_timeout_completed(context_.get(), &most, nullptr) < 0) return;
    }
  }

  Context context_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t changes_ = 0;
  std::map<std::thread::id, std::uint64_t> seen_;
  std::thread thread_;
};

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

class LibusbHost final : public Host {
 public:
  explicit LibusbHost(Context context) : context_(std::move(context)) {}

  base::Result<std::vector<DeviceInfo>> list(std::uint16_t vendor) override {
    watcher_.looking();
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
    watcher_.wait(most, cancel);
  }

 private:
  base::Result<DeviceList> take_list() {
    // libusb queues arrivals for every context; nobody else takes them out of this one.
    timeval now{};
    libusb_handle_events_timeout_completed(context_.get(), &now, nullptr);
    return DeviceList::take(context_.get());
  }

  Context context_;
  Watcher watcher_;
};

}  // namespace

base::Result<std::unique_ptr<Host>> make_libusb_host() {
  TRY_ASSIGN(Context context, make_context());
  return std::unique_ptr<Host>(std::make_unique<LibusbHost>(std::move(context)));
}

}  // namespace usb
