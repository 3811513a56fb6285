// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bootloader/foreign_device.h"

#include "sim/bootloader/dfu_descriptors.h"
#include "sim/bootloader/standard_requests.h"

namespace sim {
namespace {

using Kind = ControlReply::Kind;

// USB 2.0, section 9.3 and DFU 1.1, section 3.
constexpr std::uint8_t kIn = 0x80;
constexpr std::uint8_t kTypeMask = 0x60;
constexpr std::uint8_t kStandard = 0x00;
constexpr std::uint8_t kClass = 0x20;
constexpr std::uint8_t kDfuGetStatus = 3;
constexpr std::uint8_t kDfuGetState = 5;
constexpr std::uint8_t kDfuIdle = 2;

base::Bytes device_descriptor() {
  base::Bytes bytes{0x12, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00, 0x40, 0x00,
                    0x00, 0x00, 0x00, 0x00, 0x22, 0x01, 0x02, 0x03, 0x01};
  base::store_le16(bytes, 8, kForeignVendor);
  base::store_le16(bytes, 10, kForeignProduct);
  return bytes;
}

base::Bytes configuration_descriptor() {
  return {0x09, 0x02, 0x1B, 0x00, 0x01, 0x01, 0x00, 0xC0, 0x32,   // 27 bytes, self-powered
          0x09, 0x04, 0x00, 0x00, 0x00, 0xFE, 0x01, 0x02, 0x04,   // DFU mode
          0x09, 0x21, 0x0B, 0xFF, 0x00, 0x00, 0x08, 0x1A, 0x01};  // 2048 bytes, DfuSe
}

base::Bytes string_of(std::uint8_t index) {
  switch (index) {
    case 0:
      return {0x04, 0x03, 0x09, 0x04};
    case 1:
      return string_descriptor("STMicroelectronics");
    case 2:
      return string_descriptor("STM32  BOOTLOADER");
    case 3:
      return string_descriptor("STM32FxSTM32");
    case 4:
      return string_descriptor("@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg");
    default:
      return {};
  }
}

class ForeignDevice final : public Program {
 public:
  explicit ForeignDevice(Hardware& hardware) { hardware.pull_up(true); }

  ControlReply control(const usb::ControlSetup& setup, std::uint16_t length,
                       base::ByteView out) override {
    static_cast<void>(out);
    const auto type = static_cast<std::uint8_t>(setup.request_type & kTypeMask);
    if (type == kStandard) return standard(setup, length);
    if (type == kClass) return class_request(setup, length);
    return {Kind::stall, {}, {}};
  }
  Led led() const override { return {touched_ ? "red" : "green", "solid"}; }

 private:
  static ControlReply answer(base::Bytes data, std::uint16_t length) {
    if (data.empty()) return {Kind::stall, {}, {}};
    if (data.size() > length) data.resize(length);
    return {Kind::done, std::move(data), {}};
  }

  ControlReply standard(const usb::ControlSetup& setup, std::uint16_t length) {
    constexpr std::uint16_t kByte = 256;
    switch (setup.request) {
      case kGetDescriptor:
        if (setup.value / kByte == 1) return answer(device_descriptor(), length);
        if (setup.value / kByte == 2) return answer(configuration_descriptor(), length);
        if (setup.value / kByte == 3) {
          return answer(string_of(static_cast<std::uint8_t>(setup.value % kByte)), length);
        }
        return {Kind::stall, {}, {}};
      case kGetConfiguration:
        return answer({1}, length);
      case kSetConfiguration:
      case kSetInterface:
        return {};
      default:
        return {Kind::stall, {}, {}};
    }
  }

  ControlReply class_request(const usb::ControlSetup& setup, std::uint16_t length) {
    if ((setup.request_type & kIn) != 0 && setup.request == kDfuGetStatus) {
      return answer({0, 0, 0, 0, kDfuIdle, 0}, length);
    }
    if ((setup.request_type & kIn) != 0 && setup.request == kDfuGetState) {
      return answer({kDfuIdle}, length);
    }
    touched_ = true;
    return {Kind::stall, {}, {}};
  }

  bool touched_ = false;
};

}  // namespace

std::unique_ptr<Program> make_foreign_device(Hardware& hardware) {
  return std::make_unique<ForeignDevice>(hardware);
}

}  // namespace sim
