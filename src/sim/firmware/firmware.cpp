// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/firmware.h"

#include "sim/firmware/boot_rules.h"
#include "sim/firmware/system_firmware.h"

#include <algorithm>

namespace sim {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// Jumped into nowhere. A watchdog that the bootloader armed ends it.
class Hang final : public Program {
 public:
  ControlReply control(const usb::ControlSetup&, std::uint16_t, base::ByteView) override {
    return {.kind = ControlReply::Kind::never, .data = {}};
  }
  Led led() const override { return {}; }
};

// The firmware's panic handler: SOS on the light, the watchdog fed, a reset, for ever. The whole
// cycle takes 10.4 s with the bootloader's share.
class Panic final : public Program {
 public:
  explicit Panic(Hardware& hardware)
      : hardware_(hardware), feed_(hardware.now()), reset_(hardware.now() + 10'350ms) {}

  ControlReply control(const usb::ControlSetup&, std::uint16_t, base::ByteView) override {
    return {.kind = ControlReply::Kind::never, .data = {}};
  }
  Led led() const override { return {"red", "SOS"}; }
  std::optional<base::Instant> next_event() const override {
    if (over_) return std::nullopt;
    return std::min(feed_, reset_);
  }
  void run(base::Instant now) override {
    if (over_) return;
    if (now >= reset_) {
      over_ = true;
      hardware_.reset(ResetCause::software);
      return;
    }
    hardware_.feed_watchdog();
    feed_ = now + 1s;
  }

 private:
  Hardware& hardware_;
  base::Instant feed_;
  base::Instant reset_;
  bool over_ = false;
};

}  // namespace

std::unique_ptr<Program> make_firmware(Hardware& hardware, const FirmwareOptions& options) {
  const InstalledParts parts = look_at_parts(hardware.flash(), *options.platform);
  switch (judge_start(hardware.flash(), parts)) {
    case StartVerdict::hangs:
      return std::make_unique<Hang>();
    case StartVerdict::panics:
      return std::make_unique<Panic>(hardware);
    case StartVerdict::runs:
      break;
  }
  return std::make_unique<SystemFirmware>(hardware, options, parts);
}

}  // namespace sim
