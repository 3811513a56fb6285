// SPDX-License-Identifier: GPL-3.0-or-later
#include "dfu/requests.h"

#include <algorithm>
#include <array>

namespace dfu {
namespace {

constexpr std::uint8_t kDeviceToHost = 0x80;  // bmRequestType, USB 2.0, table 9-2

}  // namespace

void Requests::begin(const Request& request, base::Millis timeout) {
  ++transfers_;
  usb::ControlQueue& queue = transport_->queue();
  if ((request.setup.request_type & kDeviceToHost) != 0) {
    queue.start_in(request.setup, request.length, timeout);
  } else {
    queue.start_out(request.setup, request.data, timeout);
  }
}

base::Result<std::size_t> Requests::end(std::string_view name, std::span<std::uint8_t> into) {
  return base::in_context(transport_->queue().finish(into), name);
}

void Requests::begin_download(std::uint16_t block, base::ByteView data, base::Millis timeout) {
  begin(make_download(interface_, block, data), timeout);
}

base::Result<> Requests::end_download(std::size_t size) {
  TRY_ASSIGN(const std::size_t sent, end("DFU_DNLOAD", {}));
  if (sent != size) return wrong_length("DFU_DNLOAD");
  return {};
}

void Requests::begin_upload(std::uint16_t block, std::size_t size, base::Millis timeout) {
  begin(make_upload(interface_, block, size), timeout);
}

base::Result<std::size_t> Requests::end_upload(std::span<std::uint8_t> into) {
  return end("DFU_UPLOAD", into);
}

void Requests::begin_get_status(base::Millis timeout) {
  begin(make_get_status(interface_), timeout);
}

base::Result<Status> Requests::end_get_status() {
  std::array<std::uint8_t, 6> answer{};
  TRY_ASSIGN(const std::size_t size, end("DFU_GETSTATUS", answer));
  return parse_status(base::ByteView(answer).first(std::min(size, answer.size())));
}

void Requests::end_all() {
  usb::ControlQueue& queue = transport_->queue();
  while (queue.pending() > 0) [[maybe_unused]] const auto whatever = queue.finish({});
}

base::Result<> Requests::download(std::uint16_t block, base::ByteView data, base::Millis timeout) {
  begin_download(block, data, timeout);
  return end_download(data.size());
}

base::Result<Status> Requests::get_status(base::Millis timeout) {
  begin_get_status(timeout);
  return end_get_status();
}

base::Result<> Requests::clear_status(base::Millis timeout) {
  begin(make_clear_status(interface_), timeout);
  TRY(end("DFU_CLRSTATUS", {}));
  return {};
}

base::Result<State> Requests::get_state(base::Millis timeout) {
  begin(make_get_state(interface_), timeout);
  std::array<std::uint8_t, 1> answer{};
  TRY_ASSIGN(const std::size_t size, end("DFU_GETSTATE", answer));
  return parse_state(base::ByteView(answer).first(std::min(size, answer.size())));
}

base::Result<> Requests::abort_transfer(base::Millis timeout) {
  begin(make_abort(interface_), timeout);
  TRY(end("DFU_ABORT", {}));
  return {};
}

}  // namespace dfu
