// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The bus as a job sees it, and what it sees on its own port told. The job finds a device that has
// restarted by itself, often before the station's own watch has noticed that it was away.

#include "discovery/inventory.h"
#include "usb/host.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace station {

class WatchedHost final : public usb::Host {
 public:
  // `saw` is called for each enumeration on `port` that was not there before. `inner` outlives it.
  WatchedHost(usb::Host& inner, usb::PortPath port, std::function<void(const usb::DeviceInfo&)> saw)
      : inner_(&inner), port_(std::move(port)), saw_(std::move(saw)) {}

  base::Result<std::vector<usb::DeviceInfo>> list(std::uint16_t vendor) override {
    TRY_ASSIGN(auto devices, inner_->list(vendor));
    const auto here = std::ranges::find(devices, port_, &usb::DeviceInfo::port);
    if (here != devices.end() && (!last_ || !discovery::same_enumeration(*last_, *here))) {
      last_ = *here;
      saw_(*here);
    }
    return devices;
  }
  base::Result<std::unique_ptr<usb::Transport>> open(const usb::DeviceInfo& info) override {
    return inner_->open(info);
  }
  base::Result<> may_open(const usb::DeviceInfo& info) override { return inner_->may_open(info); }
  std::optional<std::string> user_of(const usb::DeviceInfo& info) override {
    return inner_->user_of(info);
  }
  void wait_for_change(base::Millis most, const base::CancelToken& cancel) override {
    inner_->wait_for_change(most, cancel);
  }

 private:
  usb::Host* inner_;
  usb::PortPath port_;
  std::function<void(const usb::DeviceInfo&)> saw_;
  std::optional<usb::DeviceInfo> last_;
};

}  // namespace station
