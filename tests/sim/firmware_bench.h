// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The firmware alone on a bench: hardware that only notes what is done to it, module images of any
// version, and a host that talks to the program without a bus.

#include "firmware/build.h"
#include "sim/board/flash_memory.h"
#include "sim/board/hardware.h"
#include "sim/firmware/firmware.h"
#include "sim/firmware/updater.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sim::bench {

using platform::kBootloader;
using platform::kSystemPart1;
using platform::kSystemPart2;
using platform::kSystemPart3;
using platform::kUserPart;
using platform::ModuleId;

inline base::Bytes module(ModuleId id, std::uint16_t version, firmware::Dependency first = {},
                          firmware::Dependency second = {}, std::uint32_t size = 4096) {
  firmware::BuildRequest request;
  request.id = id;
  request.version = version;
  request.dependency1 = first;
  request.dependency2 = second;
  request.size = size;
  request.seed = version;
  return firmware::build(request, platform::electron());
}

// What index 2 of a release asks of the bootloader.
inline std::uint16_t wanted_bootloader(std::uint16_t version) {
  if (version < 200) return 0;
  if (version < 302) return 101;
  if (version < 1213) return 201;
  if (version < 1320) return 311;
  return version < 2005 ? 400 : 1003;
}

// A system part with the dependencies that the releases of its time have.
inline base::Bytes part(int index, std::uint16_t version) {
  switch (index) {
    case 1:
      if (version < 100) return module(kSystemPart1, version);
      return module(kSystemPart1, version, {kSystemPart3, version});
    case 2:
      if (version < 200) return module(kSystemPart2, version, {kSystemPart1, version});
      return module(kSystemPart2, version, {kSystemPart1, version},
                    {kBootloader, wanted_bootloader(version)});
    default:
      if (version < 200) return module(kSystemPart3, version);
      return module(kSystemPart3, version, {kSystemPart2, 110});
  }
}

inline base::Bytes user_part(std::uint16_t wanted = 10) {
  return module(kUserPart, 3, {kSystemPart2, wanted});
}

inline std::uint32_t address(ModuleId id) { return platform::electron().slot(id)->flash.begin; }

inline void put(FlashMemory& flash, ModuleId id, const base::Bytes& image) {
  flash.fill_blank(platform::electron().slot(id)->flash);
  flash.load(address(id), image);
}

struct Parts {
  std::uint16_t index1 = 0;  // 0: erased
  std::uint16_t index2 = 0;
  std::uint16_t index3 = 0;
};

inline void put_parts(FlashMemory& flash, const Parts& parts) {
  const auto one = [&](ModuleId id, int index, std::uint16_t version) {
    put(flash, id, version == 0 ? base::Bytes{} : part(index, version));
  };
  one(kSystemPart1, 1, parts.index1);
  one(kSystemPart2, 2, parts.index2);
  one(kSystemPart3, 3, parts.index3);
}

// A device that was used before, with an application.
inline void put_release(FlashMemory& flash, std::uint16_t version, std::uint16_t bootloader) {
  const std::uint16_t third = version < 100 ? std::uint16_t{0} : version;
  put_parts(flash, {version, version, third});
  put(flash, kBootloader, module(kBootloader, bootloader, {}, {}, 12876));
  put(flash, kUserPart, user_part());
  const base::Bytes used_eeprom{0x00, 0x00, 0xFF, 0xFF};
  flash.load(0x0800C000, used_eeprom);
}

class FakeHardware final : public Hardware {
 public:
  FakeHardware() {
    flash_.fill_blank(platform::electron().flash);
    flash_.set_time(base::Instant(std::chrono::seconds(1000)));
  }
  base::Instant now() const override { return flash_.time(); }
  void spend(base::Micros duration) override { flash_.pass(duration); }
  FlashMemory& flash() override { return flash_; }
  BackupRegisters& backup() override { return backup_; }
  const UniqueId& unique_id() const override { return id_; }
  bool mode_pressed() const override { return false; }
  void pull_up(bool on) override {
    attached = on;
    if (on) attached_at = now();
  }
  void start_watchdog(base::Micros) override {}
  void feed_watchdog() override { ++feeds; }
  void reset(ResetCause cause) override { reset_cause = cause; }
  void start_firmware() override {}
  void crash() override {}

  bool attached = false;
  base::Instant attached_at{};
  std::optional<ResetCause> reset_cause;
  int feeds = 0;

 private:
  FlashMemory flash_{platform::electron()};
  BackupRegisters backup_;
  UniqueId id_{0x2b, 0x00, 0x36, 0x00, 0x0a, 0x47, 0x33, 0x35, 0x34, 0x39, 0x33, 0x38};
};

class Bench {
 public:
  FakeHardware hardware;
  FirmwareOptions options;
  std::unique_ptr<Program> program;

  FlashMemory& flash() { return hardware.flash(); }

  void start() {
    hardware.reset_cause.reset();
    hardware.attached = false;
    program = make_firmware(hardware, options);
  }

  bool was_reset() const { return hardware.reset_cause.has_value(); }

  // Lets time pass, until the firmware asks for a reset.
  void advance(base::Micros duration) {
    const base::Instant until = hardware.now() + duration;
    while (!was_reset()) {
      const auto next = program->next_event();
      if (!next || *next > until) break;
      if (*next > hardware.now()) flash().set_time(*next);
      program->run(hardware.now());
    }
    if (!was_reset() && hardware.now() < until) flash().set_time(until);
  }

  // How long until the firmware resets; none if it does not within `most`.
  std::optional<base::Micros> until_reset(base::Micros most) {
    const base::Instant begin = hardware.now();
    advance(most);
    if (!was_reset()) return std::nullopt;
    return hardware.now() - begin;
  }

  ControlReply control(std::uint8_t type, std::uint8_t request, std::uint16_t value,
                       std::uint16_t index, std::uint16_t length, const base::Bytes& out = {}) {
    return program->control(
        {.request_type = type, .request = request, .value = value, .index = index}, length, out);
  }

  void configure() { control(0x00, 0x09, 1, 0, 0); }

  ControlReply set_rate(std::uint32_t rate) {
    base::Bytes coding(7, 0);
    base::store_le32(coding, 0, rate);
    coding[6] = 8;
    return control(0x21, 0x20, 0, 0, 7, coding);
  }

  bool write(const std::string& text) { return program->bulk_out(1, base::as_bytes(text)); }

  std::string read() { return base::as_text(program->bulk_in(0x81, 100'000)); }

  // What comes within `wait` of writing `text`.
  std::string ask(const std::string& text, base::Micros wait = std::chrono::seconds(3)) {
    read();
    if (!write(text)) return "<not taken>";
    advance(wait);
    return read();
  }

  void hold_mode(base::Micros duration) {
    program->mode_button(true);
    advance(duration);
    program->mode_button(false);
  }

  // Started, enumerated and in listening mode by the button, which every release understands.
  void listen() {
    start();
    configure();
    advance(std::chrono::seconds(2));
    hold_mode(std::chrono::milliseconds(3100));
  }
};

}  // namespace sim::bench
