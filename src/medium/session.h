// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dfu/dfuse.h"
#include "discovery/device.h"
#include "events/report.h"

#include <memory>
#include <optional>

namespace medium {

// One device in DFU mode, opened. What it counts is added to `totals` when it is closed. The world
// and the totals outlive it.
class Session {
  struct Key {};  // only open() makes one

 public:
  Session(Key, discovery::World& world, const platform::Platform& platform,
          discovery::Device device, events::Totals& totals);
  // Errors: access_denied, busy, device_gone, and those of dfu::DfuseTarget::open.
  static base::Result<std::unique_ptr<Session>> open(discovery::World& world,
                                                     const platform::Platform& platform,
                                                     const discovery::Device& device,
                                                     events::Totals& totals);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Closes the device and opens it anew. After an error there is no target any more, and the
  // session can only be reopened or destroyed.
  base::Result<> reopen();

  // What was read of the bootloader tells more than its descriptors.
  void set_bootloader(std::optional<std::uint16_t> version);

  dfu::DfuseTarget& target() { return *target_; }
  bool is_open() const { return target_.has_value(); }
  // Sent to be programmed since open(), over all times the device was opened.
  std::uint64_t bytes_written() const;
  const discovery::Device& device() const { return device_; }

 private:
  void close();

  discovery::World& world_;
  const platform::Platform& platform_;
  discovery::Device device_;
  std::optional<std::uint16_t> bootloader_;
  std::uint64_t written_before_ = 0;  // by targets that were closed since
  events::Totals& totals_;
  std::unique_ptr<usb::Transport> transport_;
  std::optional<dfu::DfuseTarget> target_;
};

}  // namespace medium
