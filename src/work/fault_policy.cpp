// SPDX-License-Identifier: GPL-3.0-or-later
#include "work/fault_policy.h"

namespace work {
namespace {

using base::Errc;
using std::chrono::seconds;

constexpr FaultPolicy kDefault{
    .sector_attempts = 4,
    .read_attempts = 4,
    .losses_in_a_row = 5,
    .unplugged = seconds(60),
    .unaided = seconds(15),
    // Leave to serial port: 0.5 to 3 s, 5 s at a first start; what comes back to DFU mode by its
    // watchdog because a part is missing takes 18 s (observed with the released firmware). Waiting
    // longer costs time only where the device does not come at all.
    .restart = seconds(60),
    .settle = seconds(3),
    .switching = seconds(15),
    .by_hand = seconds(120),
};

Recovery decide_transfer_trouble(const FaultPolicy& policy, const Failure& failure) {
  const int most = failure.doing == Doing::erase ? policy.sector_attempts : policy.read_attempts;
  if (failure.attempt >= most) return Recovery::give_up;
  // Every operation begins with bringing the device to dfuIDLE: that mends most. What it does not
  // mend in two tries may be mended by a new handle. A block that was programmed already may be
  // programmed again with the same bytes.
  return failure.attempt < 2 ? Recovery::again : Recovery::reopen;
}

}  // namespace

const FaultPolicy& default_policy() { return kDefault; }

std::string_view name(Recovery recovery) {
  switch (recovery) {
    case Recovery::again:
      return "again";
    case Recovery::rewrite_sector:
      return "rewrite-sector";
    case Recovery::reopen:
      return "reopen";
    case Recovery::give_up:
      return "give-up";
  }
  return "unknown";
}

Recovery decide(const FaultPolicy& policy, const Failure& failure) {
  switch (failure.kind) {
    case Errc::write_failed:
      // Reading writes nothing but the device's address pointer.
      if (failure.doing == Doing::read || failure.doing == Doing::verify) {
        return decide_transfer_trouble(policy, failure);
      }
      // The block may hold the AND of old and new bits: only an erase makes it writable again.
      return failure.attempt < policy.sector_attempts ? Recovery::rewrite_sector
                                                      : Recovery::give_up;
    case Errc::verify_mismatch:
      // First see whether a bit flipped on the way: flash that is wrong is wrong twice.
      if (!failure.read_again) return Recovery::again;
      return failure.attempt < policy.sector_attempts ? Recovery::rewrite_sector
                                                      : Recovery::give_up;
    case Errc::usb_stall:
    case Errc::usb_io:
    case Errc::timeout:
    case Errc::protocol:
      return decide_transfer_trouble(policy, failure);
    case Errc::internal:
    case Errc::cancelled:
    case Errc::device_gone:
    case Errc::usage:
    case Errc::no_device:
    case Errc::ambiguous_device:
    case Errc::bad_file:
    case Errc::bad_module:
    case Errc::refused:
    case Errc::access_denied:
    case Errc::busy:
    case Errc::not_back:
    case Errc::unsupported:
      return Recovery::give_up;
  }
  return Recovery::give_up;
}

}  // namespace work
