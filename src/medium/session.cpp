// SPDX-License-Identifier: GPL-3.0-or-later
#include "medium/session.h"

#include <utility>

namespace medium {
namespace {

// Alternate setting 0 is the flash; 1 is the device configuration and is left alone.
constexpr std::uint8_t kFlashAlt = 0;

}  // namespace

Session::Session(Key, discovery::World& world, const platform::Platform& platform,
                 discovery::Device device, events::Totals& totals)
    : world_(world), platform_(platform), device_(std::move(device)), totals_(totals) {}

Session::~Session() { close(); }

base::Result<std::unique_ptr<Session>> Session::open(discovery::World& world,
                                                     const platform::Platform& platform,
                                                     const discovery::Device& device,
                                                     events::Totals& totals) {
  auto session = std::make_unique<Session>(Key{}, world, platform, device, totals);
  TRY(session->reopen());
  return session;
}

base::Result<> Session::reopen() {
  close();
  TRY_ASSIGN(transport_, world_.usb.open(device_.info));
  TRY_ASSIGN(dfu::DfuseTarget target,
             dfu::DfuseTarget::open(*transport_, world_.clock, kFlashAlt, platform_.dfu_writable,
                                    dfu::traits_of(device_.info, bootloader_)));
  target_.emplace(std::move(target));
  return {};
}

void Session::set_bootloader(std::optional<std::uint16_t> version) {
  bootloader_ = version;
  if (target_) target_->set_traits(dfu::traits_of(device_.info, bootloader_));
}

std::uint64_t Session::bytes_written() const {
  return written_before_ + (target_ ? target_->counters().bytes_written : 0);
}

void Session::close() {
  if (target_) {
    const dfu::Counters counters = target_->counters();
    totals_.transfers += counters.transfers;
    totals_.write_transfers += counters.write_transfers;
    totals_.bytes_read += counters.bytes_read;
    totals_.sectors_erased += counters.erases;
    written_before_ += counters.bytes_written;
  }
  target_.reset();
  transport_.reset();
}

}  // namespace medium
