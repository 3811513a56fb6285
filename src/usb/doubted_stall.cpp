// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/doubted_stall.h"

#include <utility>

namespace usb {

DoubtedStalls::DoubtedStalls(std::unique_ptr<Transport> device, std::function<bool()> is_there)
    : device_(std::move(device)), is_there_(std::move(is_there)) {}

template <class Value>
base::Result<Value> DoubtedStalls::believed(base::Result<Value> result) const {
  if (result || result.error().code != base::Errc::usb_stall || is_there_()) return result;
  return base::make_error(base::Errc::device_gone, "the device is no longer there",
                          "check the cable and the device's power");
}

base::Result<> DoubtedStalls::claim_interface(std::uint8_t interface) {
  return believed(device_->claim_interface(interface));
}

base::Result<> DoubtedStalls::select_alt(std::uint8_t interface, std::uint8_t alt) {
  return believed(device_->select_alt(interface, alt));
}

base::Result<base::Bytes> DoubtedStalls::configuration() {
  return believed(device_->configuration());
}

base::Result<std::string> DoubtedStalls::string(std::uint8_t index) {
  return believed(device_->string(index));
}

base::Result<std::size_t> DoubtedStalls::carry_in(const ControlSetup& setup,
                                                  std::span<std::uint8_t> into,
                                                  base::Millis timeout) {
  return believed(device_->control_in(setup, into, timeout));
}

base::Result<std::size_t> DoubtedStalls::carry_out(const ControlSetup& setup, base::ByteView data,
                                                   base::Millis timeout) {
  return believed(device_->control_out(setup, data, timeout));
}

}  // namespace usb
