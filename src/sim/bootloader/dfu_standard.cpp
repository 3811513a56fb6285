// SPDX-License-Identifier: GPL-3.0-or-later
//
// DfuDevice: the standard and vendor requests (device-os v0.6.4: usbd_req.c, usbd_dfu_core.c).
#include "sim/bootloader/dfu_descriptors.h"
#include "sim/bootloader/dfu_device.h"
#include "sim/bootloader/standard_requests.h"

#include <algorithm>

namespace sim {
namespace {

using Kind = ControlReply::Kind;

// USB 2.0, table 9-5.
enum DescriptorType : std::uint8_t {
  kDeviceDescriptor = 1,
  kConfigurationDescriptor = 2,
  kStringDescriptor = 3,
  kDfuFunctional = 0x21,
};
enum Recipient : std::uint8_t { kToDevice = 0, kToInterface = 1, kToEndpoint = 2 };
constexpr std::uint16_t kFirstDeviceRequest = 64;
constexpr std::uint8_t kMicrosoft = 0xEE;
constexpr std::uint16_t kCompatibleId = 4;
constexpr std::uint16_t kProperties = 5;
constexpr std::uint8_t kStrings = 8;
constexpr std::uint16_t kRemoteWakeUp = 1;
constexpr std::uint8_t kNullString = 0xFA;
constexpr std::size_t kLongestDescriptor = 255;

ControlReply unanswered() { return {Kind::never, {}, {}}; }

std::uint8_t high_byte(std::uint16_t value) { return static_cast<std::uint8_t>(value / 256); }
std::uint8_t low_byte(std::uint16_t value) { return static_cast<std::uint8_t>(value % 256); }

}  // namespace

ControlReply DfuDevice::standard(const usb::ControlSetup& setup, std::uint16_t length) {
  const auto recipient = static_cast<std::uint8_t>(setup.request_type & 0x1FU);
  switch (setup.request) {
    case kGetStatus:
      // Prepared for, but never sent; the next request works.
      if (recipient == kToInterface) return configured_ ? unanswered() : stall();
      if (recipient == kToEndpoint && !configured_) return unanswered();
      if (recipient == kToEndpoint) return answer(base::Bytes{stalled_before_, 0x00}, length);
      return answer(base::Bytes{static_cast<std::uint8_t>(wakes_ ? 0x03 : 0x01), 0x00}, length);
    case kClearFeature:
    case kSetFeature:
      if (recipient == kToInterface) return stall();
      if (recipient == kToDevice && setup.value == kRemoteWakeUp) {
        wakes_ = setup.request == kSetFeature;
      }
      return {};
    case kGetDescriptor: {
      ControlReply reply = descriptor(setup, length);
      // Nothing is sent then, not even the end of the request.
      const bool nothing = recipient == kToDevice && length == 0 && reply.kind == Kind::done;
      return nothing ? unanswered() : reply;
    }
    case kGetConfiguration:
      return answer(base::Bytes{static_cast<std::uint8_t>(configured_ ? 1 : 0)}, length);
    case kSetConfiguration:
      if (setup.value > 1) return stall();
      if (setup.value == 0) {
        configured_ = false;
      } else if (!configured_) {
        configure();
      }
      return {};
    case kGetInterface:
      return configured_ ? answer(base::Bytes{alt_}, length) : stall();
    case kSetInterface:
      if (!configured_ || setup.value > 1) return stall();
      alt_ = low_byte(setup.value);
      return {};
    case kSynchFrame:
      return recipient == kToEndpoint ? unanswered() : stall();
    default:
      return stall();
  }
}

// Into dfuIDLE; the address pointer and the alternate setting stay.
void DfuDevice::configure() {
  configured_ = true;
  state_ = idle;
  if (!keeps_status_block()) status_ = 0;
  block_ = 0;
  length_ = 0;
  stuck_ = false;
}

ControlReply DfuDevice::descriptor(const usb::ControlSetup& setup, std::uint16_t length) {
  const std::uint8_t type = high_byte(setup.value);
  if ((setup.request_type & 0x1FU) == kToInterface) {
    if (type != kDfuFunctional || !configured_) return stall();
    return answer(dfu_functional_descriptor(), length);
  }
  switch (type) {
    case kDeviceDescriptor:
      // A host that asks for 64 bytes does not know the packet size yet: it gets the first 8.
      return answer(dfu_device_descriptor(profile_),
                    length == kFirstDeviceRequest ? std::uint16_t{8} : length);
    case kConfigurationDescriptor:
      return answer(dfu_configuration_descriptor(), length);
    case kStringDescriptor:
      return string(low_byte(setup.value), length);
    default:
      return stall();  // device qualifier and other speed: full speed only
  }
}

ControlReply DfuDevice::string(std::uint8_t index, std::uint16_t length) {
  if (index < kStrings) {
    return answer(dfu_string_descriptor(index, profile_, hardware_.unique_id()), length);
  }
  if (index == kMicrosoft && profile_.microsoft_descriptors) {
    return answer(dfu_microsoft_string(), length);
  }
  // Past the end of the table of strings.
  if (index == kNullString && profile_.null_string) {
    const base::ByteView start = hardware_.flash().view().first(kLongestDescriptor);
    return answer(base::Bytes(start.begin(), start.end()), length);
  }
  if (profile_.unknown_string == BootloaderProfile::UnknownString::crash) return never();
  return answer(base::Bytes{0x08, 0x03, 0x00, 0x20, 0x04, 0xE0, 0x10, 0xB5}, length);
}

// The Microsoft OS feature descriptors, as many bytes as the host asks for.
ControlReply DfuDevice::vendor(const usb::ControlSetup& setup, std::uint16_t length) const {
  if (!profile_.microsoft_descriptors || setup.request != kMicrosoft) return stall();
  base::Bytes block;
  if (setup.request_type == 0xC0 && setup.index == kCompatibleId) {
    block = dfu_microsoft_compatible_id();
  } else if (setup.request_type == 0xC1 && setup.index == kProperties && configured_) {
    block = dfu_microsoft_properties();
  } else {
    return stall();
  }
  block.resize(length, 0);
  return {Kind::done, std::move(block), {}};
}

}  // namespace sim
