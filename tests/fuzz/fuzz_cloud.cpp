// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a cloud answers and what its event stream carries: whatever it is, reading it ends, nothing
// that comes out of it reaches a terminal as a control character, and only the words for it start
// an update.

#include "base/bytes.h"
#include "cloud/answers.h"
#include "cloud/events.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void require_printable(const std::string& text) { require(text == base::printable(text)); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = base::as_text({data, size});
  for (const long status : {200L, 400L, 404L, 502L}) {
    net::Reply reply;
    reply.status = status;
    reply.body = text;
    const cloud::Raw raw = reply;
    if (const auto flash = cloud::parse_flash(raw)) {
      require(flash->how != cloud::Flash::started ||
              (status == 200 && text.find("Update started") != std::string::npos) ||
              text.find("\\u") != std::string::npos);
      require_printable(flash->text);
    }
    const auto device = cloud::parse_device(raw, "2b0036000a47333534393338");
    require(!device || device->id == "2b0036000a47333534393338");
    if (!device) require_printable(device.failure().text);
    if (const auto list = cloud::parse_devices(raw)) require(list->pages >= 0);
    static_cast<void>(cloud::parse_token(raw).operator bool());
    static_cast<void>(cloud::parse_product(raw).operator bool());
    static_cast<void>(cloud::parse_ping(raw).operator bool());
  }
  for (const char* name : {"spark/status/safe-mode", "spark/device/ota_result", "spark/status"}) {
    if (const auto event = cloud::parse_event({name, text})) {
      require_printable(event->data);
      require_printable(event->device);
    }
  }
  return 0;
}
