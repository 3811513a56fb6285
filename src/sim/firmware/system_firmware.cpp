// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/system_firmware.h"

#include "release/catalogue.h"
#include "sim/firmware/describe_json.h"
#include "sim/firmware/describe_message.h"
#include "sim/firmware/updater.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::uint16_t kEnterDfu = 0xEDFA;
constexpr std::uint16_t kEnterSafeMode = 0x5AFE;
constexpr base::Micros kButtonHold = 3s;
// 0.5.x: how long the connection attempt goes on when 28800 waits behind it.
constexpr base::Micros kConnectionAttempt = 304s;
constexpr base::Micros kCancelsSearch = 100ms;
constexpr std::uint8_t kEndpoint = 1;

// Since 0.6.0 the USB stack is part of index 3.
UsbProfile usb_of(const SystemProfile& profile, const InstalledParts& parts) {
  return usb_profile(profile.needs_index3 ? parts.index3.header.version
                                          : parts.index2.header.version);
}

}  // namespace

std::string system_version(const FlashMemory& flash, const StoredModule& index2,
                           const FirmwareOptions& options) {
  if (!options.version.empty()) return options.version;
  const std::size_t length = index2.header.end - index2.header.start;
  const std::uint32_t crc = base::load_be32(flash.view(index2.store), length);
  const release::Match match = release::Catalogue::embedded().recognise(index2.header, crc);
  release::Version made_of;
  if (match.file == nullptr && release::Version::parse(options.made_of, made_of) &&
      match.named(made_of) != nullptr) {
    return made_of.text();
  }
  const release::CatalogueRelease* best = match.best();
  // A build of somebody's own: the released ones print what their source tree is called.
  return best == nullptr ? fmt::format("custom-{}", index2.header.version) : best->version.text();
}

SystemFirmware::SystemFirmware(Hardware& hardware, const FirmwareOptions& options,
                               const InstalledParts& parts)
    : hardware_(hardware),
      options_(options),
      profile_(system_profile(parts.index2.header.version)),
      usb_(*options.platform, usb_of(profile_, parts), hardware.unique_id(),
           profile_.false_usb_device && early_setup_ends_in_reset(hardware, profile_)
               ? CdcDevice::Shape::control_only
               : CdcDevice::Shape::whole),
      version_(system_version(hardware.flash(), parts.index2, options)),
      vendor_(profile_, vendor_facts()),
      outbox_(profile_.per_character) {
  start(parts);
}

// --- USB ---

VendorRequests::Facts SystemFirmware::vendor_facts() const {
  const UniqueId& id = hardware_.unique_id();
  return {.unique_id = {id.begin(), id.end()},
          .version = version_,
          .serial_number = options_.serial_number,
          .modules =
              [this] {
                const FlashMemory& flash = hardware_.flash();
                if (profile_.answers_by_message) {
                  return describe_message(flash, *options_.platform, profile_);
                }
                const std::string text = describe_modules(flash, profile_, options_);
                const base::ByteView bytes = base::as_bytes(text);
                return base::Bytes(bytes.begin(), bytes.end());
              },
          .diagnostics =
              [this] {
                const std::string text = diagnostics_text(now());
                const base::ByteView bytes = base::as_bytes(text);
                return base::Bytes(bytes.begin(), bytes.end());
              }};
}

Circumstances SystemFirmware::circumstances() const {
  using Mode = Circumstances::Mode;
  Mode mode = now() >= connected_at_ ? Mode::connected : Mode::searching;
  if (console_) mode = Mode::listening;
  return {.now = now(), .arrived = attached_at_, .mode = mode};
}

ControlReply SystemFirmware::control(const usb::ControlSetup& setup, std::uint16_t length,
                                     base::ByteView out) {
  if (over_) return {.kind = ControlReply::Kind::never, .data = {}};
  const bool was_configured = usb_.configured();
  const auto rate = usb_.line_coding_rate(setup, out);
  ControlReply reply;
  if (auto answer = usb_.control(setup, out)) {
    reply = std::move(*answer);
  } else {
    VendorAnswer vendor = vendor_.handle(setup, length, out, circumstances());
    reply = std::move(vendor.reply);
    apply(vendor.request, vendor.after);
  }
  if (!was_configured && usb_.configured()) configured_at_ = now();
  if (rate) line_coding(*rate, reply);
  if (reply.data.size() > length) reply.data.resize(length);
  return reply;
}

bool SystemFirmware::bulk_out(std::uint8_t endpoint, base::ByteView data) {
  if (over_ || !usb_.configured() || endpoint != kEndpoint) return false;
  if (!console_) return profile_.takes_output_always;
  if (!restarting_) take_input(data);
  return true;
}

base::Bytes SystemFirmware::bulk_in(std::uint8_t endpoint, std::size_t most) {
  if (over_ || !usb_.configured() || (endpoint & 0x7F) != kEndpoint) return {};
  return outbox_.take(most, now());
}

void SystemFirmware::bus_reset() {
  usb_.bus_reset();
  vendor_.bus_reset(now());
  outbox_.clear();
}

void SystemFirmware::line_coding(std::uint32_t rate, ControlReply& reply) {
  const platform::SerialTriggers& triggers = options_.platform->serial;
  const bool heard = options_.dfu_touch || safe_mode_;
  if (rate == triggers.dfu_baud && heard && now() >= attached_at_ + profile_.dfu_touch_after) {
    // Inside the interrupt: the status stage never comes.
    reply = {.kind = ControlReply::Kind::gone, .data = {}};
    reset_into(kEnterDfu, 1ms);
  } else if (rate == triggers.listening_baud && !console_) {
    listening_touch();
  }
}

void SystemFirmware::listening_touch() {
  switch (profile_.listening_touch) {
    case ListeningTouch::ignored:
      return;
    case ListeningTouch::behind_connection:
      if (listening_wanted_) return;
      listening_wanted_ = true;
      agenda_.at(now() + kConnectionAttempt, [this] {
        if (listening_wanted_) enter_listening();
      });
      return;
    case ListeningTouch::at_once:
      if (now() < configured_at_ + profile_.listen_touch_after) return;
      agenda_.at(now() + kCancelsSearch, [this] { enter_listening(); });
      return;
  }
}

void SystemFirmware::apply(SystemRequest request, base::Micros after) {
  switch (request) {
    case SystemRequest::none:
      return;
    case SystemRequest::reset:
      agenda_.at(now() + after, [this] { reset(); });
      return;
    case SystemRequest::dfu:
      return reset_into(kEnterDfu, after);
    case SystemRequest::safe_mode:
      return reset_into(kEnterSafeMode, after);
    case SystemRequest::listen:
      agenda_.at(now() + after + kCancelsSearch, [this] { enter_listening(); });
      return;
    case SystemRequest::stop_listening:
      agenda_.at(now() + after, [this] { leave_listening(); });
      return;
  }
}

void SystemFirmware::reset_into(std::uint16_t request, base::Micros after) {
  agenda_.at(now() + after, [this, request] {
    hardware_.backup().dr1 = request;
    reset();
  });
}

void SystemFirmware::reset() {
  over_ = true;
  agenda_.clear();
  hardware_.reset(ResetCause::software);
}

// --- button, light, time ---

void SystemFirmware::mode_button(bool pressed) {
  if (over_) return;
  if (button_) agenda_.cancel(*button_);
  button_.reset();
  if (pressed) button_ = agenda_.at(now() + kButtonHold, [this] { mode_held(); });
}

void SystemFirmware::mode_held() {
  button_.reset();
  if (receiver_ || restarting_) return;
  if (console_) {
    leave_listening();
  } else if (listening_wanted_) {
    listening_wanted_ = false;  // 0.5.x: already wanted, so the button turns it off
  } else {
    enter_listening();
  }
}

Led SystemFirmware::led() const {
  if (over_) return {};
  if (receiver_ && receiver_->receiving()) return {"magenta", "fast blinking"};
  if (console_) return {"blue", "blinking"};
  if (safe_mode_) return {"magenta", "breathing"};
  if (now() >= connected_at_) return {"cyan", "breathing"};
  return {"green", "blinking"};
}

std::optional<base::Instant> SystemFirmware::next_event() const {
  if (over_) return std::nullopt;
  std::optional<base::Instant> next = agenda_.next();
  const auto consider = [&](std::optional<base::Instant> when) {
    if (when && (!next || *when < *next)) next = when;
  };
  consider(outbox_.next(now()));
  if (receiver_) consider(receiver_->next_event());
  return next;
}

void SystemFirmware::run(base::Instant) {
  while (!over_ && agenda_.run_one(now())) {
  }
  if (over_ || !receiver_) return;
  receiver_->run(now());
  receiver_ended();
}

// --- listening mode ---

void SystemFirmware::await_listening_without_sim() {
  if (options_.sim_card) return;
  agenda_.at(now() + profile_.listens_without_sim, [this] { enter_listening(); });
}

void SystemFirmware::enter_listening() {
  if (console_ || over_) return;
  listening_wanted_ = false;
  console_.emplace(hardware_, profile_, options_, version_, outbox_);
  last_command_ = now();
  watch_listening();
}

void SystemFirmware::leave_listening() {
  if (!console_ || restarting_) return;
  console_.reset();
  receiver_.reset();
  await_listening_without_sim();
}

void SystemFirmware::watch_listening() {
  if (profile_.listening_timeout == 0s) return;
  agenda_.at(last_command_ + profile_.listening_timeout, [this] {
    if (!console_) return;
    if (receiver_) last_command_ = now();
    if (now() < last_command_ + profile_.listening_timeout) {
      watch_listening();
    } else {
      leave_listening();
    }
  });
}

void SystemFirmware::take_input(base::ByteView data) {
  for (const std::uint8_t& byte : data) {
    if (over_ || !console_ || restarting_) return;
    last_command_ = now();
    if (receiver_) {
      receiver_->feed(base::ByteView(&byte, 1));
      receiver_ended();
    } else {
      obey(console_->take(byte), byte);
    }
  }
}

void SystemFirmware::obey(Console::Wish wish, std::uint8_t byte) {
  switch (wish) {
    case Console::Wish::none:
      return;
    case Console::Wish::leave:
      return leave_listening();
    case Console::Wish::restart_listening:
      return restart_listening();
    case Console::Wish::receive_file:
    case Console::Wish::receive_packet:
      receiver_.emplace(hardware_, profile_, options_.platform->staging, outbox_,
                        !options_.updates_disabled || safe_mode_);
      if (wish == Console::Wish::receive_packet) receiver_->feed(base::ByteView(&byte, 1));
      return;
  }
}

void SystemFirmware::receiver_ended() {
  const auto say = [this](std::string_view text) {
    outbox_.print(text, now());
    receiver_.reset();
  };
  switch (receiver_->end()) {
    case YmodemReceiver::End::none:
      return;
    case YmodemReceiver::End::complete:
      return received_whole();
    case YmodemReceiver::End::aborted:
      return say("Aborted by user.\r\n");
    case YmodemReceiver::End::failed:
      return say("Failed to receive the file!\r\n");
    case YmodemReceiver::End::not_begun:
      return say("The file size is higher than the allowed space memory!\r\n");
    case YmodemReceiver::End::save_failed:
      return say(profile_.refusal == Refusal::claims_success ? "Verification failed!\r\n"
                                                             : "Failed to save chunk!\r\n");
  }
}

void SystemFirmware::received_whole() {
  constexpr std::uint8_t kAck[] = {0x06};
  constexpr std::uint8_t kCancel[] = {0x18, 0x18};
  Judgement judgement =
      judge(hardware_.flash(), *options_.platform, profile_, options_.platform->staging);
  if (judgement.accepted() &&
      !apply_staged(hardware_, *options_.platform, profile_, judgement.header)) {
    judgement.failed = kIntegrityCheck;
  }
  if (judgement.accepted()) {
    if (profile_.refusal != Refusal::claims_success) outbox_.send(kAck, now());
    return announce_success();
  }
  switch (profile_.refusal) {
    case Refusal::claims_success:
      return announce_success();
    case Refusal::says_mask:
      outbox_.send(kCancel, now());
      outbox_.print(fmt::format("Validation failed: 0x{:x}\r\n", judgement.failed), now());
      receiver_.reset();
      return;
    case Refusal::resets:
      return reset();
  }
}

void SystemFirmware::announce_success() {
  restarting_ = true;
  outbox_.print(fmt::format("\r\nDownloaded file successfully!\r\nName: {}\r\nSize: {} bytes\r\n",
                            receiver_->name(), receiver_->size()),
                now());
  receiver_.reset();
  agenda_.at(now() + 1s,
             [this] { outbox_.print("Restarting system to apply firmware update...\r\n", now()); });
  agenda_.at(now() + 1100ms, [this] { reset(); });
}

}  // namespace sim
