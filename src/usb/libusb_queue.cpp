// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/libusb_queue.h"

#include "usb/libusb_error.h"

#include <libusb.h>

#include <algorithm>
#include <limits>
#include <utility>

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

// One transfer. While libusb has it, it owns itself: should libusb never give it back, it may
// outlive the queue.
struct LibusbQueue::Entry {
  libusb_transfer* transfer = nullptr;
  base::Bytes buffer;  // setup packet and data
  base::Millis timeout{};
  std::shared_ptr<Signal> signal;
  // Guarded by the signal's mutex from the submission on:
  int code = LIBUSB_SUCCESS;
  std::size_t moved = 0;
  bool over = false;
  std::shared_ptr<Entry> self;

  Entry() = default;
  ~Entry() { libusb_free_transfer(transfer); }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  // On the event thread. Whoever is woken may free the transfer at once, so that comes last:
  // libusb does not look at it any more after its callback.
  static void LIBUSB_CALL done(libusb_transfer* transfer) {
    auto& entry = *static_cast<Entry*>(transfer->user_data);
    const std::shared_ptr<Signal> signal = entry.signal;
    const std::shared_ptr<Entry> self = std::move(entry.self);
    const std::lock_guard lock(signal->mutex);
    entry.code = code_of(transfer->status);
    entry.moved = static_cast<std::size_t>(std::max(transfer->actual_length, 0));
    entry.over = true;
    signal->over.notify_all();
  }
};

LibusbQueue::LibusbQueue(std::shared_ptr<LibusbContext> context, libusb_device_handle* handle)
    : context_(std::move(context)), handle_(handle) {}

LibusbQueue::~LibusbQueue() { withdraw_all(); }

void LibusbQueue::start_in(const ControlSetup& setup, std::size_t length, base::Millis timeout) {
  start(setup, length, {}, timeout);
}

void LibusbQueue::start_out(const ControlSetup& setup, base::ByteView data, base::Millis timeout) {
  start(setup, data.size(), data, timeout);
}

void LibusbQueue::start(const ControlSetup& setup, std::size_t length, base::ByteView data,
                        base::Millis timeout) {
  auto entry = std::make_shared<Entry>();
  entry->timeout = timeout;
  entry->signal = signal_;
  entry->buffer.resize(LIBUSB_CONTROL_SETUP_SIZE + length);
  std::copy(data.begin(), data.end(), entry->buffer.begin() + LIBUSB_CONTROL_SETUP_SIZE);
  entry->transfer = libusb_alloc_transfer(0);
  int result = LIBUSB_SUCCESS;
  if (entry->transfer == nullptr) {
    result = LIBUSB_ERROR_NO_MEM;
  } else if (length > std::numeric_limits<std::uint16_t>::max()) {
    result = LIBUSB_ERROR_INVALID_PARAM;
  } else {
    libusb_fill_control_setup(entry->buffer.data(), setup.request_type, setup.request, setup.value,
                              setup.index, static_cast<std::uint16_t>(length));
    // No timeout of libusb's: that would count from now.
    libusb_fill_control_transfer(entry->transfer, handle_, entry->buffer.data(), &Entry::done,
                                 entry.get(), 0);
    entry->self = entry;
    result = libusb_submit_transfer(entry->transfer);
  }
  if (result != LIBUSB_SUCCESS) {
    entry->self.reset();
    entry->code = result;
    entry->over = true;
  }
  entries_.push_back(std::move(entry));
}

base::Result<std::size_t> LibusbQueue::finish(std::span<std::uint8_t> into) {
  const std::shared_ptr<Entry> entry = entries_.front();
  {
    std::unique_lock lock(signal_->mutex);
    signal_->over.wait_for(lock, entry->timeout, [&] { return entry->over; });
  }
  if (!is_over(*entry)) withdraw_all();
  entries_.pop_front();
  const std::lock_guard lock(signal_->mutex);
  if (!entry->over) return error_from_libusb(LIBUSB_ERROR_IO, "the computer's USB is stuck");
  if (entry->code != LIBUSB_SUCCESS) return error_from_libusb(entry->code, {});
  if (!into.empty()) {
    const base::ByteView data = base::ByteView(entry->buffer).subspan(LIBUSB_CONTROL_SETUP_SIZE);
    std::copy_n(data.begin(), std::min({entry->moved, into.size(), data.size()}), into.begin());
  }
  return entry->moved;
}

bool LibusbQueue::is_over(const Entry& entry) const {
  const std::lock_guard lock(signal_->mutex);
  return entry.over;
}

void LibusbQueue::withdraw_all() {
  // From behind, so that none is carried out because the one ahead of it has gone.
  std::for_each(entries_.rbegin(), entries_.rend(), [&](const auto& entry) {
    if (!is_over(*entry)) libusb_cancel_transfer(entry->transfer);
  });
  // Where no event is handled any more libusb keeps them, and nobody waits for ever.
  constexpr base::Millis kLook{500};
  std::unique_lock lock(signal_->mutex);
  const auto all_over = [&] {
    return std::ranges::all_of(entries_, [](const auto& entry) { return entry->over; });
  };
  while (!signal_->over.wait_for(lock, kLook, all_over) && !context_->is_stuck()) {
  }
}

}  // namespace usb
