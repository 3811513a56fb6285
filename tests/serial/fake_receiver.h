// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The receiving end of YMODEM as the Electron's system firmware has it, in listening mode.

#include "serial/scripted_port.h"
#include "serial/transcripts.h"

#include <charconv>
#include <string>
#include <string_view>

namespace serial_test {

class FakeReceiver {
 public:
  enum class Verdict { success, mask, number, silent_reset, switched_off, save_failed };

  explicit FakeReceiver(ScriptedPort& port) : port_(port) {
    port_.on_bytes = [this](std::string_view bytes) {
      for (const char c : bytes) take(c);
    };
  }

  Verdict verdict = Verdict::success;
  bool silent = false;  // never answers again
  std::size_t most_block = 1024;
  std::string received;  // data of the session that ended well last
  std::string name;
  std::size_t size = 0;
  int sessions = 0;
  std::size_t erasures = 0;

 private:
  enum class State { console, first_byte, packet, over };

  void take(char c) {
    if (silent || state_ == State::over) return;
    if (state_ == State::console) {
      if (c == 'v') port_.say(version_answer("0.6.4"));
      if (c == 'f') begin();
      return;
    }
    wait_for_byte();
    if (state_ == State::packet) {
      packet_ += c;
      if (packet_.size() == wanted_) packet_complete();
      return;
    }
    switch (c) {
      case 1:
      case 2:
        state_ = State::packet;
        packet_ = c;
        wanted_ = (c == 1 ? 128 : 1024) + 5;
        break;
      case 4:
        expected_ = 0;
        port_.say("\x06");
        break;
      case 'a':
        finish(
            "\x18\x18\x18\x18"
            "Aborted by user.\r\n");
        break;
      default:
        bad();
    }
  }

  void begin() {
    ++sessions;
    state_ = State::first_byte;
    expected_ = 0;
    errors_ = 0;
    data_.clear();
    port_.say("Waiting for the binary file to be sent ... (press 'a' to abort)\r\n");
    wait_for_byte();
  }

  void packet_complete() {
    state_ = State::first_byte;
    const auto sequence = static_cast<unsigned char>(packet_[1]);
    if (sequence != static_cast<unsigned char>(~packet_[2])) return bad();
    if (wanted_ - 5 > most_block) return bad();
    if (sequence != (expected_ & 0xFF)) return port_.say("\x15");
    const std::string content = packet_.substr(3, packet_.size() - 5);
    if (expected_ > 0) {
      data_ += content;
      ++expected_;
      if (verdict == Verdict::save_failed && expected_ == 3) {
        return finish(
            "\x18\x18"
            "Failed to save chunk!\r\n");
      }
      return port_.say("\x06");
    }
    if (content.front() == '\0') return judge();
    name = content.substr(0, content.find('\0'));
    size = 0;
    const std::string rest = content.size() > name.size() ? content.substr(name.size() + 1) : "";
    std::from_chars(rest.data(), rest.data() + rest.size(), size);
    if (verdict == Verdict::switched_off) {
      return finish(
          "\x18\x18"
          "The file size is higher than the allowed space memory!\r\n");
    }
    ++erasures;
    ++expected_;
    port_.say_later(
        "\x06"
        "C",
        base::Millis(1200));
    wait_for_byte();
  }

  void judge() {
    if (verdict == Verdict::mask)
      return finish(
          "\x18\x18"
          "Validation failed: 0x44\r\n");
    if (verdict == Verdict::number)
      return finish(
          "\x18\x18"
          "Validation failed: -1330\r\n");
    received = data_.substr(0, size);
    if (verdict == Verdict::success) {
      finish("\x06\r\nDownloaded file successfully!\r\nName: " + name +
             "\r\nSize: 1 bytes\r\nRestarting system to apply firmware update...\r\n");
    }
    state_ = State::over;
    port_.later(base::Millis(1100), [this] { port_.vanish(); });
  }

  void bad() {
    state_ = State::first_byte;
    if (++errors_ > 5)
      return finish(
          "\x18\x18"
          "Failed to receive the file!\r\n");
    port_.say("C");
  }

  void finish(std::string_view text) {
    port_.say(text);
    state_ = State::console;
    ++awaited_;
  }

  void wait_for_byte() {
    const int mine = ++awaited_;
    port_.later(base::Millis(6300), [this, mine] {
      if (mine != awaited_ || state_ == State::over || state_ == State::console) return;
      bad();
      wait_for_byte();
    });
  }

  ScriptedPort& port_;
  State state_ = State::console;
  std::string packet_;
  std::string data_;
  std::size_t wanted_ = 0;
  unsigned expected_ = 0;
  int errors_ = 0;
  int awaited_ = 0;
};

}  // namespace serial_test
