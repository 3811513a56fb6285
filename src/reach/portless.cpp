// SPDX-License-Identifier: GPL-3.0-or-later
#include "reach/portless.h"

#include "platform/electron_history.h"
#include "reach/line.h"
#include "reach/watch.h"

#include <array>
#include <optional>
#include <utility>

namespace reach {
namespace {

using base::Errc;
using base::Millis;
using discovery::Device;
using discovery::Mode;
using discovery::Want;
using std::chrono::milliseconds;

constexpr std::uint8_t kToInterface = 0x21;  // class, interface
constexpr std::uint8_t kSetLineCoding = 0x20;
constexpr Millis kRateTimeout(1000);
// 0.6.4 to 1.5.2 lose a 28800 in their first second on the bus.
constexpr base::Micros kListensAfter = milliseconds(1200);
// Nothing on the bus tells that it has begun to listen, and no question is free: whichever is asked
// before that lies unanswered and keeps memory until the next start (VENDOR.md); there is room for
// five, and whoever sends it to DFU mode next may need two of them. So two questions and no more:
// the first soon, since a device that has heard 28800 cancels its search at once, the second for
// one that takes its time. The answer to each is waited for by CHECK, which keeps nothing.
constexpr std::array<base::Micros, 2> kAskedAfter{milliseconds(300), milliseconds(1500)};

// The communication interface of a configuration (USB 2.0, table 9-12; CDC 1.2, table 14).
std::optional<std::uint8_t> communication_interface(base::ByteView configuration) {
  constexpr std::uint8_t kInterface = 4;
  constexpr std::size_t kInterfaceSize = 9;
  for (std::size_t at = 0; at + 2 <= configuration.size();) {
    const base::ByteView here = configuration.subspan(at);
    const std::size_t length = here[0];
    if (length < 2 || length > here.size()) break;
    const bool found = here[1] == kInterface && length >= kInterfaceSize && here[5] == 2;
    if (found) return here[2];
    at += length;
  }
  return std::nullopt;
}

base::Error unable() {
  return base::make_error(Errc::unsupported, "it has no serial port, and no way around one",
                          "`electron-rescue doctor` tells what stands in the way");
}

// Time that the device is to stay in: one that restarts meanwhile has forgotten what it was told.
base::Result<> stays(const work::Context& context, const Device& device, base::Micros within) {
  constexpr Millis kLook(500);
  const base::Deadline deadline(context.world.clock, within);
  while (!deadline.passed()) {
    if (context.cancel.requested()) return interrupted();
    context.world.usb.wait_for_change(deadline.left_up_to(kLook), context.cancel);
    if (!is_still_there(context, device)) {
      return base::make_error(Errc::device_gone, "the device has restarted");
    }
  }
  return {};
}

bool speaks(const std::string& release) {
  const platform::SystemGeneration* generation = platform::generation_of(release);
  return generation != nullptr && generation->vendor == platform::VendorScheme::asynchronous;
}

}  // namespace

base::Result<> set_rate(const work::Context& context, const Device& device, std::uint32_t baud) {
  TRY_ASSIGN(auto transport, context.world.usb.open(device.info));
  TRY_ASSIGN(const base::Bytes configuration, transport->configuration());
  const auto interface = communication_interface(configuration);
  if (!interface) {
    return base::make_error(Errc::unsupported, "the device has no serial interface");
  }
  const auto send = [&](std::uint32_t rate) {
    std::array<std::uint8_t, 7> coding{0, 0, 0, 0, 0, 0, 8};  // one stop bit, no parity, 8 bits
    base::store_le32(coding, 0, rate);
    return transport->control_out({kToInterface, kSetLineCoding, 0, *interface}, coding,
                                  kRateTimeout);
  };
  TRY(send(kQuietBaud));
  TRY(send(baud));
  return {};
}

base::Result<Device> listen_without_port(const work::Context& context, const Device& device) {
  if (is_old(device)) return unable();
  for (std::size_t tries = 0;; ++tries) {
    TRY(stays(context, device, kListensAfter));
    TRY(set_rate(context, device, context.platform.serial.listening_baud));
    TRY_ASSIGN(auto transport, context.world.usb.open(device.info));
    TRY_ASSIGN(const std::string release, vendor_release(*transport));
    if (!speaks(release)) return unable();
    TRY(stays(context, device, kAskedAfter[tries]));
    const auto listens = vendor_listens(*transport, context.world.clock);
    if (listens) break;
    const bool last = tries + 1 == kAskedAfter.size();
    if (listens.error().code != Errc::timeout || last) return listens.error();
  }
  Device now = device;
  now.mode = Mode::listening;
  return now;
}

base::Result<> stop_listening_without_port(const work::Context& context, const Device& device) {
  return ask_by_vendor_request(context, device, VendorRequest::stop_listening);
}

base::Result<ToldByRequest> ask_without_port(const work::Context& context, const Device& device) {
  TRY_ASSIGN(auto transport, context.world.usb.open(device.info));
  ToldByRequest told;
  TRY_ASSIGN(told.release, vendor_release(*transport));
  if (!speaks(told.release)) return unable();
  TRY_ASSIGN(told.id, vendor_device_id(*transport));
  TRY_ASSIGN(told.modules, vendor_modules(*transport, context.world.clock));
  return told;
}

}  // namespace reach
