// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/libusb_context.h"

#include "usb/libusb_error.h"

#include <libusb.h>

#include <utility>

namespace usb {
namespace {

// Runs on the event thread, within libusb: it may do nothing but tell.
int LIBUSB_CALL changed(libusb_context*, libusb_device*, libusb_hotplug_event, void* bell) {
  static_cast<Doorbell*>(bell)->ring();
  return 0;  // stay registered
}

}  // namespace

base::Result<std::shared_ptr<LibusbContext>> LibusbContext::start(std::shared_ptr<Doorbell> bell) {
  libusb_context* context = nullptr;
  const int result = libusb_init(&context);
  if (result < 0) return error_from_libusb(result, "starting libusb");
  return std::make_shared<LibusbContext>(Key{}, context, std::move(bell));
}

LibusbContext::LibusbContext(Key, libusb_context* context, std::shared_ptr<Doorbell> bell)
    : context_(context), bell_(std::move(bell)) {
  if (libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) != 0) {
    const int events = LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT;
    libusb_hotplug_callback_handle subscription = 0;
    // Refused, it leaves us with looking again now and then.
    const int result = libusb_hotplug_register_callback(
        context_, events, LIBUSB_HOTPLUG_NO_FLAGS, LIBUSB_HOTPLUG_MATCH_ANY,
        LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, &changed, bell_.get(), &subscription);
    if (result == LIBUSB_SUCCESS) subscription_ = subscription;
  }
  loop_.emplace(
      [context] {
        const int handled = libusb_handle_events_completed(context, nullptr);
        return handled == LIBUSB_SUCCESS || handled == LIBUSB_ERROR_INTERRUPTED;
      },
      [context] { libusb_interrupt_event_handler(context); });
}

LibusbContext::~LibusbContext() {
  loop_.reset();
  if (subscription_) libusb_hotplug_deregister_callback(context_, *subscription_);
  libusb_exit(context_);
}

}  // namespace usb
