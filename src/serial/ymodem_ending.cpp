// SPDX-License-Identifier: GPL-3.0-or-later
//
// The receiver's last words: device-os v0.6.4 and v2.3.1, system/src/system_setup.cpp,
// system_ymodem.cpp and services/inc/system_error.h.

#include "serial/console.h"
#include "serial/ymodem.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <vector>

namespace serial {
namespace {

using base::Errc;

constexpr std::string_view kHint =
    "the device keeps what it had and goes on running it; `electron-rescue plan` shows which "
    "modules it takes in which order";

base::Error refused(std::string_view id, std::string message) {
  return base::make_error(Errc::refused, "device-refused-" + std::string(id), std::move(message),
                          std::string(kHint));
}

base::Error refused_disabled(std::string message) {
  return base::make_error(
      Errc::refused, "device-refused-disabled", std::move(message),
      "start it without its application: hold MODE, press and release RESET, let go of MODE when "
      "the LED blinks magenta (safe mode); then run the same command again");
}

struct Reason {
  std::int32_t number;
  std::string_view id;
  std::string_view words;
};

// In order of weight: the first that applies names the error.
constexpr std::array<Reason, 6> kBits{{
    {kIntegrity, "integrity", "its checksum is wrong"},
    {kPlatform, "platform", "it is for another platform"},
    {kRange, "range", "it does not lie where such a module belongs"},
    {kDependencies, "dependencies", "what it depends on is not installed"},
    {kDependenciesFull, "dependencies", "an installed module depends on a newer version of it"},
    {kProduct, "product", "it is for another product"},
}};

constexpr std::int32_t kUpdatesDisabled = -1380;

constexpr std::array<Reason, 8> kCodes{{
    {-1300, "no-module", "it found no module"},
    {-1310, "unsupported", "it does not take such a module"},
    {-1320, "validation", "the module is not valid"},
    {-1330, "integrity", "its checksum is wrong"},
    {-1340, "dependencies", "its dependencies, or those of others on it, are not met"},
    {-1350, "range", "it does not lie where such a module belongs"},
    {-1360, "platform", "it is for another platform"},
    {-1370, "format", "its format is wrong"},
}};

// The words are "The file size is higher than the allowed space memory!", but the size is not
// looked at: the update is not begun because the application has called System.disableUpdates().
Refused switched_off() {
  return {0, 0,
          refused_disabled("the device takes no updates now: its application has switched "
                           "them off")};
}

// The number in "Validation failed: 0x44" or "Validation failed: -1340", if its line is whole.
std::optional<Outcome> parse_validation(std::string_view rest) {
  const bool mask = rest.starts_with("0x");
  if (mask) rest.remove_prefix(2);
  std::int32_t number = 0;
  const char* const end = rest.data() + rest.size();
  const auto parsed = std::from_chars(rest.data(), end, number, mask ? 16 : 10);
  if (parsed.ec != std::errc() || parsed.ptr == end || *parsed.ptr != '\r') return std::nullopt;
  if (mask) {
    const auto bits = static_cast<std::uint32_t>(number);
    return Refused{bits, 0, refusal_of_mask(bits)};
  }
  return Refused{0, number, refusal_of_code(number)};
}

}  // namespace

base::Error refusal_of_mask(std::uint32_t mask) {
  std::string_view id = "unknown";
  std::vector<std::string_view> reasons;
  for (const Reason& bit : kBits) {
    if ((mask & static_cast<std::uint32_t>(bit.number)) == 0) continue;
    if (reasons.empty()) id = bit.id;
    reasons.push_back(bit.words);
  }
  if (reasons.empty()) reasons.emplace_back("it gives no reason that is known");
  return refused(id, fmt::format("the device refuses the module: {} (0x{:x})",
                                 fmt::join(reasons, ", and "), mask));
}

base::Error refusal_of_code(std::int32_t code) {
  if (code == kUpdatesDisabled) {
    return refused_disabled(
        fmt::format("the device refuses the module: updates are switched off ({})", code));
  }
  for (const Reason& reason : kCodes) {
    if (reason.number == code) {
      return refused(reason.id,
                     fmt::format("the device refuses the module: {} ({})", reason.words, code));
    }
  }
  return refused("unknown", fmt::format("the device refuses the module: system error {}", code));
}

std::optional<Outcome> parse_ending(std::string_view text) {
  constexpr std::string_view kValidation = "Validation failed: ";
  const auto has = [&](std::string_view words) { return text.find(words) != text.npos; };
  if (const std::size_t at = text.find(kValidation); at != text.npos) {
    return parse_validation(text.substr(at + kValidation.size()));
  }
  if (has("Downloaded file successfully!")) return Claimed{};
  if (has("The file size is higher than the allowed space memory!")) return switched_off();
  if (has("Failed to save chunk!") || has("Verification failed!")) {
    return Failed{
        base::make_error(Errc::write_failed, "the device could not store a part of the module",
                         "try again; if it stays so, its flash may be worn out"),
        true};
  }
  if (has("Aborted by user.")) {
    return Failed{base::make_error(Errc::protocol, "the device says that the transfer was aborted"),
                  true};
  }
  if (has("Failed to receive the file!")) {
    return Failed{base::make_error(Errc::protocol, "the device could not receive the module",
                                   "try again; another cable or USB port may help"),
                  true};
  }
  return std::nullopt;
}

}  // namespace serial
