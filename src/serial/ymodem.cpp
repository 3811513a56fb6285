// SPDX-License-Identifier: GPL-3.0-or-later
#include "serial/ymodem.h"

#include "serial/console.h"

#include <algorithm>
#include <utility>

namespace serial {
namespace {

using base::Errc;
using base::Millis;

constexpr std::uint8_t kSoh = 0x01;  // 128 bytes of data follow
constexpr std::uint8_t kStx = 0x02;  // 1024 bytes
constexpr std::uint8_t kEot = 0x04;
constexpr std::uint8_t kAck = 0x06;
constexpr std::uint8_t kNak = 0x15;
constexpr std::uint8_t kCan = 0x18;
constexpr std::uint8_t kGo = 'C';
constexpr std::string_view kPromptEnd = "to abort)\r\n";
constexpr std::size_t kLongestName = 64;

constexpr Millis kPrompt(4000);      // below the 5 s after which the device sends 'C'
constexpr Millis kHeaderAck(45000);  // 0.5 to 1.x may wait 30 s for the application, then erase
constexpr Millis kAckTime(12000);    // above the 5 s after which the device sends 'C'
constexpr Millis kLastWord(30000);   // checking and, for a bootloader image, writing
constexpr Millis kWrite(5000);
constexpr Millis kRecovery(45000);  // six timeouts of 5 s end any session
constexpr Millis kSilence(5500);    // what it takes to end a packet that was not sent whole

base::Error disturbed(std::string message) {
  return base::make_error(Errc::protocol, std::move(message),
                          "try again; another cable or USB port may help");
}

class Session {
 public:
  Session(Port& port, base::Clock& clock, const base::CancelToken& cancel)
      : port_(port), clock_(clock), cancel_(cancel) {}

  Outcome run(std::string_view name, base::ByteView module, std::size_t block,
              const SendProgress& progress) {
    auto sent = transfer(name, module, block, progress);
    if (sent) return last_word();
    if (sent.error().code == Errc::device_gone) return Failed{std::move(sent.error()), false};
    // The device may have said why before it gave up.
    if (auto ending = parse_ending(text_)) return *ending;
    const bool listening = recover();
    if (auto ending = parse_ending(text_); ending && std::holds_alternative<Refused>(*ending)) {
      return *ending;
    }
    return Failed{std::move(sent.error()), listening};
  }

 private:
  base::Result<> transfer(std::string_view name, base::ByteView module, std::size_t block,
                          const SendProgress& progress) {
    port_.discard_input();
    TRY(base::in_context(start(), "starting the transfer"));
    TRY(base::in_context(send(header_packet(name, module.size())), "sending the header"));
    TRY(base::in_context(expect(kAck, kHeaderAck), "erasing the staging area"));
    TRY(base::in_context(expect(kGo, kAckTime), "erasing the staging area"));
    unsigned number = 1;
    for (std::size_t at = 0; at < module.size(); at += block, ++number) {
      if (cancel_.requested()) return base::make_error(Errc::cancelled, "interrupted");
      const std::size_t size = std::min(block, module.size() - at);
      const std::string context = "sending packet " + std::to_string(number);
      TRY(base::in_context(send(packet(number, module.subspan(at, size), block)), context));
      TRY(base::in_context(expect(kAck, kAckTime), context));
      progress(at + size);
    }
    TRY(base::in_context(send(base::Bytes{kEot}), "ending the file"));
    TRY(base::in_context(expect(kAck, kAckTime), "ending the file"));
    // A header without a name ends the session; the device judges the module now.
    return base::in_context(send(packet(0, {}, 128)), "ending the transfer");
  }

  base::Result<> start() {
    TRY(send(base::Bytes{'f'}));
    const base::Deadline deadline(clock_, kPrompt);
    while (!deadline.passed()) {
      TRY(receive(deadline));
      const std::size_t at = text_.find(kPromptEnd);
      if (at == std::string::npos) continue;
      text_.erase(0, at + kPromptEnd.size());
      return {};
    }
    return base::make_error(Errc::timeout, "the device does not offer to receive a file");
  }

  base::Result<> send(base::ByteView bytes) { return port_.write(bytes, kWrite); }

  // Adds what comes to text_; nothing coming in time is no error.
  base::Result<> receive(const base::Deadline& deadline) {
    auto more = port_.read(1024, deadline.left_up_to(Millis(500)));
    if (more) {
      text_ += base::as_text(*more);
      return {};
    }
    if (more.error().code == Errc::timeout) return {};
    return std::move(more.error());
  }

  // The next byte must be `wanted`. Anything else means that the two sides no longer agree, and the
  // receiver cannot be told so: it takes no packet twice.
  base::Result<> expect(std::uint8_t wanted, Millis within) {
    const base::Deadline deadline(clock_, within);
    while (text_.empty()) {
      if (deadline.passed()) {
        return base::make_error(Errc::timeout, "the device does not answer");
      }
      if (cancel_.at_once()) return base::make_error(Errc::cancelled, "interrupted");
      TRY(receive(deadline));
    }
    const auto got = static_cast<std::uint8_t>(text_.front());
    if (got == wanted) {
      text_.erase(0, 1);
      return {};
    }
    if (got != kCan) return disturbed("the device did not understand it");
    // It says why in words, after two or four CAN.
    const base::Deadline words(clock_, Millis(3000));
    while (!parse_ending(text_) && !words.passed()) TRY(receive(words));
    return disturbed("the device gave the transfer up");
  }

  Outcome last_word() {
    const base::Deadline deadline(clock_, kLastWord);
    while (!deadline.passed() && !cancel_.at_once()) {
      auto more = receive(deadline);
      if (auto ending = parse_ending(text_)) return *ending;
      // 2.3.1 resets before the line saying that it refuses has left it.
      if (!more) return NoWord{true};
      // It did not get the packet that ends the transfer, and asks for it.
      const std::size_t word = text_.find_first_not_of(static_cast<char>(kAck));
      if (word != std::string::npos && (text_[word] == kGo || text_[word] == kNak)) {
        const bool listening = recover();
        return Failed{disturbed("ending the transfer: the device did not understand it"),
                      listening};
      }
    }
    return NoWord{false};
  }

  // Brings the device back to its console. True if it answers there.
  bool recover() {
    const base::Deadline deadline(clock_, kRecovery);
    // The device is not told that we are in a hurry; it would stay in the middle of the transfer.
    const base::CancelToken patient;
    for (bool again = false; !deadline.passed(); again = true) {
      // In the middle of a packet all that is sent counts as data, and puts off the timeout of 5 s
      // that ends it.
      if (again && !keep_silent()) return false;
      auto aborted = send(base::Bytes{'a'});
      if (!aborted && aborted.error().code != Errc::timeout) return false;
      const base::Deadline words(clock_, Millis(500));
      while (!words.passed()) {
        if (!receive(words)) return false;
        if (parse_ending(text_)) break;
      }
      auto version = Console(port_, clock_, patient).ask_version(deadline.left_up_to(Millis(2500)));
      if (version) return true;
      if (version.error().code != Errc::timeout) return false;
    }
    return false;
  }

  // False: the device is gone. Its console's words end the silence.
  bool keep_silent() {
    const base::Deadline deadline(clock_, kSilence);
    const std::size_t before = text_.size();
    while (!deadline.passed()) {
      if (!receive(deadline)) return false;
      if (parse_ending(std::string_view(text_).substr(before))) return true;
    }
    return true;
  }

  Port& port_;
  base::Clock& clock_;
  const base::CancelToken& cancel_;
  std::string text_;  // received and not used up
};

}  // namespace

std::uint16_t crc16(base::ByteView bytes) {
  unsigned crc = 0;
  for (const std::uint8_t byte : bytes) {
    crc ^= static_cast<unsigned>(byte) << 8;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 0x8000U) != 0 ? (crc << 1 ^ 0x1021U) & 0xFFFFU : crc << 1 & 0xFFFFU;
    }
  }
  return static_cast<std::uint16_t>(crc);
}

base::Bytes packet(unsigned number, base::ByteView data, std::size_t block) {
  const auto sequence = static_cast<std::uint8_t>(number);
  base::Bytes bytes{block == 1024 ? kStx : kSoh, sequence, static_cast<std::uint8_t>(~sequence)};
  bytes.insert(bytes.end(), data.begin(), data.end());
  bytes.resize(3 + block, 0);
  const std::uint16_t crc = crc16(base::ByteView(bytes).subspan(3));
  bytes.push_back(static_cast<std::uint8_t>(crc >> 8));
  bytes.push_back(static_cast<std::uint8_t>(crc));
  return bytes;
}

base::Bytes header_packet(std::string_view name, std::size_t size) {
  std::string data(name.substr(0, kLongestName));
  data += '\0';
  data += std::to_string(size);
  data += ' ';  // the device reads digits up to a space
  return packet(0, base::as_bytes(data), 128);
}

Outcome send_module(Port& port, base::Clock& clock, std::string_view name, base::ByteView module,
                    std::size_t block, const SendProgress& progress,
                    const base::CancelToken& cancel) {
  return Session(port, clock, cancel).run(name, module, block, progress);
}

}  // namespace serial
