// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/libusb_queue.h"

#include "usb/libusb_error.h"

#include <libusb.h>

#include <algorithm>
#include <chrono>
#include <limits>

namespace usb {
namespace {

// What libusb_control_transfer() makes of the same outcome.
int code_of(libusb_transfer_status status) {
  switch (status) {
    case LIBUSB_TRANSFER_COMPLETED:
      return LIBUSB_SUCCESS;
    case LIBUSB_TRANSFER_TIMED_OUT:
    case LIBUSB_TRANSFER_CANCELLED:  // by us, because time was up for it or for one ahead of it
      return LIBUSB_ERROR_TIMEOUT;
    case LIBUSB_TRANSFER_STALL:
      return LIBUSB_ERROR_PIPE;
    case LIBUSB_TRANSFER_NO_DEVICE:
      return LIBUSB_ERROR_NO_DEVICE;
    case LIBUSB_TRANSFER_OVERFLOW:
      return LIBUSB_ERROR_OVERFLOW;
    case LIBUSB_TRANSFER_ERROR:
      break;
  }
  return LIBUSB_ERROR_IO;
}

}  // namespace

// One transfer. libusb holds pointers into it until `over`.
struct LibusbQueue::Entry {
  libusb_transfer* transfer = nullptr;
  base::Bytes buffer;  // setup packet and data
  base::Millis timeout{};
  int code = LIBUSB_SUCCESS;
  int over = 0;  // an int, because libusb's event loop looks at it

  Entry() = default;
  ~Entry() { libusb_free_transfer(transfer); }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  static void LIBUSB_CALL done(libusb_transfer* transfer) {
    auto& entry = *static_cast<Entry*>(transfer->user_data);
    entry.code = code_of(transfer->status);
    entry.over = 1;
  }
};

LibusbQueue::LibusbQueue(libusb_context* context, libusb_device_handle* handle)
    : context_(context), handle_(handle) {}

LibusbQueue::~LibusbQueue() { withdraw_all(); }

void LibusbQueue::start_in(const ControlSetup& setup, std::size_t length, base::Millis timeout) {
  start(setup, length, {}, timeout);
}

void LibusbQueue::start_out(const ControlSetup& setup, base::ByteView data, base::Millis timeout) {
  start(setup, data.size(), data, timeout);
}

void LibusbQueue::start(const ControlSetup& setup, std::size_t length, base::ByteView data,
                        base::Millis timeout) {
  auto entry = std::make_unique<Entry>();
  entry->timeout = timeout;
  entry->buffer.resize(LIBUSB_CONTROL_SETUP_SIZE + length);
  std::copy(data.begin(), data.end(), entry->buffer.begin() + LIBUSB_CONTROL_SETUP_SIZE);
  entry->transfer = libusb_alloc_transfer(0);
  if (entry->transfer == nullptr) {
    entry->code = LIBUSB_ERROR_NO_MEM;
  } else if (length > std::numeric_limits<std::uint16_t>::max()) {
    entry->code = LIBUSB_ERROR_INVALID_PARAM;
  } else {
    libusb_fill_control_setup(entry->buffer.data(), setup.request_type, setup.request, setup.value,
                              setup.index, static_cast<std::uint16_t>(length));
    // No timeout of libusb's: that would count from now.
    libusb_fill_control_transfer(entry->transfer, handle_, entry->buffer.data(), &Entry::done,
                                 entry.get(), 0);
    entry->code = libusb_submit_transfer(entry->transfer);
  }
  if (entry->code != LIBUSB_SUCCESS) entry->over = 1;
  entries_.push_back(std::move(entry));
}

base::Result<std::size_t> LibusbQueue::finish(std::span<std::uint8_t> into) {
  {
    Entry& oldest = *entries_.front();
    wait_for(oldest, &oldest.timeout);
    if (oldest.over == 0) withdraw_all();
  }
  const std::unique_ptr<Entry> entry = std::move(entries_.front());
  entries_.pop_front();
  if (entry->code != LIBUSB_SUCCESS) return error_from_libusb(entry->code, {});
  const auto moved = static_cast<std::size_t>(std::max(entry->transfer->actual_length, 0));
  if (!into.empty()) {
    const base::ByteView data = base::ByteView(entry->buffer).subspan(LIBUSB_CONTROL_SETUP_SIZE);
    std::copy_n(data.begin(), std::min({moved, into.size(), data.size()}), into.begin());
  }
  return moved;
}

// Until it is over, or `timeout` (null: none) has passed.
void LibusbQueue::wait_for(Entry& entry, const base::Millis* timeout) {
  using Clock = std::chrono::steady_clock;
  constexpr base::Micros kSlice = std::chrono::seconds(60);
  const auto end = Clock::now() + (timeout == nullptr ? kSlice : base::Micros(*timeout));
  while (entry.over == 0) {
    base::Micros left = kSlice;
    if (timeout != nullptr) {
      left = std::chrono::ceil<base::Micros>(end - Clock::now());
      if (left <= base::Micros::zero()) return;
    }
    const auto whole = std::chrono::floor<std::chrono::seconds>(left);
    timeval most{};
    most.tv_sec = static_cast<decltype(most.tv_sec)>(whole.count());
    most.tv_usec = static_cast<decltype(most.tv_usec)>((left - whole).count());
    // An error of the event loop leaves libusb in possession of the transfer: nothing can be done
    // but to go on.
    libusb_handle_events_timeout_completed(context_, &most, &entry.over);
  }
}

void LibusbQueue::withdraw_all() {
  // From behind, so that none is carried out because the one ahead of it has gone.
  std::for_each(entries_.rbegin(), entries_.rend(), [](const auto& entry) {
    if (entry->over == 0) libusb_cancel_transfer(entry->transfer);
  });
  for (const auto& entry : entries_) wait_for(*entry, nullptr);
}

}  // namespace usb
