// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The USB device of the running firmware: descriptors, standard requests, the CDC ACM class.
// Sources: device-os v0.5.5: hal/src/stm32f2xx/usbd_desc_stm32f2xx.c; v0.6.4:
// platform/MCU/STM32F2xx/SPARK_Firmware_Driver/src/usbd_composite.c, usbd_mcdc.c

#include "platform/platform.h"
#include "sim/board/hardware.h"
#include "sim/board/program.h"
#include "sim/firmware/firmware_profiles.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace sim {

class CdcDevice {
 public:
  enum class Shape {
    whole,
    // 0.6.0 before the reset that follows a DFU leave: a configuration with the control interface
    // and no CDC.
    control_only,
  };

  CdcDevice(const platform::Platform& platform, const UsbProfile& profile, const UniqueId& id,
            Shape shape);

  // Standard requests and those of the CDC class and of Microsoft OS descriptors; none for other
  // vendor requests.
  std::optional<ControlReply> control(const usb::ControlSetup& setup, base::ByteView out);

  // The rate that a SET_LINE_CODING asks for; none if the request is another.
  std::optional<std::uint32_t> line_coding_rate(const usb::ControlSetup& setup,
                                                base::ByteView out) const;

  bool configured() const { return configuration_ != 0; }
  void bus_reset() { configuration_ = 0; }

  base::Bytes device_descriptor() const;
  base::Bytes configuration_descriptor() const;

 private:
  ControlReply standard(const usb::ControlSetup& setup);
  ControlReply descriptor(std::uint16_t value) const;
  ControlReply string(std::uint8_t index) const;
  ControlReply cdc_class(const usb::ControlSetup& setup, base::ByteView out);
  std::optional<ControlReply> microsoft(const usb::ControlSetup& setup) const;

  const platform::Platform* platform_;
  UsbProfile profile_;
  Shape shape_;
  std::string serial_;
  std::uint8_t configuration_ = 0;
  std::array<std::uint8_t, 7> line_coding_{0x80, 0x25, 0, 0, 0, 0, 8};  // 9600 8N1
};

}  // namespace sim
