// SPDX-License-Identifier: GPL-3.0-or-later
//
// The only file that knows dfu-util. Its request code runs unmodified: the build renames its
// libusb_control_transfer to er_dfu_control_transfer, which is defined here and transfers nothing.
// The device handle that dfu-util passes on without looking inside is a Desk: the request that
// arrives on it is taken down, and the answer that lies on it is given.

#include "dfu/request.h"

#include <fmt/format.h>
#include <libusb.h>

#include <algorithm>
#include <span>

extern "C" {
#include <dfu.h>
}

namespace dfu {
namespace {

struct Desk {
  base::ByteView answer;  // to an IN request
  Request asked;

  libusb_device_handle* handle() { return reinterpret_cast<libusb_device_handle*>(this); }
};

int take_down(Desk& desk, const usb::ControlSetup& setup, unsigned char* data, std::size_t length) {
  desk.asked = {.setup = setup, .data = {}, .length = length};
  if ((setup.request_type & LIBUSB_ENDPOINT_IN) == 0) {
    desk.asked.data = {data, length};
    return static_cast<int>(length);
  }
  const std::size_t given = std::min(desk.answer.size(), length);
  if (data != nullptr) std::copy_n(desk.answer.begin(), given, data);
  return static_cast<int>(given);
}

}  // namespace

std::string name(State state) {
  const char* const text = dfu_state_to_string(static_cast<int>(state));
  if (text == nullptr) return fmt::format("state {}", static_cast<int>(state));
  return text;
}

std::string describe_status(std::uint8_t status) { return dfu_status_to_string(status); }

base::Error wrong_length(std::string_view request) {
  return base::make_error(base::Errc::protocol,
                          fmt::format("{}: the device's answer has the wrong length", request),
                          "unplug the device, bring it back to DFU mode and try again");
}

Request make_download(std::uint8_t interface, std::uint16_t block, base::ByteView data) {
  Desk desk;
  // dfu-util's parameter is not const, though it only reads.
  dfu_download(desk.handle(), interface, static_cast<std::uint16_t>(data.size()), block,
               const_cast<unsigned char*>(data.data()));
  return desk.asked;
}

Request make_upload(std::uint8_t interface, std::uint16_t block, std::size_t length) {
  Desk desk;
  dfu_upload(desk.handle(), interface, static_cast<std::uint16_t>(length), block, nullptr);
  return desk.asked;
}

Request make_get_status(std::uint8_t interface) {
  Desk desk;
  dfu_if device{};
  device.dev_handle = desk.handle();
  device.interface = interface;
  dfu_status unused{};
  dfu_get_status(&device, &unused);
  return desk.asked;
}

Request make_clear_status(std::uint8_t interface) {
  Desk desk;
  dfu_clear_status(desk.handle(), interface);
  return desk.asked;
}

Request make_get_state(std::uint8_t interface) {
  Desk desk;
  dfu_get_state(desk.handle(), interface);
  return desk.asked;
}

Request make_abort(std::uint8_t interface) {
  Desk desk;
  dfu_abort(desk.handle(), interface);
  return desk.asked;
}

base::Result<Status> parse_status(base::ByteView answer) {
  constexpr int kLength = 6;  // USB DFU 1.1, section 6.1.2
  Desk desk{.answer = answer, .asked = {}};
  dfu_if device{};
  device.dev_handle = desk.handle();
  dfu_status status{};
  if (dfu_get_status(&device, &status) != kLength) return wrong_length("DFU_GETSTATUS");
  return Status{.status = status.bStatus,
                .poll = base::Millis(status.bwPollTimeout),
                .state = static_cast<State>(status.bState),
                .string = status.iString};
}

base::Result<State> parse_state(base::ByteView answer) {
  Desk desk{.answer = answer, .asked = {}};
  const int state = dfu_get_state(desk.handle(), 0);
  if (state < 0) return wrong_length("DFU_GETSTATE");
  return static_cast<State>(state);
}

}  // namespace dfu

// Declared by libusb.h under its original name, when dfu-util is compiled.
extern "C" int LIBUSB_CALL er_dfu_control_transfer(libusb_device_handle* handle,
                                                   std::uint8_t request_type, std::uint8_t request,
                                                   std::uint16_t value, std::uint16_t index,
                                                   unsigned char* data, std::uint16_t length,
                                                   unsigned int timeout);

int LIBUSB_CALL er_dfu_control_transfer(libusb_device_handle* handle, std::uint8_t request_type,
                                        std::uint8_t request, std::uint16_t value,
                                        std::uint16_t index, unsigned char* data,
                                        std::uint16_t length, unsigned int) {
  return dfu::take_down(
      *reinterpret_cast<dfu::Desk*>(handle),
      {.request_type = request_type, .request = request, .value = value, .index = index}, data,
      length);
}
