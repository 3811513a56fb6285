// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A released bootloader in DFU mode on the board, asked as a host asks, and the tests that ask
// each.

#include "board/bench.h"
#include "board/images.h"
#include "platform/platform.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace board::released {

using Reply = sim::ControlReply::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

enum Dfu : std::uint8_t { kDetach, kDnload, kUpload, kStatus, kClear, kState, kAbort };
inline constexpr std::uint8_t kIdle = 2;
inline constexpr std::uint8_t kDnloadSync = 3;
inline constexpr std::uint8_t kDnloadBusy = 4;
inline constexpr std::uint8_t kDnloadIdle = 5;
inline constexpr std::uint8_t kManifestSync = 6;
inline constexpr std::uint8_t kWaitReset = 8;
inline constexpr std::uint8_t kUploadIdle = 9;
inline constexpr std::uint8_t kError = 10;
inline constexpr std::uint8_t kBogus = 15;

inline const platform::Platform& electron() { return platform::electron(); }
inline std::uint32_t sector(std::size_t number) { return electron().sectors[number].range.begin; }

// A device in DFU mode, asked as a host asks.
class Device : public Bench {
 public:
  explicit Device(const Image& image) : Bench(Kind::executed, image.bytes), version(image.version) {
    power_cycle();
    EXPECT_TRUE(enumerate());
  }

  base::Bytes descriptor(std::uint16_t value, std::uint16_t length, std::uint16_t index = 0) {
    return in(0x80, 6, value, index, length).data;
  }
  std::string text(std::uint8_t index) {
    const base::Bytes data = descriptor(static_cast<std::uint16_t>(0x300 + index), 255, 0x409);
    std::string all;
    for (std::size_t i = 2; i + 1 < data.size(); i += 2) all += static_cast<char>(data[i]);
    return all;
  }
  Answer dnload(std::uint16_t block, base::ByteView data) {
    return out(0x21, kDnload, block, 0, data);
  }
  Answer command(std::uint8_t code, std::uint32_t address) {
    base::Bytes bytes(5, code);
    base::store_le32(bytes, 1, address);
    return dnload(0, bytes);
  }
  Answer upload(std::uint16_t block, std::uint16_t length) {
    return in(0xA1, kUpload, block, 0, length);
  }
  Answer status() { return in(0xA1, kStatus, 0, 0, 6); }
  std::uint8_t state() {
    const Answer answer = in(0xA1, kState, 0, 0, 1);
    return answer.data.empty() ? 0xFF : answer.data[0];
  }
  Reply send(std::uint8_t request) { return out(0x21, request, 0, 0).kind; }
  void to_idle() {
    if (state() == kError) send(kClear);
    send(kAbort);
  }
  // Command or data, and the GETSTATUS that does it.
  Answer done(const Answer& sent) {
    EXPECT_EQ(sent.kind, Reply::done);
    const Answer work = status();
    EXPECT_EQ(work.data.size(), 6U);
    if (work.data.size() == 6) {
      EXPECT_EQ(work.data[4], kDnloadBusy);
    }
    const Answer after = status();
    EXPECT_EQ(after.kind, Reply::done);
    EXPECT_EQ(after.data, (base::Bytes{0, after.data[1], after.data[2], 0, kDnloadIdle, 0}));
    return work;
  }
  std::uint8_t byte_at(std::uint32_t address) {
    return board().flash().view({address, address + 1}).front();
  }

  std::uint16_t version;
};

class Released : public testing::Test {
 protected:
  void SetUp() override {
    if (released_bootloaders().empty()) GTEST_SKIP() << no_images();
  }
  template <class Check>
  void each(Check check) {
    for (const Image& image : released_bootloaders()) {
      SCOPED_TRACE("bootloader " + std::to_string(image.version));
      Device device(image);
      check(device);
    }
  }
};

}  // namespace board::released
