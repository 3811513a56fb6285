// SPDX-License-Identifier: GPL-3.0-or-later
//
// The only file that knows dfu-util. Its request code runs unmodified: the build renames its
// libusb_control_transfer to er_dfu_control_transfer, which is defined here, and the device handle
// that it passes on without looking inside is a Call.

#include "dfu/request.h"

#include <fmt/format.h>
#include <libusb.h>

#include <optional>
#include <utility>

extern "C" {
#include <dfu.h>
}

namespace dfu {
namespace {

// One request on its way through dfu-util: where it goes, and what came of it. dfu-util returns
// numbers; the error as the transport told it is kept here. A queued request goes through dfu-util
// twice: once to be made, and once for its answer to be understood.
struct Call {
  enum class Stage { whole, begin, end };

  usb::Transport* transport;
  base::Millis timeout;
  std::uint64_t* transfers;
  Stage stage = Stage::whole;
  std::optional<base::Error> error = {};

  libusb_device_handle* handle() { return reinterpret_cast<libusb_device_handle*>(this); }
  // The error of a request that dfu-util says has failed.
  base::Error failure(std::string_view request) {
    if (error) return base::in_context(std::move(*error), request);
    return base::make_error(base::Errc::protocol,
                            fmt::format("{}: the device's answer has the wrong length", request),
                            "unplug the device, bring it back to DFU mode and try again");
  }
};

int code_of(const base::Error& error) {
  switch (error.code) {
    case base::Errc::usb_stall:
      return LIBUSB_ERROR_PIPE;
    case base::Errc::timeout:
      return LIBUSB_ERROR_TIMEOUT;
    case base::Errc::device_gone:
      return LIBUSB_ERROR_NO_DEVICE;
    default:
      return LIBUSB_ERROR_IO;
  }
}

void begin(const Call& call, const usb::ControlSetup& setup, std::span<std::uint8_t> data) {
  usb::ControlQueue& queue = *call.transport->queue();
  if ((setup.request_type & LIBUSB_ENDPOINT_IN) != 0) {
    queue.start_in(setup, data.size(), call.timeout);
  } else {
    queue.start_out(setup, data, call.timeout);
  }
}

base::Result<std::size_t> carry_out(const Call& call, const usb::ControlSetup& setup,
                                    std::span<std::uint8_t> data) {
  const bool in = (setup.request_type & LIBUSB_ENDPOINT_IN) != 0;
  if (call.stage == Call::Stage::end) {
    return call.transport->queue()->finish(in ? data : std::span<std::uint8_t>());
  }
  return in ? call.transport->control_in(setup, data, call.timeout)
            : call.transport->control_out(setup, data, call.timeout);
}

int transfer(Call& call, const usb::ControlSetup& setup, std::span<std::uint8_t> data) {
  if (call.stage != Call::Stage::end) ++*call.transfers;
  if (call.stage == Call::Stage::begin) {
    begin(call, setup, data);
    return LIBUSB_ERROR_BUSY;  // dfu-util has no answer to look at yet
  }
  auto moved = carry_out(call, setup, data);
  if (moved) return static_cast<int>(*moved);
  call.error = std::move(moved.error());
  return code_of(*call.error);
}

int download(Call& call, std::uint8_t interface, std::uint16_t block, base::ByteView data) {
  // dfu-util's parameter is not const, though it only reads.
  auto* const bytes = const_cast<unsigned char*>(data.data());
  return dfu_download(call.handle(), interface, static_cast<std::uint16_t>(data.size()), block,
                      bytes);
}

base::Result<> download_result(Call& call, int sent, std::size_t size) {
  if (sent != static_cast<int>(size)) return call.failure("DFU_DNLOAD");
  return {};
}

int upload(Call& call, std::uint8_t interface, std::uint16_t block, std::span<std::uint8_t> into) {
  return dfu_upload(call.handle(), interface, static_cast<std::uint16_t>(into.size()), block,
                    into.data());
}

base::Result<std::size_t> upload_result(Call& call, int got) {
  if (got < 0) return call.failure("DFU_UPLOAD");
  return static_cast<std::size_t>(got);
}

int ask_status(Call& call, std::uint8_t interface, dfu_status& answer) {
  dfu_if device{};
  device.dev_handle = call.handle();
  device.interface = interface;
  return dfu_get_status(&device, &answer);
}

base::Result<Status> status_result(Call& call, int length, const dfu_status& answer) {
  constexpr int kLength = 6;  // USB DFU 1.1, section 6.1.2
  if (length != kLength) return call.failure("DFU_GETSTATUS");
  return Status{.status = answer.bStatus,
                .poll = base::Millis(answer.bwPollTimeout),
                .state = static_cast<State>(answer.bState),
                .string = answer.iString};
}

}  // namespace

std::string name(State state) {
  const char* const text = dfu_state_to_string(static_cast<int>(state));
  if (text == nullptr) return fmt::format("state {}", static_cast<int>(state));
  return text;
}

std::string describe_status(std::uint8_t status) { return dfu_status_to_string(status); }

base::Result<> Requests::download(std::uint16_t block, base::ByteView data, base::Millis timeout) {
  Call call{transport_, timeout, &transfers_};
  return download_result(call, dfu::download(call, interface_, block, data), data.size());
}

void Requests::begin_download(std::uint16_t block, base::ByteView data, base::Millis timeout) {
  Call call{transport_, timeout, &transfers_, Call::Stage::begin};
  dfu::download(call, interface_, block, data);
}

base::Result<> Requests::end_download(std::size_t size) {
  Call call{transport_, {}, &transfers_, Call::Stage::end};
  return download_result(call, dfu::download(call, interface_, 0, {}), size);
}

base::Result<std::size_t> Requests::upload(std::uint16_t block, std::span<std::uint8_t> into,
                                           base::Millis timeout) {
  Call call{transport_, timeout, &transfers_};
  return upload_result(call, dfu::upload(call, interface_, block, into));
}

void Requests::begin_upload(std::uint16_t block, std::span<std::uint8_t> into,
                            base::Millis timeout) {
  Call call{transport_, timeout, &transfers_, Call::Stage::begin};
  dfu::upload(call, interface_, block, into);
}

base::Result<std::size_t> Requests::end_upload(std::span<std::uint8_t> into) {
  Call call{transport_, {}, &transfers_, Call::Stage::end};
  return upload_result(call, dfu::upload(call, interface_, 0, into));
}

base::Result<Status> Requests::get_status(base::Millis timeout) {
  Call call{transport_, timeout, &transfers_};
  dfu_status answer{};
  const int length = ask_status(call, interface_, answer);
  return status_result(call, length, answer);
}

void Requests::begin_get_status(base::Millis timeout) {
  Call call{transport_, timeout, &transfers_, Call::Stage::begin};
  dfu_status nothing{};
  ask_status(call, interface_, nothing);
}

base::Result<Status> Requests::end_get_status() {
  Call call{transport_, {}, &transfers_, Call::Stage::end};
  dfu_status answer{};
  const int length = ask_status(call, interface_, answer);
  return status_result(call, length, answer);
}

void Requests::end_all() {
  usb::ControlQueue* const queue = transport_->queue();
  while (queue != nullptr && queue->pending() > 0) {
    [[maybe_unused]] const auto whatever = queue->finish({});
  }
}

base::Result<> Requests::clear_status(base::Millis timeout) {
  Call call{transport_, timeout, &transfers_};
  if (dfu_clear_status(call.handle(), interface_) < 0) return call.failure("DFU_CLRSTATUS");
  return {};
}

base::Result<State> Requests::get_state(base::Millis timeout) {
  Call call{transport_, timeout, &transfers_};
  const int state = dfu_get_state(call.handle(), interface_);
  if (state < 0) return call.failure("DFU_GETSTATE");
  return static_cast<State>(state);
}

base::Result<> Requests::abort_transfer(base::Millis timeout) {
  Call call{transport_, timeout, &transfers_};
  if (dfu_abort(call.handle(), interface_) < 0) return call.failure("DFU_ABORT");
  return {};
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
  // dfu-util's own timeout is shorter than the longest erase plus its retries: ours is in the call.
  return dfu::transfer(
      *reinterpret_cast<dfu::Call*>(handle),
      {.request_type = request_type, .request = request, .value = value, .index = index},
      {data, length});
}
