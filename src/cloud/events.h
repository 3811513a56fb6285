// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The events of the vendor's stream that matter for an update (particle-iot/docs:
// firmware-update-events.md; device-os: system/src/system_cloud_internal.cpp). Pure. None of them
// proves that a module was accepted but the modules themselves.

#include "firmware/module.h"
#include "net/sse.h"
#include "serial/console.h"

#include <optional>
#include <string>
#include <variant>

namespace cloud {

struct Online {};      // HELLO received: the device has started anew
struct Offline {};     // noticed, or found out just before Online
struct AutoUpdate {};  // the product's firmware is about to be sent
struct Started {};     // a transfer began
struct Success {};     // its bytes were delivered; no more than that
struct Failed {};      // it failed, as far as the cloud knows
// What is installed, of a device in safe mode; none: it does not parse, wait for the next.
struct Modules {
  std::optional<serial::Described> described;
};
struct Healer {  // the vendor's safe mode healer sends a part of its own
  std::string part;
};
struct LastReset {
  std::string reason;  // "update", "update_timeout", "panic, 1", …
};
struct OtaResult {  // 0.6.1 to 0.6.4: the device's own verdict
  bool ok = false;
  std::optional<serial::DescribedModule> module;
};
struct AppHash {       // the application is another one now
  std::string sha256;  // 64 hexadecimal digits, lower case
};
struct UpdatesEnabled {
  bool enabled = false;
};
struct Presence {};  // the device itself published something: it is there
struct Other {};

struct Event {
  std::string name;          // printable
  std::string device;        // coreid, lower case; "particle-internal" and "api" name no device
  std::string published_at;  // the cloud's clock: compare with other events only
  std::string data;          // printable and trimmed, for people
  std::variant<Other, Online, Offline, AutoUpdate, Started, Success, Failed, Modules, Healer,
               LastReset, OtaResult, AppHash, UpdatesEnabled, Presence>
      what;
};

// None: it is no event of the vendor's (its data are no JSON object).
std::optional<Event> parse_event(const net::SseEvent& event);

}  // namespace cloud
