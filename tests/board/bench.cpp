// SPDX-License-Identifier: GPL-3.0-or-later
#include "board/bench.h"

#include "platform/platform.h"
#include "sim/board/stored_module.h"

namespace board {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

}  // namespace

Bench::Bench(Kind kind, base::ByteView image)
    : Bench(kind, image, sim::bootloader_profiles().front()) {}

Bench::Bench(Kind kind, base::ByteView image, const sim::BootloaderProfile& profile) : kind_(kind) {
  sim::Programs programs;
  if (kind == Kind::executed) {
    programs.bootloader = [this](sim::Hardware& hardware, sim::ResetCause cause) {
      if (!chip_) chip_ = std::make_unique<Chip>(hardware);
      return std::make_unique<ReleasedBootloader>(hardware, *chip_, cause);
    };
  } else {
    programs.bootloader = [&profile](sim::Hardware& hardware, sim::ResetCause cause) {
      return sim::make_bootloader(hardware, cause, profile);
    };
  }
  const platform::Platform& electron = platform::electron();
  board_ = std::make_unique<sim::Board>(electron, kUniqueId, std::move(programs), base::Instant{});
  board_->flash().load(electron.flash.begin, image);
}

bool Bench::wait_for_attach(base::Micros most) {
  const base::Instant end = now() + most;
  while (!board_->attached() && now() < end) {
    const auto next = board_->next_event();
    board_->advance_to(next ? std::min(*next, end) : end);
  }
  return board_->attached();
}

void Bench::power_cycle() {
  board_->power(false);
  board_->power(true);
}

bool Bench::enumerate() {
  if (!wait_for_attach(seconds(30))) return false;
  pass(milliseconds(100));
  board_->bus_reset();
  pass(milliseconds(1));
  return out(0x00, 9, 1, 0).kind == sim::ControlReply::Kind::done;
}

Bench::Answer Bench::ask(const usb::ControlSetup& setup, std::uint16_t length, base::ByteView out,
                         sim::Board::DataStage stage) {
  board_->advance_to(board_->ready_at());
  const std::uint32_t attach = board_->attach_count();
  sim::ControlReply reply = board_->control(setup, length, out, stage);
  Answer answer{reply.kind, std::move(reply.data), reply.busy};
  board_->advance_to(board_->ready_at() + base::Micros(150));
  // It may have dropped off while it was at work.
  if (board_->attach_count() != attach) answer = {sim::ControlReply::Kind::gone, {}, answer.took};
  return answer;
}

Bench::Answer Bench::in(std::uint8_t type, std::uint8_t request, std::uint16_t value,
                        std::uint16_t index, std::uint16_t length) {
  return ask({type, request, value, index}, length);
}

Bench::Answer Bench::out(std::uint8_t type, std::uint8_t request, std::uint16_t value,
                         std::uint16_t index, base::ByteView data) {
  return ask({type, request, value, index}, static_cast<std::uint16_t>(data.size()), data);
}

void Bench::save() {
  if (chip_) saved_ = chip_->save();
  saved_flash_ = std::make_unique<sim::FlashMemory>(board_->flash());
}

void Bench::restore() {
  board_->flash().settle(base::Instant::max());
  sim::FlashMemory flash = *saved_flash_;
  flash.set_time(board_->time());
  board_->flash() = flash;
  if (kind_ == Kind::executed) {
    chip_->restore(*saved_);
  } else {
    power_cycle();
    enumerate();
  }
}

}  // namespace board
