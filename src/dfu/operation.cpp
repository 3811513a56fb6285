// SPDX-License-Identifier: GPL-3.0-or-later
//
// The way of every block and command through the device, and what its answers say of it. And the
// last one, leaving.

#include "dfu/dfuse.h"
#include "dfu/recover.h"
#include "dfu/timing.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
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

base::Result<> DfuseTarget::carry_out(std::string_view doing, const Feed& feed, Depth depth,
                                      const Done& done) {
  std::deque<Asked> under_way;
  std::optional<Asked> next;  // of the block that has begun last
  const auto failed = [&](base::Error error) {
    requests_.end_all();
    forget();
    return error;
  };
  while (true) {
    // A block begins whole or, at depth 1, when nothing else is under way.
    if (!next && (under_way.empty() || under_way.size() + depth.of_a_block <= depth.most)) {
      auto block = feed(!under_way.empty());
      if (!block) return failed(std::move(block.error()));
      if (*block) next = Asked{first_ask(**block), **block};
    }
    if (next && under_way.size() < depth.most) {
      begin(*next);
      under_way.push_back(*next);
      const Ask after = following(*next);
      if (after == Ask::nothing) {
        next.reset();
      } else {
        next->ask = after;
      }
      continue;
    }
    if (under_way.empty()) return {};
    Asked oldest = under_way.front();
    under_way.pop_front();
    const auto answer = end(oldest, under_way.empty());
    if (!answer) {
      return failed(base::in_context(
          answer.error(), fmt::format("{} {}", doing, base::hex32(oldest.block.address))));
    }
    if (*answer == Answer::ask_again) next = oldest;
    if (*answer == Answer::done) {
      const bool of_the_same = next && next->block.address == oldest.block.address;
      if (of_the_same) next.reset();  // it need not be asked whether it is over
      if (done) done(oldest.block);
    }
  }
}

DfuseTarget::Ask DfuseTarget::first_ask(const Block& block) {
  if (!block.in.empty()) return Ask::upload;
  return block.out.empty() ? Ask::nothing : Ask::download;
}

// Of the same block; nothing after its last.
DfuseTarget::Ask DfuseTarget::following(const Asked& asked) {
  if (asked.ask == Ask::download) return Ask::run;
  return asked.ask == Ask::run && asked.block.asked_whether_over ? Ask::over : Ask::nothing;
}

void DfuseTarget::begin(const Asked& asked) {
  const Block& block = asked.block;
  switch (asked.ask) {
    case Ask::nothing:
      return;
    case Ask::upload:
      return requests_.begin_upload(block.number, block.in.size(), block.timeout);
    case Ask::download:
      return requests_.begin_download(block.number, block.out, kRequestTimeout);
    case Ask::run:
    case Ask::over:
      return requests_.begin_get_status(block.timeout);
  }
}

// `alone`: nothing else has begun, so the device can be asked again.
base::Result<DfuseTarget::Answer> DfuseTarget::end(Asked& asked, bool alone) {
  const Block& block = asked.block;
  switch (asked.ask) {
    case Ask::nothing:
      return Answer::done;
    case Ask::upload: {
      TRY_ASSIGN(const std::size_t got, requests_.end_upload(block.in));
      if (got == block.in.size()) return Answer::done;
      return base::make_error(
          base::Errc::protocol,
          fmt::format("the device gave {} bytes instead of {}", got, block.in.size()),
          "unplug the device, bring it back to DFU mode and try again");
    }
    case Ask::download: {
      const auto sent = requests_.end_download(block.out.size());
      if (sent) return Answer::goes_on;
      if (sent.error().code == base::Errc::device_gone) return sent.error();
      // Nothing of it has been run: that takes a GETSTATUS.
      return operation_failed(sent.error().message);
    }
    case Ask::run:
    case Ask::over:
      break;
  }
  const auto status = requests_.end_get_status();
  if (!status) return failed_status(status.error(), block.timeout);
  if (status->status != kStatusOk || status->state == State::error) {
    return operation_failed(fmt::format("the device reports: {}", describe_status(status->status)));
  }
  if (asked.ask == Ask::over) return judge_over(*status, asked, alone);
  TRY_ASSIGN(const Answer answer, judge_run(*status));
  return block.asked_whether_over ? answer : Answer::done;
}

base::Result<DfuseTarget::Answer> DfuseTarget::judge_run(const Status& status) {
  const base::CancelToken never;
  switch (status.state) {
    case State::dnload_idle:
      if (!traits_.poll_timeout_is_decoration) return Answer::done;
      return operation_failed("the device has dropped what it was sent");
    case State::dnload_sync:
      if (traits_.poll_timeout_is_decoration) break;
      [[fallthrough]];
    case State::dnbusy:
      // As told, but not for hours.
      if (!traits_.poll_timeout_is_decoration) {
        clock_->sleep(std::min(status.poll, kLongestPoll), never);
      }
      return Answer::goes_on;
    default:
      break;
  }
  return operation_failed(fmt::format("the device is in {}", name(status.state)));
}

base::Result<DfuseTarget::Answer> DfuseTarget::judge_over(const Status& status, Asked& asked,
                                                          bool alone) {
  if (status.state == State::dnload_idle) return Answer::done;
  const bool at_work = status.state == State::dnbusy || status.state == State::dnload_sync;
  if (!at_work || !alone) {
    return operation_failed(fmt::format("the device is in {} afterwards", name(status.state)));
  }
  if (!asked.patience) asked.patience.emplace(*clock_, asked.block.timeout);
  if (asked.patience->passed()) return operation_failed("the device does not come to an end");
  // It should be over by now: never again and again for nothing.
  const base::Millis poll = traits_.poll_timeout_is_decoration ? kSettlePause : status.poll;
  const base::CancelToken never;
  clock_->sleep(std::clamp(poll, kSettlePause, kLongestPoll), never);
  return Answer::ask_again;
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
