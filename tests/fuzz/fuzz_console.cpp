// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a device says in listening mode: whatever it is, the parsers end within bounds, what they
// accept is what they promise, and a secret does not come out of them.

#include "base/bytes.h"
#include "platform/electron_history.h"
#include "serial/console.h"
#include "serial/console_text.h"
#include "serial/ymodem.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool all_hex(const std::string& text) {
  return text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = base::as_text({data, size});
  if (const auto version = serial::parse_version(text)) {
    require(!version->empty() && *version == base::printable(*version));
    const auto* generation = platform::generation_of(*version);
    require(generation == nullptr || generation->ymodem_block == 128 ||
            generation->ymodem_block == 1024);
  }
  if (const auto identity = serial::parse_identity(text)) {
    require(identity->device_id.size() == 24 && all_hex(identity->device_id));
    require(all_hex(identity->imei) && all_hex(identity->iccid));
    require(identity->radio.find(' ') == std::string::npos);
  }
  if (const auto described = serial::parse_modules(text)) {
    for (const serial::DescribedModule& module : described->modules) {
      require(module.location >= 'a' && module.location <= 'z');
      require(module.function == 0 || (module.function >= 'a' && module.function <= 'z'));
      require(module.user_sha256.empty() ||
              (module.user_sha256.size() == 64 && all_hex(module.user_sha256)));
    }
  }
  static_cast<void>(serial::parse_claimed(text).has_value());
  const std::string_view object = serial::find_json_object(text, size / 2);
  require(object.empty() || (object.front() == '{' && object.back() == '}'));
  if (const auto ending = serial::parse_ending(text)) {
    if (const auto* refused = std::get_if<serial::Refused>(&*ending)) {
      require(refused->error.code == base::Errc::refused);
      require(refused->error.message == base::printable(refused->error.message));
    }
  }
  return 0;
}
