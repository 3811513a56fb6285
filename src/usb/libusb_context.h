// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// libusb in this process: one context, and the thread that handles its events. Everything that is
// open holds it.

#include "base/result.h"
#include "usb/doorbell.h"
#include "usb/event_loop.h"

#include <memory>
#include <optional>

struct libusb_context;

namespace usb {

class LibusbContext {
  struct Key {};  // only start() makes one

 public:
  // `bell` rings when libusb tells of an arrival or a departure. Errors: usb_io, unsupported.
  static base::Result<std::shared_ptr<LibusbContext>> start(std::shared_ptr<Doorbell> bell);
  LibusbContext(Key, libusb_context* context, std::shared_ptr<Doorbell> bell);
  ~LibusbContext();
  LibusbContext(const LibusbContext&) = delete;
  LibusbContext& operator=(const LibusbContext&) = delete;

  libusb_context* get() const { return context_; }
  bool is_stuck() const { return loop_->is_stuck(); }

 private:
  libusb_context* context_;
  std::shared_ptr<Doorbell> bell_;
  std::optional<int> subscription_;
  std::optional<EventLoop> loop_;
};

}  // namespace usb
