// SPDX-License-Identifier: GPL-3.0-or-later
#include "reach/to_dfu.h"

#include "reach/line.h"
#include "reach/portless.h"
#include "reach/watch.h"

#include <algorithm>
#include <utility>

namespace reach {
namespace {

using base::Errc;
using base::Micros;
using discovery::Device;
using discovery::Mode;
using discovery::Want;
using std::chrono::milliseconds;
using std::chrono::seconds;

// The bootloader is there 0.1 to 0.6 s after the touch, 1.8 s after a USB request. 0.4.8 passes
// over a touch in its first second on the bus.
constexpr Micros kHeard = seconds(3);
// A USB request that comes sooner after the arrival is lost (2.3.1) or lies unanswered (1.5.2).
constexpr Micros kTakesRequests = milliseconds(1500);
// A request that is left unanswered keeps memory in the device until its next start, and there is
// room for five.
constexpr int kMostUnanswered = 2;
constexpr int kRequests = 2;  // one after the other: 2.3.1 answers and may do nothing

class ToDfu {
 public:
  ToDfu(const work::Context& context, const Device& device)
      : context_(context), now_(device), seen_(context.world.clock.now()) {}

  base::Result<Device> run(Micros within) {
    const base::Deadline deadline(context_.world.clock, within);
    base::Error last = base::make_error(Errc::timeout, "it does not react to 14400 baud");
    TRY(await_port());
    for (int tries = 1; !deadline.passed(); ++tries) {
      if (now_.mode == Mode::dfu) return now_;
      if (context_.cancel.requested()) return interrupted();
      const auto touched = touch();
      if (!touched) {
        last = touched.error();
        if (is_kept_from_us(last)) return by_request(last);
        if (is_final(last)) return last;
      }
      auto there = watch_it_go(context_, now_, Want::dfu, kHeard);
      if (there || there.error().code != Errc::timeout) return there;
      if (tries >= 2 || !touched) {
        there = by_request(last);
        if (there || is_final(there.error())) return there;
        last = std::move(there.error());
      }
      TRY(meet_again(deadline));
    }
    last.code = Errc::timeout;
    last.id = std::string(base::name(Errc::timeout));
    last.hint = how_to_reach_dfu() + "; then run the same command again";
    return base::in_context(std::move(last), "the device does not go to DFU mode");
  }

 private:
  // The port of a device that has just arrived takes a moment to be there.
  base::Result<> await_port() {
    if (now_.mode == Mode::dfu || !now_.serial_path.empty()) return {};
    auto there = look_again(context_, now_, Want::serial, kTakesRequests);
    if (there) {
      now_ = std::move(*there);
    } else if (is_final(there.error())) {
      return std::move(there.error());
    }
    return {};
  }

  // Done: the device may have heard it. It restarts within the request, so that whether the request
  // itself was carried out means nothing.
  base::Result<> touch() {
    const std::uint32_t baud = context_.platform.serial.dfu_baud;
    if (now_.serial_path.empty()) {
      const auto sent = set_rate(context_, now_, baud);
      if (sent) return {};
      const Errc code = sent.error().code;
      const bool on_its_way =
          code == Errc::device_gone || code == Errc::timeout || code == Errc::usb_io;
      return on_its_way ? base::Result<>() : sent.error();
    }
    TRY_ASSIGN(auto port, open_line(context_, now_));
    TRY(port->set_baud(kQuietBaud));
    const auto touched = port->set_baud(baud);
    if (!touched && touched.error().code == Errc::cancelled) return touched;
    return {};
  }

  // The other way, since 0.6.0. Where it leads nowhere, `why` is the error, or what kept us from it
  // where there is no port.
  base::Result<Device> by_request(const base::Error& why) {
    if (context_.cancel.requested()) return interrupted();
    if (is_old(now_)) return why;
    const Micros early = seen_ + kTakesRequests - context_.world.clock.now();
    if (early > Micros(0)) {
      auto there = watch_it_go(context_, now_, Want::dfu, early);
      if (there || there.error().code != Errc::timeout) return there;
    }
    for (int tries = 0; tries < kRequests && unanswered_ < kMostUnanswered; ++tries) {
      const auto asked = ask_by_vendor_request(context_, now_, VendorRequest::dfu);
      if (!asked && asked.error().code != Errc::timeout) {
        return now_.serial_path.empty() ? asked.error() : why;
      }
      if (!asked) {
        ++unanswered_;
        // What searches for a network may hear nothing else; what listens takes it at once.
        TRY_ASSIGN(const bool told, tell_to_listen());
        if (!told) return why;
      }
      auto there = watch_it_go(context_, now_, Want::dfu, asked ? kHeard : Micros(seconds(1)));
      if (there || there.error().code != Errc::timeout) return there;
    }
    return why;
  }

  // False: it cannot be told.
  base::Result<bool> tell_to_listen() {
    const std::uint32_t baud = context_.platform.serial.listening_baud;
    if (now_.serial_path.empty()) return set_rate(context_, now_, baud).has_value();
    auto port = open_line(context_, now_);
    if (!port && port.error().code == Errc::cancelled) return std::move(port.error());
    return port && (*port)->set_baud(kQuietBaud) && (*port)->set_baud(baud) &&
           (*port)->set_baud(kQuietBaud);
  }

  // It may have left and come back meanwhile.
  base::Result<> meet_again(const base::Deadline& deadline) {
    auto still = look_again(context_, now_, Want::any, Micros(0));
    if (!still && is_final(still.error())) return std::move(still.error());
    if (!still) {
      // Nothing to talk to: until it is back, or the time is over.
      still = look_again(context_, now_, Want::any, std::min<Micros>(deadline.left(), kHeard));
      if (!still && is_final(still.error())) return std::move(still.error());
      if (!still) return {};
    }
    if (still->info.address != now_.info.address) {
      seen_ = context_.world.clock.now();
      unanswered_ = 0;
    }
    now_ = std::move(*still);
    return {};
  }

  const work::Context& context_;
  Device now_;
  base::Instant seen_;
  int unanswered_ = 0;
};

}  // namespace

base::Result<Device> go_to_dfu(const work::Context& context, const Device& device, Micros within) {
  return ToDfu(context, device).run(within);
}

}  // namespace reach
