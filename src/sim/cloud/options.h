// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a virtual cloud is made of: its devices, products and tokens, and how it behaves where the
// vendor's is known to differ or is not known at all.

#include "base/result.h"
#include "release/release_set.h"
#include "sim/cloud/mishaps.h"
#include "sim/world/electron.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim::cloud {

// For demonstrations and tests; the same for everybody, and good for nothing else.
inline constexpr std::string_view kUsualToken = "5151515151515151515151515151515151515151";
inline constexpr std::uint32_t kNoProduct = 10;  // a developer's device: the platform's number

struct DeviceOptions {
  enum class Link {
    up,
    silent,   // down, and the cloud does not know it yet
    offline,  // down, and the cloud knows it
  };
  std::string id;  // 24 hex digits
  std::string name;
  ElectronSpec electron;
  std::uint32_t product = kNoProduct;
  bool owned = true;  // claimed by the token's user
  bool development = false;
  Link link = Link::up;
  std::optional<base::Micros> returns_after;  // the link comes up by itself then
  bool updates_disabled = false;              // by the application; in safe mode it does not run
  bool quarantined = false;
  bool denied = false;
  std::uint16_t platform = 10;
  base::Micros attach = std::chrono::seconds(25);  // from the running firmware to the handshake
  std::vector<Failure> failures;                   // of its own transfers
};

struct ProductOptions {
  std::uint32_t id = 0;
  std::string slug;
  std::string name;
  std::uint16_t platform = 10;
  bool firmware = false;  // pushes the product's application to devices that others have flashed
};

struct TokenOptions {
  std::string token;
  std::vector<std::string> scopes;       // empty: all
  std::optional<std::uint32_t> answers;  // so many answers, then it has expired
};

struct Options {
  std::vector<DeviceOptions> devices;
  std::vector<ProductOptions> products;
  std::vector<TokenOptions> tokens{{std::string(kUsualToken), {}, std::nullopt}};
  std::string username;  // POST /oauth/token; empty: nobody can log in
  std::string password;
  std::vector<Failure> failures;
  bool healer = false;  // the vendor's safe mode healer
  base::Micros healer_delay = std::chrono::seconds(2);
  bool checks_modules = false;       // refuses, with 200, a part that the device would refuse
  bool passes_ota_result = false;    // spark/device/ota_result reaches the stream
  bool tells_safe_mode = true;       // "status" of a device says it
  bool refusal_says_failed = false;  // 0.7.0 to 2.x: failed instead of success
  enum class Answers { before_started, with_started } answers = Answers::with_started;
  int offline_status = 404;  // or 408, 500
  bool limits_rates = true;
  unsigned page_size = 25;
  base::Micros keep_alive = std::chrono::seconds(9);
  // Unix time, in milliseconds, of the instant at which the cloud is made.
  std::int64_t epoch_ms = 1'767'600'000'000;
};

// The JSON of docs/electron-sim.md, "A fleet". Errors: bad_file (id "bad-fleet").
base::Result<Options> parse_fleet(std::string_view json);

// `count` developer devices stuck in safe mode, each with an application that needs `needs`; of
// these releases in turn. Errors: usage (unknown release).
base::Result<Options> make_fleet(const std::vector<std::string>& releases, std::size_t count,
                                 std::string_view needs);

// An application built for a release: with an older one the device is in safe mode. Errors: usage.
base::Result<base::Bytes> application_for(std::string_view release);

}  // namespace sim::cloud
