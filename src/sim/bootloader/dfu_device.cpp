// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bootloader/dfu_device.h"

#include "sim/board/dct.h"
#include "sim/bootloader/dfu_descriptors.h"

#include <algorithm>

namespace sim {
namespace {

using Kind = ControlReply::Kind;
using std::chrono::milliseconds;

// DFU 1.1, section 3; DfuSe (UM0424, AN3156) for the commands of block 0.
enum Request : std::uint8_t {
  kDetach = 0,
  kDnload = 1,
  kUpload = 2,
  kGetDfuStatus = 3,
  kClrStatus = 4,
  kGetDfuState = 5,
  kAbort = 6,
};
constexpr std::uint8_t kGetCommands = 0x00;
constexpr std::uint8_t kSetAddress = 0x21;
constexpr std::uint8_t kErase = 0x41;
constexpr std::uint8_t kErrUnknown = 0x0E;
constexpr std::size_t kCommandLength = 5;

constexpr std::uint32_t kTransferSize = 4096;
constexpr std::uint32_t kDctSize = 0x4000;
constexpr std::uint32_t kPollFlash = 50;
constexpr std::uint32_t kPollDctErase = 500;
constexpr std::uint32_t kPollDct = 1;
constexpr base::Micros kLeaveDelay = milliseconds(500);
constexpr base::Micros kDetachTime = milliseconds(3);
// Copying, comparing and calls, per word: a 4096-byte block was seen to take 19 ms, of which
// programming is 16.4.
constexpr base::Micros kWorkPer1024Words{2560};
constexpr int kWriteRounds = 3;

ControlReply done() { return {Kind::done, {}, {}}; }

}  // namespace

DfuDevice::DfuDevice(Hardware& hardware, const BootloaderProfile& profile)
    : hardware_(hardware),
      profile_(profile),
      pointer_(hardware.flash().platform().dfu_writable.begin),
      buffer_(profile.buffer_room, 0) {}

void DfuDevice::bus_reset() { configured_ = false; }

ControlReply DfuDevice::control(const usb::ControlSetup& setup, std::uint16_t length,
                                base::ByteView out) {
  ControlReply reply = dispatch(setup, length, out);
  // What GET_STATUS says of endpoint 0: nothing ever clears it but the next SET_CONFIGURATION.
  if (reply.kind == Kind::stall) stalled_before_ = 1;
  return reply;
}

ControlReply DfuDevice::dispatch(const usb::ControlSetup& setup, std::uint16_t length,
                                 base::ByteView out) {
  constexpr std::uint8_t kTypeMask = 0x60;
  switch (setup.request_type & kTypeMask) {
    case 0x00:
      return standard(setup, length);
    case 0x20:
      return class_request(setup, length, out);
    default:
      return vendor(setup, length);
  }
}

// Since 0.6.1 status and poll time are no longer set anew for each operation or configuration.
bool DfuDevice::keeps_status_block() const {
  return profile_.poll != BootloaderProfile::Poll::fifty_then_zero;
}

ControlReply DfuDevice::class_request(const usb::ControlSetup& setup, std::uint16_t length,
                                      base::ByteView out) {
  if (!configured_ || setup.index > profile_.interfaces_most) return stall();
  switch (setup.request) {
    case kDetach:
      return detach();
    case kDnload:
      return download(setup.value, length, out);
    case kUpload:
      return upload(setup.value, length);
    case kGetDfuStatus:
      return get_status();
    case kClrStatus:
      return clear_status();
    case kGetDfuState:
      return answer(base::Bytes{state_}, length);
    case kAbort:
      return handle_abort();
    default:
      return stall();
  }
}

// DFU_IF request 1: takes the bytes, does nothing yet.
ControlReply DfuDevice::download(std::uint16_t block, std::uint16_t length, base::ByteView out) {
  if (state_ != idle && state_ != download_idle) return stall();
  if (length == 0) {
    state_ = manifest_sync;
    return done();
  }
  if (length > profile_.buffer_room) return never();
  state_ = download_sync;
  block_ = block;
  length_ = length;
  stuck_ = length > kTransferSize && profile_.long_download_sticks;
  std::copy(out.begin(), out.end(), buffer_.begin());
  return done();
}

ControlReply DfuDevice::upload(std::uint16_t block, std::uint16_t length) {
  if (length == 0) {
    state_ = idle;
    return done();
  }
  if (state_ != idle && state_ != upload_idle) {
    block_ = 0;
    length_ = 0;  // a download that was waiting for its GETSTATUS is forgotten
    return stall();
  }
  if (block == 0) {
    const base::Bytes commands{kGetCommands, kSetAddress, kErase};
    std::copy(commands.begin(), commands.end(), buffer_.begin());
    state_ = length > commands.size() ? idle : upload_idle;
    return {Kind::done, commands, {}};
  }
  if (block == 1) {
    state_ = bogus;
    block_ = 0;
    length_ = 0;
    return stall();
  }
  state_ = upload_idle;
  const std::uint32_t address = block_address(block);
  const base::AddressRange flash = hardware_.flash().range();
  if (medium(address) == Medium::flash && length > flash.end - address) return never();
  return {Kind::done, read(address, length), {}};
}

ControlReply DfuDevice::get_status() {
  std::uint8_t reported = state_;
  switch (state_) {
    case download_sync:
      if (stuck_) break;
      if (length_ != 0) {
        state_ = download_busy;
        look_up_poll();
      } else {
        state_ = download_idle;
      }
      reported = state_;
      break;
    case manifest_sync:
      // It says dfuDNLOAD-IDLE where the specification wants dfuMANIFEST.
      state_ = manifest;
      reported = download_idle;
      break;
    case manifest:
      state_ = idle;
      reported = idle;
      break;
    default:
      break;
  }
  const std::uint32_t poll = keeps_status_block() || reported == download_busy ? poll_ : 0;
  // Six bytes whatever the host asked for.
  base::Bytes reply(6, 0);
  base::store_le32(reply, 1, poll);
  reply[0] = status_;
  reply[4] = reported;
  return {Kind::done, std::move(reply), {}};
}

// After the reply to GETSTATUS has gone over, before its status stage: here the work is done. The
// first IN transfer that gets so far does it, whatever it asked for.
Kind DfuDevice::data_taken() {
  if (state_ == manifest) {
    state_ = manifest_wait_reset;
    leaves_at_ = hardware_.now() + kLeaveDelay;
    return Kind::done;
  }
  if (state_ != download_busy) return Kind::done;
  state_ = download_sync;
  const Outcome outcome = work();
  block_ = 0;
  length_ = 0;
  if (outcome == Outcome::crashed) return Kind::never;
  const bool told = outcome == Outcome::refused || profile_.reports_failures;
  if (outcome == Outcome::done || !told) return Kind::done;
  stalled_before_ = 1;
  return Kind::stall_status;
}

ControlReply DfuDevice::clear_status() {
  if (state_ == error) {
    state_ = idle;
    status_ = 0;
  } else {
    state_ = error;
    status_ = kErrUnknown;
  }
  return done();
}

ControlReply DfuDevice::handle_abort() {
  switch (state_) {
    case idle:
    case download_sync:
    case download_idle:
    case manifest_sync:
    case upload_idle:
      state_ = idle;
      status_ = 0;
      block_ = 0;
      length_ = 0;
      stuck_ = false;
      break;
    default:
      break;
  }
  return done();
}

// Meant to return to the application; what it does is to fall off the bus for a moment (or, since
// 2.0.0, for no time at all).
ControlReply DfuDevice::detach() {
  switch (state_) {
    case idle:
    case download_sync:
    case download_idle:
    case manifest_sync:
    case upload_idle:
      state_ = idle;
      if (!keeps_status_block()) status_ = 0;
      block_ = 0;
      length_ = 0;
      break;
    default:
      break;
  }
  if (profile_.detach_replugs) {
    configured_ = false;
    hardware_.pull_up(false);
    hardware_.spend(kDetachTime);
    hardware_.pull_up(true);
  }
  return done();
}

ControlReply DfuDevice::never() {
  hardware_.crash();
  return {Kind::never, {}, {}};
}

std::uint32_t DfuDevice::block_address(std::uint16_t block) const {
  return pointer_ + (block - 2U) * kTransferSize;
}

DfuDevice::Medium DfuDevice::medium(std::uint32_t address) const {
  const bool in_flash = hardware_.flash().range().contains(address);
  const bool in_dct = address < kDctSize;
  if (profile_.medium_by_address) {
    return in_flash ? Medium::flash : in_dct ? Medium::dct : Medium::none;
  }
  if (alt_ == 0) return in_flash ? Medium::flash : Medium::none;
  return in_dct ? Medium::dct : Medium::none;
}

// Looked up with the address pointer of before the command, erase and write swapped.
void DfuDevice::look_up_poll() {
  const bool erasing = block_ == 0 && buffer_[0] == kErase;
  switch (medium(pointer_)) {
    case Medium::flash:
      poll_ = profile_.poll == BootloaderProfile::Poll::zero ? 0 : kPollFlash;
      break;
    case Medium::dct:
      poll_ = erasing ? kPollDctErase : kPollDct;
      break;
    case Medium::none:
      break;
  }
}

DfuDevice::Outcome DfuDevice::work() {
  if (block_ == 1) return Outcome::done;  // dropped without a word
  if (block_ > 1) return write(block_address(block_));
  const bool addressed = length_ == kCommandLength;
  if (length_ == 1 && buffer_[0] == kGetCommands) return Outcome::done;
  if (addressed && buffer_[0] == kSetAddress) {
    pointer_ = base::load_le32(buffer_, 1);
    return Outcome::done;
  }
  if (addressed && buffer_[0] == kErase) {
    pointer_ = base::load_le32(buffer_, 1);
    return erase(pointer_) ? Outcome::done : Outcome::failed;
  }
  return Outcome::refused;
}

bool DfuDevice::erase(std::uint32_t address) {
  switch (medium(address)) {
    case Medium::none:
      return false;
    case Medium::dct:
      return true;
    case Medium::flash:
      break;
  }
  FlashMemory& flash = hardware_.flash();
  if (address < flash.platform().dfu_writable.begin) return false;
  const std::size_t sector = flash.sector_of(address);
  flash.set_write_protected(sector, false);
  return flash.erase_sector(sector);
}

DfuDevice::Outcome DfuDevice::write(std::uint32_t address) {
  FlashMemory& flash = hardware_.flash();
  const base::ByteView data = base::ByteView(buffer_).first(length_);
  switch (medium(address)) {
    case Medium::none:
      return Outcome::failed;
    case Medium::dct:
      return Dct(flash, profile_.dct).write(address, data) ? Outcome::done : Outcome::failed;
    case Medium::flash:
      break;
  }
  if (address < flash.platform().dfu_writable.begin) return Outcome::failed;
  // Seen to fail at once, not after the rounds of a word that will not program.
  if (address % 4 != 0) return Outcome::failed;
  if (data.size() > flash.range().end - address) {
    hardware_.crash();
    return Outcome::crashed;
  }
  return write_flash(address, data) ? Outcome::done : Outcome::failed;
}

bool DfuDevice::write_flash(std::uint32_t address, base::ByteView data) {
  FlashMemory& flash = hardware_.flash();
  base::Bytes padded;
  if (data.size() % 4 != 0) {
    padded.assign(data.begin(), data.end());
    padded.resize((data.size() + 3) / 4 * 4, 0xFF);
    data = padded;
  }
  const auto end = address + static_cast<std::uint32_t>(data.size());
  const int rounds = profile_.verifies_writes ? kWriteRounds : 1;
  for (int round = 0; round < rounds; ++round) {
    const bool whole = flash.program(address, data) == data.size() ||
                       (profile_.verifies_writes && flash.program(address, data) == data.size());
    hardware_.spend(kWorkPer1024Words * (data.size() / 4) / 1024);
    if (!profile_.verifies_writes) return whole;
    const base::ByteView there = flash.view({address, end});
    if (whole && std::equal(data.begin(), data.end(), there.begin())) return true;
  }
  return false;
}

base::Bytes DfuDevice::read(std::uint32_t address, std::uint16_t length) {
  switch (medium(address)) {
    case Medium::flash: {
      base::Bytes bytes(length);
      hardware_.flash().read(address, bytes);
      return bytes;
    }
    case Medium::dct:
      return Dct(hardware_.flash(), profile_.dct).read(address, length);
    case Medium::none:
      break;
  }
  if (profile_.bad_read == BootloaderProfile::BadRead::zeros) {
    std::fill_n(buffer_.begin(), kTransferSize, std::uint8_t{0});
  }
  base::Bytes bytes(buffer_);
  bytes.resize(length, 0);
  return bytes;
}

}  // namespace sim
