// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/cdc_device.h"

#include <algorithm>
#include <string_view>

namespace sim {
namespace {

using base::Bytes;

constexpr std::uint8_t kControlInterface = 2;
constexpr std::uint8_t kMicrosoftCode = 0xEE;
constexpr std::uint8_t kControlInterfaceString = 9;

// bmRequestType without direction.
constexpr std::uint8_t kTypeMask = 0x60;
constexpr std::uint8_t kStandard = 0x00;
constexpr std::uint8_t kClass = 0x20;

ControlReply done() { return {}; }
ControlReply data(Bytes bytes) {
  return {.kind = ControlReply::Kind::done, .data = std::move(bytes)};
}

void append(Bytes& to, const Bytes& more) { to.insert(to.end(), more.begin(), more.end()); }

// USB 2.0, 9.6.7: UTF-16LE.
Bytes string_descriptor(std::string_view text) {
  Bytes bytes{static_cast<std::uint8_t>(2 + 2 * text.size()), 0x03};
  for (const char c : text) {
    bytes.push_back(static_cast<std::uint8_t>(c));
    bytes.push_back(0);
  }
  return bytes;
}

Bytes cdc_interfaces(std::uint8_t notification_endpoint) {
  return {
      9,    0x04, 0,
      0,    1,    0x02,
      0x02, 0x01, 0,  // interface 0: communication, ACM
      5,    0x24, 0x00,
      0x10, 0x01,  // header, CDC 1.10
      5,    0x24, 0x01,
      0x00, 0x01,  // call management
      4,    0x24, 0x02,
      0x02,  // ACM: line coding, control lines
      5,    0x24, 0x06,
      0x00, 0x01,  // union of interfaces 0 and 1
      7,    0x05, notification_endpoint,
      0x03, 8,    0,
      0xFF,  // interrupt IN
      9,    0x04, 1,
      0,    2,    0x0A,
      0x00, 0x00, 0,  // interface 1: data
      7,    0x05, 0x01,
      0x02, 64,   0,
      0,  // bulk OUT
      7,    0x05, 0x81,
      0x02, 64,   0,
      0,  // bulk IN
  };
}

Bytes control_interface(std::uint8_t number) {
  return {9, 0x04, number, 0, 0, 0xFF, 0xFF, 0xFF, kControlInterfaceString};
}

// Compatible id of the control interface: WINUSB.
Bytes compatible_id() {
  Bytes bytes(40, 0);
  bytes[0] = 40;
  bytes[5] = 0x01;  // version 1.00
  bytes[6] = 0x04;  // index: compatible ids
  bytes[8] = 1;     // one function
  bytes[16] = kControlInterface;
  bytes[17] = 0x01;
  constexpr std::string_view kDriver = "WINUSB";
  std::copy(kDriver.begin(), kDriver.end(), bytes.begin() + 18);
  return bytes;
}

void append_utf16(Bytes& bytes, std::string_view text, std::size_t size) {
  for (std::size_t i = 0; i < size / 2; ++i) {
    bytes.push_back(i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0);
    bytes.push_back(0);
  }
}

// One registry property, DeviceInterfaceGUIDs.
Bytes extended_properties() {
  Bytes bytes;
  base::append_le(bytes, 0x92, 4);
  base::append_le(bytes, 0x0100, 2);
  base::append_le(bytes, 5, 2);
  base::append_le(bytes, 1, 2);
  base::append_le(bytes, 0x88, 4);
  base::append_le(bytes, 7, 4);  // REG_MULTI_SZ
  base::append_le(bytes, 42, 2);
  append_utf16(bytes, "DeviceInterfaceGUIDs", 42);
  base::append_le(bytes, 80, 4);
  append_utf16(bytes, "{20b6cfa4-6dc7-468a-a8db-faa7c23ddea5}", 80);
  return bytes;
}

}  // namespace

CdcDevice::CdcDevice(const platform::Platform& platform, const UsbProfile& profile,
                     const UniqueId& id, Shape shape)
    : platform_(&platform), profile_(profile), shape_(shape) {
  serial_ = "00000000050C";  // on every unit up to 0.5.5
  if (!profile_.composite) return;
  serial_ = base::to_hex(id);
  if (!profile_.lower_serial) {
    std::transform(serial_.begin(), serial_.end(), serial_.begin(), [](char c) {
      return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    });
  }
}

Bytes CdcDevice::device_descriptor() const {
  const bool iad = profile_.composite;
  Bytes bytes{18, 0x01, 0x00, 0x02, 0x02, 0x00, 0x00, 64, 0, 0, 0, 0, 0x00, 0x02, 1, 2, 3, 1};
  if (iad) {
    bytes[4] = 0xEF;
    bytes[5] = 0x02;
    bytes[6] = 0x01;
    bytes[12] = 0x50;
  }
  base::store_le16(bytes, 8, platform_->usb.vendor);
  base::store_le16(bytes, 10, platform_->usb.serial_product);
  return bytes;
}

Bytes CdcDevice::configuration_descriptor() const {
  Bytes body;
  std::uint8_t interfaces = 2;
  if (shape_ == Shape::control_only) {
    interfaces = 1;
    append(body, control_interface(0));
  } else if (profile_.composite) {
    interfaces = 3;
    append(body, {8, 0x0B, 0, 2, 0x02, 0x02, 0x01, 0});  // association of interfaces 0 and 1
    append(body, cdc_interfaces(0x83));
    append(body, control_interface(kControlInterface));
  } else {
    append(body, cdc_interfaces(0x82));
  }
  Bytes bytes{9, 0x02, 0, 0, interfaces, 1, 0, 0xC0, 50};
  if (profile_.composite) {
    bytes[6] = 4;     // iConfiguration
    bytes[7] = 0x80;  // bus powered
  }
  append(bytes, body);
  base::store_le16(bytes, 2, static_cast<std::uint16_t>(bytes.size()));
  return bytes;
}

std::optional<ControlReply> CdcDevice::control(const usb::ControlSetup& setup, base::ByteView out) {
  switch (setup.request_type & kTypeMask) {
    case kStandard:
      return standard(setup);
    case kClass:
      return shape_ == Shape::whole ? cdc_class(setup, out) : stall();
    default:
      return microsoft(setup);
  }
}

std::optional<std::uint32_t> CdcDevice::line_coding_rate(const usb::ControlSetup& setup,
                                                         base::ByteView out) const {
  const bool set_line_coding = setup.request_type == 0x21 && setup.request == 0x20;
  if (!set_line_coding || !configured() || shape_ != Shape::whole || out.size() < 7) {
    return std::nullopt;
  }
  return base::load_le32(out, 0);
}

// USB 2.0, chapter 9.
ControlReply CdcDevice::standard(const usb::ControlSetup& setup) {
  switch (setup.request) {
    case 0x00:  // GET_STATUS
      return data({static_cast<std::uint8_t>(
                       (setup.request_type & 0x1F) == 0 && !profile_.composite ? 1 : 0),
                   0});
    case 0x01:  // CLEAR_FEATURE
    case 0x03:  // SET_FEATURE
      return done();
    case 0x06:
      return descriptor(setup.value);
    case 0x08:
      return data({configuration_});
    case 0x09:
      if (setup.value > 1) return stall();
      configuration_ = static_cast<std::uint8_t>(setup.value);
      return done();
    case 0x0A:
      return data({0});
    case 0x0B:
      return setup.value == 0 ? done() : stall();
    default:
      return stall();
  }
}

ControlReply CdcDevice::descriptor(std::uint16_t value) const {
  switch (value >> 8) {
    case 1:
      return data(device_descriptor());
    case 2:
      return data(configuration_descriptor());
    case 3:
      return string(static_cast<std::uint8_t>(value & 0xFF));
    default:
      return stall();  // device qualifier, other speed: full speed only
  }
}

ControlReply CdcDevice::string(std::uint8_t index) const {
  switch (index) {
    case 0:
      return data({4, 0x03, 0x09, 0x04});
    case 1:
      return data(string_descriptor("Particle"));
    case 2:
      return data(string_descriptor("Electron"));
    case 3:
      return data(string_descriptor(serial_));
    default:
      break;
  }
  if (!profile_.composite) return stall();
  if (index == 4) return data(string_descriptor("Composite"));
  if (index == kControlInterfaceString) {
    return data(string_descriptor("Electron Control Interface"));
  }
  if (index == kMicrosoftCode) {
    Bytes bytes = string_descriptor("MSFT100");
    append(bytes, {kMicrosoftCode, 0});
    bytes[0] = static_cast<std::uint8_t>(bytes.size());
    return data(std::move(bytes));
  }
  return stall();
}

// CDC PSTN 1.2, 6.3.
ControlReply CdcDevice::cdc_class(const usb::ControlSetup& setup, base::ByteView out) {
  if (!configured()) return stall();
  switch (setup.request) {
    case 0x20:  // SET_LINE_CODING
      if (out.size() < line_coding_.size()) return stall();
      std::copy_n(out.begin(), line_coding_.size(), line_coding_.begin());
      return done();
    case 0x21:  // GET_LINE_CODING
      return data({line_coding_.begin(), line_coding_.end()});
    case 0x22:  // SET_CONTROL_LINE_STATE
    case 0x23:  // SEND_BREAK
      return done();
    default:
      return stall();
  }
}

std::optional<ControlReply> CdcDevice::microsoft(const usb::ControlSetup& setup) const {
  if (!profile_.composite || setup.request != kMicrosoftCode) return std::nullopt;
  if (setup.request_type == 0xC0 && setup.index == 4) return data(compatible_id());
  if (setup.request_type == 0xC1 && setup.index == 5) return data(extended_properties());
  return stall();
}

}  // namespace sim
