// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cloud/device.h"

#include "firmware/parse.h"
#include "sim/firmware/firmware_profiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sim::cloud {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;

// Module versions from which the behaviour changed.
constexpr std::uint16_t kPointFive = 12;       // 0.5.0: the watchdog waits for 90 s
constexpr std::uint16_t kStoredSession = 100;  // 0.6.0: a session outlives a restart
constexpr std::uint16_t kAlwaysSafe = 103;     // 0.6.1-rc.1: tells safe mode always
constexpr std::uint16_t kTellsResult = 103;    // 0.6.1-rc.1 to 0.6.4: spark/device/ota_result
constexpr std::uint16_t kTellsResultLast = 110;
constexpr std::uint16_t kNewGeneration = 200;  // 0.7.0
constexpr std::uint16_t kLongWatchdog = 309;   // 0.8.0-rc.10: 300 s
constexpr std::uint16_t kSafeOnResume = 1402;  // 1.4.1: tells safe mode also when it resumes
constexpr std::uint16_t kRefusesInPlace = 3000;

constexpr std::size_t kChunk = 512;
constexpr base::Micros kPerChunk = 112ms;       // observed: the modem's read loop
constexpr base::Micros kRestart = 1s;           // from the last chunk to the reset
constexpr base::Micros kDescribe = 2s;          // the cloud asks for the modules
constexpr base::Micros kNoticesLoss = 46min;    // two keep-alives missed
constexpr base::Micros kGivesUpReady = 108s;    // 6 + 6 + 6 + 90: UpdateReady never came
constexpr base::Micros kGivesUpTransfer = 60s;  // chunks that nobody answers
constexpr base::Micros kBoot = 2s;
constexpr base::Micros kResult = 300ms;

}  // namespace

AirDevice::AirDevice(Ether& ether, DeviceOptions options, Start start, std::size_t number)
    : ether_(ether),
      options_(std::move(options)),
      start_(std::move(start)),
      imei_(fmt::format("3531620700{:05}", number % 100'000)),
      iccid_(fmt::format("893144040000000{:05}", number % 100'000)),
      product_(options_.product),
      development_(options_.development),
      quarantined_(options_.quarantined) {}

// It has been there for an hour: what it said then nobody hears again.
void AirDevice::switch_on() {
  last_heard_ = last_handshake_ = ether_.now() - 60min;
  told_version_ = start_.version;
  told_application_ = start_.application;
  told_safe_mode_ = start_.safe_mode;
  session_ = start_.modules;
  believed_online_ = options_.link != DeviceOptions::Link::offline && !dead();
  link_up_ = options_.link == DeviceOptions::Link::up && !dead();
  if (options_.link == DeviceOptions::Link::silent) lose_link();
  if (options_.returns_after && !link_up_ && !dead()) {
    come_back({"power_down", *options_.returns_after, {}});
  }
}

base::Micros AirDevice::transfer_time(std::size_t bytes) {
  return kPerChunk * ((bytes + kChunk - 1) / kChunk);
}

std::string AirDevice::describe() const {
  const std::string modem = system_profile(start_.index2).has_modem_firmware
                                ? std::string(R"("cellfw":"23.20,A01.00",)")
                                : std::string();
  return fmt::format(R"({{"p":{},"imei":"{}","iccid":"{}",{}{}}})", options_.platform, imei_,
                     iccid_, modem, start_.modules);
}

void AirDevice::force_updates(bool on) {
  if (forced_ == on) return;
  forced_ = on;
  ether_.agenda().at(ether_.now() + 1s, [this, on] {
    if (link_up_) ether_.publish(*this, "particle/device/updates/forced", on ? "true" : "false");
  });
}

AirDevice::Begin AirDevice::begin_update(const Image& image) {
  if (updating_) return Begin::locked;
  last_heard_ = ether_.now();
  if (options_.updates_disabled && !start_.safe_mode && !forced_) {
    if (knows_forcing()) {
      ether_.publish(*this, "spark/flash/status", "failed ");
      return Begin::declined;
    }
    updating_ = true;
    ether_.agenda().at(ether_.now() + kBegin,
                       [this] { ether_.publish(*this, "spark/flash/status", "started "); });
    ether_.agenda().at(ether_.now() + kBegin + kGivesUpReady, [this] {
      updating_ = false;
      ether_.publish(*this, "spark/flash/status", "failed");
    });
    return Begin::silent;
  }
  updating_ = true;
  ++transfers_;
  auto update = std::make_shared<Update>();
  update->image = image;
  update->time = transfer_time(image->size());
  update->failures = ether_.transfer_begun(*this);
  ether_.agenda().at(ether_.now() + kBegin, [this, update = UpdateRef(update)] {
    ether_.publish(*this, "spark/flash/status", "started ");
    transfer(update);
  });
  return Begin::started;
}

void AirDevice::transfer(const UpdateRef& update) {
  for (const Mishap mishap : {Mishap::stall, Mishap::reset, Mishap::says_success}) {
    if (const Failure* failure = find(update->failures, mishap)) {
      return interrupted(update, *failure);
    }
  }
  ether_.agenda().at(ether_.now() + update->time, [this, update] { arrived(update); });
}

base::Micros AirDevice::watchdog() const {
  if (start_.index2 < kPointFive) return 30s;
  return start_.index2 < kLongWatchdog ? base::Micros(90s) : base::Micros(300s);
}

// Not all of it has come: the old firmware goes on.
void AirDevice::interrupted(const UpdateRef& update, const Failure& failure) {
  const double share = std::clamp(failure.amount, 0.0, 1.0);
  const base::Micros until(
      static_cast<base::Micros::rep>(static_cast<double>(update->time.count()) * share));
  const bool pressed = failure.mishap == Mishap::reset;
  const bool claims = failure.mishap == Mishap::says_success;
  ether_.agenda().at(ether_.now() + until, [this, update, pressed, claims] {
    const base::Micros back = (pressed ? base::Micros{0} : watchdog()) + kBoot;
    lose_link();
    come_back({pressed ? "pin_reset" : "update_timeout", back + options_.attach, update->failures});
    ether_.agenda().at(
        ether_.now() + (claims ? base::Micros(5s) : kGivesUpTransfer), [this, claims] {
          updating_ = false;
          ether_.publish(*this, "spark/flash/status", claims ? "success " : "failed");
        });
  });
}

void AirDevice::arrived(const UpdateRef& update) {
  base::Bytes image = *update->image;
  if (find(update->failures, Mishap::refuse) != nullptr && !image.empty()) {
    image[image.size() / 2] ^= 1U;
  }
  std::optional<base::Micros> cut;
  if (const Failure* failure = find(update->failures, Mishap::power_cut)) {
    cut = base::Micros(static_cast<base::Micros::rep>(failure->amount * 1e6));
  }
  const Delivery& delivery = ether_.workshop().deliver(start_, image, cut);
  updating_ = false;
  last_heard_ = ether_.now();
  const bool accepted = delivery.judgement.accepted();
  ++(accepted ? taken_ : refused_);
  const bool system =
      delivery.judgement.header.id.function == platform::ModuleFunction::system_part;
  if (accepted && system && delivery.start.modules == start_.modules) ++needless_;
  // Up to 0.6.4 it is acknowledged before it is looked at.
  const bool told_failed =
      !accepted && start_.index2 >= kNewGeneration &&
      (start_.index2 >= kRefusesInPlace || ether_.options().refusal_says_failed);
  const bool says_failed = find(update->failures, Mishap::says_failed) != nullptr;
  ether_.publish(*this, "spark/flash/status", told_failed || says_failed ? "failed" : "success ");
  tell_result(update, delivery);
  if (!delivery.restarted) return;
  link_up_ = false;  // hears nothing more
  restart(update, delivery);
}

// Sent after the check and before the reset (device-os v0.6.1: system_cloud_internal.cpp).
void AirDevice::tell_result(const UpdateRef& update, const Delivery& delivery) {
  if (start_.index2 < kTellsResult || start_.index2 > kTellsResultLast ||
      !ether_.options().passes_ota_result) {
    return;
  }
  const auto header = firmware::parse_header(*update->image, nullptr);
  std::string module;
  if (header) {
    const char letter = header->id.function == platform::ModuleFunction::user_part    ? 'u'
                        : header->id.function == platform::ModuleFunction::bootloader ? 'b'
                                                                                      : 's';
    constexpr unsigned kChecked = 30;
    module =
        fmt::format(R"("p":{},"s":131072,"l":"t","vc":{},"vv":{},"f":"{}","n":"{}","v":{},"d":[])",
                    header->platform, kChecked, kChecked & ~delivery.judgement.failed, letter,
                    header->id.index, header->version);
  }
  std::string data = fmt::format(R"({{"r":"{}","u":{{{}}}}})",
                                 delivery.judgement.accepted() ? "ok" : "error", module);
  ether_.agenda().at(ether_.now() + kResult, [this, data = std::move(data)] {
    ether_.publish(*this, "spark/device/ota_result", data);
  });
}

void AirDevice::restart(const UpdateRef& update, const Delivery& delivery) {
  const std::string reason = delivery.judgement.accepted() ? "update" : "update_error";
  const Start& after = delivery.start;
  ether_.agenda().at(ether_.now() + kRestart, [this, update, reason, &after] {
    start_ = after;
    if (find(update->failures, Mishap::power_cut) != nullptr) session_.clear();
    lose_link();
    if (dead() || find(update->failures, Mishap::never_back) != nullptr) return;
    const Failure* late = find(update->failures, Mishap::late_back);
    const base::Micros attach =
        late == nullptr ? options_.attach
                        : base::Micros(static_cast<base::Micros::rep>(late->amount * 1e6));
    come_back({reason, start_.took + attach, update->failures});
  });
}

// The cloud finds out late, if the device is not back by then.
void AirDevice::lose_link() {
  link_up_ = false;
  const std::uint32_t outage = ++outages_;
  ether_.agenda().at(ether_.now() + kNoticesLoss, [this, outage] {
    if (link_up_ || outage != outages_ || !believed_online_) return;
    believed_online_ = false;
    ether_.publish(*this, "spark/status", "offline");
  });
}

void AirDevice::come_back(const Return& back) {
  const std::uint32_t outage = outages_;
  ether_.agenda().at(ether_.now() + back.after, [this, back, outage] {
    // Another restart has come in between.
    if (outage == outages_) attach(back);
  });
}

void AirDevice::attach(const Return& back) {
  link_up_ = true;
  last_heard_ = ether_.now();
  const bool same = !session_.empty() && session_ == start_.modules;
  const bool resumes = start_.index2 >= kStoredSession && same;
  const bool forced = find(back.failures, Mishap::full_handshake) != nullptr;
  if ((resumes && !forced) || find(back.failures, Mishap::resumed) != nullptr) {
    // Only a ping goes out; no event is known to come of it.
    believed_online_ = true;
    if (start_.index2 >= kSafeOnResume && start_.safe_mode) report_safe_mode(kDescribe);
    return;
  }
  handshake(back);
}

// HELLO, and what follows it, in this order.
void AirDevice::handshake(const Return& back) {
  if (believed_online_) ether_.publish(*this, "spark/status", "offline");
  believed_online_ = true;
  last_handshake_ = ether_.now();
  session_ = start_.modules;
  told_version_ = start_.version;
  told_safe_mode_ = start_.safe_mode;
  ether_.publish(*this, "spark/status", "online");
  if (told_application_ != start_.application) {
    told_application_ = start_.application;
    ether_.publish(*this, "spark/device/app-hash", told_application_);
  }
  const bool quiet = find(back.failures, Mishap::no_safe_mode) != nullptr;
  if ((start_.safe_mode || start_.index2 == kAlwaysSafe) && !quiet) report_safe_mode(kDescribe);
  if (start_.index2 < kStoredSession) return;
  ether_.agenda().at(ether_.now() + kDescribe + kResult, [this, reason = back.reason] {
    if (!link_up_) return;
    ether_.publish(*this, "spark/device/last_reset", reason);
    if (!knows_forcing()) return;
    const bool enabled = !options_.updates_disabled || start_.safe_mode;
    ether_.publish(*this, "particle/device/updates/enabled", enabled ? "true" : "false");
    ether_.publish(*this, "particle/device/updates/forced", forced_ ? "true" : "false");
  });
}

void AirDevice::report_safe_mode(base::Micros after) {
  ether_.agenda().at(ether_.now() + after, [this] {
    if (link_up_) ether_.publish(*this, "spark/status/safe-mode", describe());
  });
}

}  // namespace sim::cloud
