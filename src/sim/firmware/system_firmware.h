// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The system firmware from its start to the next reset. make_firmware() (firmware.h) decides
// whether it gets that far.

#include "sim/board/agenda.h"
#include "sim/firmware/boot_rules.h"
#include "sim/firmware/cdc_device.h"
#include "sim/firmware/console.h"
#include "sim/firmware/surroundings.h"
#include "sim/firmware/vendor_requests.h"
#include "sim/firmware/ymodem_receiver.h"

#include <optional>
#include <string>

namespace sim {

// What the firmware calls itself: the console's `v`, the cloud's system_firmware_version.
std::string system_version(const FlashMemory& flash, const StoredModule& index2,
                           const FirmwareOptions& options);

class SystemFirmware final : public Program {
 public:
  // Starts at once: early setup, write protection, bootloader replacement, USB.
  SystemFirmware(Hardware& hardware, const FirmwareOptions& options, const InstalledParts& parts);

  ControlReply control(const usb::ControlSetup& setup, std::uint16_t length,
                       base::ByteView out) override;
  bool bulk_out(std::uint8_t endpoint, base::ByteView data) override;
  base::Bytes bulk_in(std::uint8_t endpoint, std::size_t most) override;
  void bus_reset() override;
  void mode_button(bool pressed) override;
  Led led() const override;
  std::optional<base::Instant> next_event() const override;
  void run(base::Instant now) override;

 private:
  // --- start (system_start.cpp) ---
  static bool early_setup_ends_in_reset(Hardware& hardware, const SystemProfile& profile);
  void start(const InstalledParts& parts);
  void leave_early_setup();
  void protect_flash();
  void format_eeprom();
  bool replace_bootloader(const InstalledParts& parts);
  bool take_startup_mode(const InstalledParts& parts);
  void restart_listening();

  // --- running ---
  void line_coding(std::uint32_t rate, ControlReply& reply);
  void listening_touch();
  void reset_into(std::uint16_t request, base::Micros after);
  void apply(SystemRequest request, base::Micros after);
  Circumstances circumstances() const;
  VendorRequests::Facts vendor_facts() const;
  void reset();
  void mode_held();
  void await_listening_without_sim();
  void enter_listening();
  void leave_listening();
  void watch_listening();
  void take_input(base::ByteView data);
  void obey(Console::Wish wish, std::uint8_t byte);
  void receiver_ended();
  void received_whole();
  void announce_success();

  base::Instant now() const { return hardware_.now(); }

  Hardware& hardware_;
  FirmwareOptions options_;
  const SystemProfile& profile_;
  CdcDevice usb_;
  std::string version_;
  VendorRequests vendor_;
  Agenda agenda_;
  SerialOutbox outbox_;
  std::optional<Console> console_;  // while listening
  std::optional<YmodemReceiver> receiver_;
  std::optional<Agenda::Ticket> button_;
  base::Instant attached_at_{};
  base::Instant configured_at_{};
  base::Instant last_command_{};
  base::Instant connected_at_ = base::Instant::max();
  bool over_ = false;  // a reset was asked for: nothing may happen any more
  bool safe_mode_ = false;
  bool listening_wanted_ = false;  // 0.5.x: behind the connection attempt
  bool restarting_ = false;        // a module was taken; the console is closed
};

}  // namespace sim
