// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/air/receiver.h"

#include "sim/firmware/boot_rules.h"
#include "sim/firmware/firmware.h"
#include "sim/firmware/updater.h"

#include <algorithm>
#include <utility>

namespace sim {
namespace {

constexpr std::size_t kChunk = 512;              // the last one is padded with zeros
constexpr std::uint16_t kRefusesInPlace = 3000;  // 3.0.0: the new protocol; no restart
constexpr std::size_t kPiece = std::size_t{16} * 1024;

class Receiving final : public Program {
 public:
  Receiving(Hardware& hardware, FirmwareOptions options, Arrival* const* arrival)
      : hardware_(hardware),
        options_(std::move(options)),
        arrival_(arrival),
        firmware_(make_firmware(hardware, options_)) {}

  ControlReply control(const usb::ControlSetup& setup, std::uint16_t length,
                       base::ByteView out) override {
    return firmware_->control(setup, length, out);
  }
  ControlReply::Kind data_taken() override { return firmware_->data_taken(); }
  bool bulk_out(std::uint8_t endpoint, base::ByteView data) override {
    return firmware_->bulk_out(endpoint, data);
  }
  base::Bytes bulk_in(std::uint8_t endpoint, std::size_t most) override {
    return firmware_->bulk_in(endpoint, most);
  }
  void bus_reset() override { firmware_->bus_reset(); }
  void mode_button(bool pressed) override { firmware_->mode_button(pressed); }
  Led led() const override { return firmware_->led(); }

  std::optional<base::Instant> next_event() const override {
    const auto own = firmware_->next_event();
    const Arrival* arrival = waiting();
    if (arrival == nullptr) return own;
    return own ? std::min(*own, arrival->when) : arrival->when;
  }
  void run(base::Instant now) override {
    if (Arrival* arrival = waiting(); arrival != nullptr && arrival->when <= now) {
      finish(*arrival);
      if (arrival->restarts) return;
    }
    firmware_->run(now);
  }

 private:
  Arrival* waiting() const {
    Arrival* arrival = *arrival_;
    return arrival != nullptr && !arrival->judgement ? arrival : nullptr;
  }

  void finish(Arrival& arrival) {
    const platform::Platform& platform = *options_.platform;
    const InstalledParts parts = look_at_parts(hardware_.flash(), platform);
    const SystemProfile& profile = system_profile(parts.index2.header.version);
    stage(arrival.image);
    Judgement judgement = judge(hardware_.flash(), platform, profile, platform.staging);
    if (judgement.accepted() && !apply_staged(hardware_, platform, profile, judgement.header)) {
      judgement.failed = kIntegrityCheck;
    }
    arrival.restarts = judgement.accepted() || parts.index2.header.version < kRefusesInPlace;
    arrival.judgement = judgement;
    if (arrival.restarts) hardware_.reset(ResetCause::software);
  }

  void stage(base::ByteView image) {
    const base::AddressRange area = options_.platform->staging;
    FlashMemory& flash = hardware_.flash();
    const std::size_t last = flash.sector_of(area.end - 1);
    for (std::size_t sector = flash.sector_of(area.begin); sector <= last; ++sector) {
      if (!flash.erase_sector(sector)) return;
    }
    base::Bytes chunks(image.begin(), image.end());
    chunks.resize((chunks.size() + kChunk - 1) / kChunk * kChunk, 0);
    chunks.resize(std::min<std::size_t>(chunks.size(), area.size()));
    for (std::size_t at = 0; at < chunks.size(); at += kPiece) {
      const auto piece = base::ByteView(chunks).subspan(at, std::min(kPiece, chunks.size() - at));
      flash.program(area.begin + static_cast<std::uint32_t>(at), piece);
    }
  }

  Hardware& hardware_;
  FirmwareOptions options_;
  Arrival* const* arrival_;
  std::unique_ptr<Program> firmware_;
};

}  // namespace

std::unique_ptr<Program> make_receiving_firmware(Hardware& hardware, const FirmwareOptions& options,
                                                 Arrival* const* arrival) {
  return std::make_unique<Receiving>(hardware, options, arrival);
}

}  // namespace sim
