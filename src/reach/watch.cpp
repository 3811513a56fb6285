// SPDX-License-Identifier: GPL-3.0-or-later
#include "reach/watch.h"

#include "discovery/inventory.h"
#include "platform/electron_history.h"
#include "reach/line.h"

#include <algorithm>
#include <utility>

namespace reach {
namespace {

using base::Errc;
using discovery::Device;

base::Result<Device> look(const work::Context& context, const Device& device, discovery::Want want,
                          base::Micros within, const base::CancelToken& cancel) {
  auto there =
      discovery::wait_for(context.world, context.platform, device.port(), want, within, cancel);
  if (!there) return there;
  return same_device(device, std::move(*there));
}

}  // namespace

bool is_old(const Device& device) { return device.info.bcd_device < platform::kBcdSince060; }

base::Error interrupted() { return base::make_error(Errc::cancelled, "interrupted"); }

bool is_kept_from_us(const base::Error& error) {
  return error.code == Errc::busy || error.code == Errc::access_denied;
}

bool is_final(const base::Error& error) {
  return error.code == Errc::cancelled || error.code == Errc::no_device || is_kept_from_us(error);
}

bool is_still_there(const work::Context& context, const Device& device) {
  const auto devices = context.world.usb.list(context.platform.usb.vendor);
  return devices && std::ranges::any_of(*devices, [&](const usb::DeviceInfo& info) {
           return discovery::same_enumeration(info, device.info);
         });
}

base::Result<Device> look_again(const work::Context& context, const Device& device,
                                discovery::Want want, base::Micros within) {
  return look(context, device, want, within, context.cancel);
}

base::Result<Device> watch_it_go(const work::Context& context, const Device& device,
                                 discovery::Want want, base::Micros within) {
  const base::CancelToken second(context.cancel, 1);
  return look(context, device, want, within, second);
}

base::Result<> ask_by_vendor_request(const work::Context& context, const Device& device,
                                     VendorRequest request) {
  TRY_ASSIGN(auto transport, context.world.usb.open(device.info));
  TRY_ASSIGN(const std::string release, vendor_release(*transport));
  const platform::SystemGeneration* generation = platform::generation_of(release);
  const platform::VendorScheme scheme =
      generation == nullptr ? platform::VendorScheme::none : generation->vendor;
  return vendor_request(*transport, context.world.clock, scheme, request);
}

}  // namespace reach
