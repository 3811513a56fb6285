// SPDX-License-Identifier: GPL-3.0-or-later
//
// One operation of the device: a DNLOAD, the GETSTATUS that runs it, and the one that shows that it
// is over. And the last one, leaving.

#include "dfu/dfuse.h"
#include "dfu/recover.h"
#include "dfu/timing.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dfu {
namespace {

constexpr std::string_view kAgain = "the sector has to be erased and written again";

base::Error operation_failed(std::string why) {
  return base::make_error(base::Errc::write_failed, std::move(why), std::string(kAgain));
}

// Nobody knows whether the device has done it.
base::Error outcome_unknown(const base::Error& cause) {
  return base::make_error(
      base::Errc::write_failed, "outcome-unknown",
      fmt::format("the device did not say whether it has succeeded ({})", cause.message),
      std::string(kAgain));
}

// The answer to the GETSTATUS that starts the reset still says dfuDNLOAD-IDLE.
bool is_leaving(State state) {
  return state == State::dnload_idle || state == State::manifest_sync || state == State::manifest ||
         state == State::manifest_wait_reset;
}

}  // namespace

base::Result<> DfuseTarget::download(std::uint16_t block, base::ByteView data,
                                     base::Millis timeout) {
  auto sent = requests_.download(block, data, kRequestTimeout);
  if (!sent) {
    if (sent.error().code == base::Errc::device_gone) return sent;
    // Nothing has been run: that takes a GETSTATUS. What is pending is dropped by the recovery.
    return operation_failed(sent.error().message);
  }
  return await_operation(timeout);
}

base::Result<> DfuseTarget::await_operation(base::Millis timeout) {
  // The first GETSTATUS runs the operation and lasts as long. Its stall is how the bootloader says
  // that it failed, the only sign there is: asked again it would say OK.
  auto status = requests_.get_status(timeout);
  if (status && status->state == State::dnload_idle && traits_.poll_timeout_is_decoration) {
    return operation_failed("the device has dropped what it was sent");
  }
  const base::Deadline deadline(*clock_, timeout);
  for (bool first = true;; first = false) {
    if (!status) return failed_status(status.error(), timeout);
    if (status->status != kStatusOk || status->state == State::error) {
      return operation_failed(
          fmt::format("the device reports: {}", describe_status(status->status)));
    }
    if (status->state == State::dnload_idle) return {};
    if (status->state != State::dnbusy && status->state != State::dnload_sync) {
      return operation_failed(fmt::format("the device is in {}", name(status->state)));
    }
    if (deadline.passed()) return operation_failed("the device does not come to an end");
    wait_for_operation(status->poll, first);
    status = requests_.get_status(timeout);
  }
}

base::Result<> DfuseTarget::end_queued_download(std::size_t size, bool last, base::Millis timeout) {
  const auto sent = requests_.end_download(size);
  const auto running = requests_.end_get_status();
  base::Result<Status> over = Status{.state = State::dnload_idle};
  if (!last) over = requests_.end_get_status();
  if (!sent) {
    if (sent.error().code == base::Errc::device_gone) return sent;
    return operation_failed(sent.error().message);
  }
  if (!running) return failed_status(running.error(), timeout);
  if (running->status == kStatusOk && running->state == State::dnload_idle) {
    return operation_failed("the device has dropped what it was sent");
  }
  if (running->status != kStatusOk || running->state != State::dnbusy) {
    return operation_failed(fmt::format("the device is in {}: {}", name(running->state),
                                        describe_status(running->status)));
  }
  if (!over) return failed_status(over.error(), timeout);
  if (over->status != kStatusOk || over->state != State::dnload_idle) {
    return operation_failed(fmt::format("the device is in {} afterwards: {}", name(over->state),
                                        describe_status(over->status)));
  }
  return {};
}

// What the failure of a GETSTATUS that runs an operation, or asks for its end, says of it.
base::Error DfuseTarget::failed_status(const base::Error& error, base::Millis timeout) {
  if (error.code == base::Errc::device_gone) return error;
  if (error.code == base::Errc::usb_stall) {
    return operation_failed("the device reports that it has failed");
  }
  requests_.end_all();
  settle(timeout);
  return outcome_unknown(error);
}

void DfuseTarget::wait_for_operation(base::Millis poll, bool first) {
  const base::CancelToken never;
  if (traits_.poll_timeout_is_decoration) {
    if (!first) clock_->sleep(kSettlePause, never);  // it should be over by now
  } else {
    // As told, but neither for hours nor, again and again, for nothing.
    clock_->sleep(std::clamp(poll, first ? base::Millis(0) : kSettlePause, kLongestPoll), never);
  }
}

void DfuseTarget::settle(base::Millis timeout) {
  const base::Deadline deadline(*clock_, kSettleTimeout);
  const base::CancelToken never;
  // Until it answers, whatever it says: until then it is at work and takes no other request.
  while (!deadline.passed()) {
    const auto status = requests_.get_status(timeout);
    if (status || status.error().code == base::Errc::device_gone ||
        status.error().code == base::Errc::usb_stall) {
      return;
    }
    clock_->sleep(kSettlePause, never);
  }
}

base::Result<> DfuseTarget::leave() {
  TRY(enter(mode_ == Mode::download ? Mode::download : Mode::idle));
  // With nothing in it a DNLOAD means: the download is complete. It may be lost on the way, like
  // any other; what is asked for then is the state, because GETSTATUS is what makes it final.
  auto result = requests_.download(0, {}, kRequestTimeout);
  if (!result && result.error().code == base::Errc::timeout) {
    forget();
    TRY(enter(Mode::idle));
    result = requests_.download(0, {}, kRequestTimeout);
  }
  if (result) result = confirm_leave();
  // Whatever comes next finds out by itself what the device is doing.
  forget();
  return base::in_context(std::move(result), "leaving DFU mode");
}

base::Result<> DfuseTarget::confirm_leave() {
  const base::Deadline deadline(*clock_, kSettleTimeout);
  const base::CancelToken never;
  while (true) {
    auto status = requests_.get_status(kRequestTimeout);
    if (status) {
      if (status->status == kStatusOk && is_leaving(status->state)) return {};
      return base::make_error(base::Errc::protocol,
                              fmt::format("the device stays, in {}: {}", name(status->state),
                                          describe_status(status->status)),
                              "press RESET on the device");
    }
    if (status.error().code == base::Errc::device_gone) return {};
    if (status.error().code != base::Errc::timeout || deadline.passed()) return status.error();
    clock_->sleep(kSettlePause, never);
  }
}

}  // namespace dfu
