// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The DFU half of the bootloader: descriptors, standard requests, the DFU class requests and the
// flash work behind them (device-os: platform/MCU/STM32F2xx/STM32_USB_Device_Driver/src/
// usbd_dfu_core.c, usbd_dfu_mal.c, usbd_flash_if.c, usbd_dct_if.c, usbd_req.c). What was observed
// when running the released images wins over the sources.

#include "sim/board/hardware.h"
#include "sim/board/program.h"
#include "sim/bootloader/bootloader_profiles.h"

#include <array>
#include <optional>

namespace sim {

class DfuDevice {
 public:
  DfuDevice(Hardware& hardware, const BootloaderProfile& profile);

  ControlReply control(const usb::ControlSetup& setup, std::uint16_t length, base::ByteView out);
  ControlReply::Kind data_taken();
  void bus_reset();
  // When the device leaves DFU by itself; none while it does not. The bootloader saves its flags
  // and resets then.
  std::optional<base::Instant> leaves_at() const { return leaves_at_; }

 private:
  // DFU 1.1, section 6.1.2, and the 15 that UPLOAD of block 1 makes.
  enum State : std::uint8_t {
    idle = 2,
    download_sync = 3,
    download_busy = 4,
    download_idle = 5,
    manifest_sync = 6,
    manifest = 7,
    manifest_wait_reset = 8,
    upload_idle = 9,
    error = 10,
    bogus = 15,
  };
  enum class Medium { flash, dct, none };
  enum class Outcome { done, failed, refused, crashed };  // refused: no command it knows

  ControlReply dispatch(const usb::ControlSetup& setup, std::uint16_t length, base::ByteView out);
  ControlReply standard(const usb::ControlSetup& setup, std::uint16_t length);
  ControlReply descriptor(const usb::ControlSetup& setup, std::uint16_t length);
  ControlReply string(std::uint8_t index, std::uint16_t length);
  ControlReply vendor(const usb::ControlSetup& setup, std::uint16_t length) const;
  ControlReply class_request(const usb::ControlSetup& setup, std::uint16_t length,
                             base::ByteView out);
  ControlReply download(std::uint16_t block, std::uint16_t length, base::ByteView out);
  ControlReply upload(std::uint16_t block, std::uint16_t length);
  ControlReply get_status();
  ControlReply clear_status();
  ControlReply handle_abort();
  ControlReply detach();
  ControlReply never();
  void configure();

  Medium medium(std::uint32_t address) const;
  void look_up_poll();
  bool keeps_status_block() const;
  Outcome work();
  bool erase(std::uint32_t address);
  Outcome write(std::uint32_t address);
  bool write_flash(std::uint32_t address, base::ByteView data);
  base::Bytes read(std::uint32_t address, std::uint16_t length);
  std::uint32_t block_address(std::uint16_t block) const;

  Hardware& hardware_;
  const BootloaderProfile& profile_;
  bool configured_ = false;
  bool wakes_ = false;               // remote wake-up: settable, and nothing else
  std::uint8_t stalled_before_ = 0;  // endpoint 0 has been stalled since the start
  std::uint8_t alt_ = 0;
  std::uint8_t state_ = idle;
  std::uint8_t status_ = 0;
  std::uint32_t poll_ = 0;
  std::uint16_t block_ = 0;
  std::uint32_t length_ = 0;
  bool stuck_ = false;
  std::uint32_t pointer_;
  base::Bytes buffer_;
  std::optional<base::Instant> leaves_at_;
};

}  // namespace sim
