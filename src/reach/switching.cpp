// SPDX-License-Identifier: GPL-3.0-or-later
#include "reach/switching.h"

#include "medium/reading.h"
#include "platform/electron_history.h"
#include "reach/leave.h"
#include "reach/line.h"
#include "reach/portless.h"
#include "reach/to_dfu.h"
#include "reach/watch.h"
#include "serial/console.h"

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

// The longest connection attempt that a 28800 waits for in 0.5.x is 304 s, and what was asked
// before its end may take a while to be over.
constexpr Micros kPatientEnough = seconds(330);
// A port is there a moment after its device, at the latest when udev is done with it.
constexpr Micros kPort = seconds(5);

const char* const kHowToListen =
    "hold MODE for 3 seconds until the LED blinks blue, then let go of MODE";

base::Result<Device> wait_for_person(const work::Context& context, work::Voice& voice,
                                     const Device& device, std::string what, Want want,
                                     Micros within) {
  voice.person(events::Action::hold_mode, what, within);
  auto there = look_again(context, device, want, within);
  if (!there && there.error().code == Errc::timeout) {
    there.error().hint = std::move(what) + "; then run the same command again";
  }
  return there;
}

// --- listening mode ---

class Listening {
 public:
  Listening(const work::Context& context, work::Voice& voice, Device device,
            const Patience& options)
      : context_(context), voice_(voice), device_(std::move(device)), options_(options) {}

  base::Result<Device> run() {
    base::Deadline alone(context_.world.clock, options_.by_itself);
    std::optional<base::Deadline> person;
    if (queues_touch() && options_.by_person.count() == 0) {
      TRY(touch_and_wait(alone));
    }
    for (int tries = 1;; ++tries) {
      auto answered = try_once();
      if (answered) {
        device_.mode = Mode::listening;
        return device_;
      }
      const bool last_chance = person ? person->passed() : alone.passed();
      if (answered.error().code == Errc::device_gone || answered.error().code == Errc::usb_io) {
        const Micros most = std::max<Micros>(seconds(10), person ? person->left() : alone.left());
        TRY(find_again(most));
        if (!last_chance) continue;
      } else if (answered.error().code != Errc::timeout) {
        return std::move(answered.error());
      }
      if (tries == 2) by_vendor_request();
      // In the middle of a packet of an unfinished transfer, bytes are data until none comes for
      // 5 s. Where none was taken there is none.
      if (taken_ && tries % 2 == 1) context_.world.clock.sleep(milliseconds(5500), context_.cancel);
      const bool ask = !person && !touched_ && options_.by_person.count() > 0 &&
                       (alone.passed() || is_old(device_));
      if (ask) {
        person.emplace(context_.world.clock, options_.by_person);
        voice_.person(events::Action::hold_mode, kHowToListen, options_.by_person);
      } else if (!(person ? person->passed() : alone.passed())) {
        continue;
      } else if (queues_touch() && !touched_) {
        // Nobody came to press it.
        person.reset();
        TRY(touch_and_wait(alone));
      } else {
        return touched_ ? never_listened() : nobody_pressed();
      }
    }
  }

 private:
  base::Result<> try_once() {
    if (context_.cancel.requested()) return interrupted();
    taken_ = false;
    if (!port_) {
      TRY_ASSIGN(port_, open_line(context_, device_));
    }
    if (is_old(device_)) return answers(seconds(3));
    // Before it listens, the device takes no byte, and closing the port may then block for half a
    // minute: so never write before it was told to listen, and keep the port open. Told too early
    // (0.6.4: in its first second), it does not hear: so tell it twice.
    TRY(touch());
    context_.world.clock.sleep(milliseconds(1200), context_.cancel);
    TRY(touch());
    context_.world.clock.sleep(milliseconds(200), context_.cancel);
    return answers(seconds(4));
  }

  // The rate is not left at that which is a command: the system would send it again.
  base::Result<> touch() {
    TRY(port_->set_baud(kQuietBaud));
    TRY(port_->set_baud(context_.platform.serial.listening_baud));
    return port_->set_baud(kQuietBaud);
  }

  base::Result<> answers(Micros within) {
    serial::Console console(*port_, context_.world.clock, context_.cancel);
    auto version = console.ask_version(within);
    taken_ = console.was_heard();
    if (!version) return std::move(version.error());
    return {};
  }

  // 28800 in 0.5.x: it works, but only when the connection attempt has ended; and once it was sent,
  // MODE would end listening mode instead of beginning it. So only where nobody is there to press
  // it, or nobody has come; and from then on nobody is asked. In 0.4.x 28800 begins a transfer, or
  // does nothing: never.
  bool queues_touch() const {
    const platform::SystemGeneration* generation = platform::generation_of(options_.release);
    return is_old(device_) && generation != nullptr && generation->listening_touch &&
           !generation->touch_cancels_connecting;
  }

  base::Result<> touch_and_wait(base::Deadline& alone) {
    if (!port_) {
      TRY_ASSIGN(port_, open_line(context_, device_));
    }
    TRY(touch());
    touched_ = true;
    alone = base::Deadline(context_.world.clock, kPatientEnough);
    voice_.note(options_.release +
                    " goes to listening mode by itself when its attempt to find a network has "
                    "ended, within 5 minutes; leave its buttons alone until then",
                0);
    return {};
  }

  // Somebody pressed RESET, or the device restarted by itself. Where it seems to be there all the
  // same, the system is still busy with its port.
  base::Result<> find_again(Micros most) {
    port_.reset();
    context_.world.usb.wait_for_change(milliseconds(100), context_.cancel);
    TRY_ASSIGN(device_, base::in_context(look_again(context_, device_, Want::serial, most),
                                         "the device vanished"));
    return {};
  }

  static base::Error nobody_pressed() {
    return base::make_error(Errc::timeout, "the device does not go to listening mode",
                            std::string(kHowToListen) + "; then run the same command again");
  }

  // 28800 may still wait: MODE would turn off what it turns on.
  static base::Error never_listened() {
    return base::make_error(Errc::timeout,
                            "the device does not go to listening mode, though it was told to",
                            "press RESET, so that nothing waits in it; then, once it runs, " +
                                std::string(kHowToListen) + ", and run the same command again");
  }

  void by_vendor_request() {
    if (is_old(device_)) return;
    const auto asked = ask_by_vendor_request(context_, device_, VendorRequest::listening);
    if (!asked) voice_.note("no listening mode by USB request: " + asked.error().message, 2);
  }

  const work::Context& context_;
  work::Voice& voice_;
  Device device_;
  const Patience& options_;
  std::unique_ptr<serial::Port> port_;
  bool touched_ = false;
  bool taken_ = false;  // the device has taken the bytes of the last question
};

base::Result<Device> leave_listening(const work::Context& context, Device device) {
  if (device.serial_path.empty()) {
    TRY(stop_listening_without_port(context, device));
  } else {
    TRY_ASSIGN(auto port, open_line(context, device));
    TRY(serial::Console(*port, context.world.clock, context.cancel).leave());
  }
  device.mode = Mode::serial;
  return device;
}

base::Result<Device> leave_dfu_mode(const work::Context& context, work::Voice& voice,
                                    const Device& device) {
  events::Totals totals;
  TRY_ASSIGN(auto session, medium::open_patiently(context, voice, device, totals));
  return leave_and_wait(context, voice, std::move(session), totals);
}

// Since 0.6.0 a device that has no port here after a while is told to listen without one; one that
// restarts just then, once more.
base::Result<Device> with_port_or_listening(const work::Context& context, work::Voice& voice,
                                            Device device, Micros within) {
  const bool old = is_old(device);
  auto there = look_again(context, device, Want::serial, old ? within : std::min(within, kPort));
  if (there || there.error().code != Errc::timeout || old) return there;
  auto listening = listen_without_port(context, device);
  if (!listening && listening.error().code == Errc::device_gone) {
    TRY_ASSIGN(device, look_again(context, device, Want::any, within));
    if (device.mode == Mode::dfu) return listening;
    if (!device.serial_path.empty()) return device;
    listening = listen_without_port(context, device);
  }
  if (listening || is_final(listening.error())) return listening;
  voice.note("no listening mode without a serial port: " + listening.error().message, 2);
  there = look_again(context, device, Want::serial, within);
  if (!there && there.error().code == Errc::timeout) return listening;
  return there;
}

}  // namespace

Patience attended() { return {.by_itself = seconds(20), .by_person = seconds(120), .release = {}}; }

Patience unattended() { return {.by_itself = seconds(30), .by_person = Micros(0), .release = {}}; }

base::Result<Device> to_dfu(const work::Context& context, work::Voice& voice, const Device& device,
                            const Patience& patience) {
  if (device.mode == Mode::dfu) return device;
  auto there = go_to_dfu(context, device, patience.by_itself);
  if (there || is_final(there.error()) || patience.by_person.count() == 0) return there;
  voice.note("the device does not go to DFU mode by itself: " + there.error().message, 1);
  return wait_for_person(context, voice, device, how_to_reach_dfu(), Want::dfu, patience.by_person);
}

base::Result<Device> to_listening(const work::Context& context, work::Voice& voice,
                                  const Device& device, const Patience& patience) {
  if (device.mode == Mode::listening) return device;
  Device now = device;
  if (now.mode == Mode::dfu) {
    TRY_ASSIGN(now, leave_dfu_mode(context, voice, device));
  }
  if (now.serial_path.empty()) {
    TRY_ASSIGN(now, with_port_or_listening(context, voice, now, patience.by_itself));
    if (now.mode == Mode::listening) return now;
  }
  return Listening(context, voice, now, patience).run();
}

base::Result<Device> to_normal(const work::Context& context, work::Voice& voice,
                               const Device& device, const Patience& patience) {
  if (device.mode == Mode::dfu) return leave_dfu_mode(context, voice, device);
  if (device.mode == Mode::listening) return leave_listening(context, device);
  // Whether it listens is not known.
  Patience quick = patience;
  quick.release.clear();
  quick.by_person = Micros(0);
  quick.by_itself = is_old(device) ? Micros(0) : Micros(seconds(8));
  auto listening = to_listening(context, voice, device, quick);
  if (listening) return leave_listening(context, *listening);
  // It answers nothing, so it does not listen, and it is there.
  if (listening.error().code == Errc::timeout) return device;
  return listening;
}

}  // namespace reach
