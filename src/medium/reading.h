// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Reading flash through a device that stumbles: a transfer that was refused or lost says nothing
// about the device, so it is tried again, the device opened anew where need be. What was read is
// kept, and only tries that got nowhere are counted.

#include "medium/flash_image.h"
#include "medium/session.h"
#include "plan/state.h"
#include "work/context.h"
#include "work/voice.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace medium {

// Session::open(), tried again where a transfer failed.
base::Result<std::unique_ptr<Session>> open_patiently(const work::Context& context,
                                                      work::Voice& voice,
                                                      const discovery::Device& device,
                                                      events::Totals& totals);

struct Reading {
  const work::Context& context;
  Session& session;
  work::Voice& voice;
  std::string what;  // "reading 0x08020000", for messages
};

// What is to be done after `error`, which was try number `tries` without getting on: passes the
// error on where nothing helps, or counts the next try and makes ready for it, opening the device
// anew where that may help or where it is not open any more.
base::Result<> get_over(const Reading& reading, work::Doing doing, base::Error error, int& tries);

// Reads what `image` does not have of `range`. Progress counts the bytes that were read by this
// call. Errors: the transport's, once nothing helps; cancelled.
base::Result<> read_patiently(const Reading& reading, FlashImage& image, base::AddressRange range,
                              const dfu::Progress& progress, const base::CancelToken& cancel);

// The same for several ranges, as the part of a step.
base::Result<> read_ranges(const Reading& reading, FlashImage& image,
                           std::span<const base::AddressRange> ranges, work::StepScope& step);

// Every module slot and the factory image, as far as their headers go. What looks damaged is read a
// second time, to tell a bit that flipped on the way from flash that is wrong.
base::Result<plan::InstalledState> read_installed(const Reading& reading, FlashImage& image,
                                                  work::StepScope& step);

// Until two readings agree, for what no checksum of a module vouches for. `image` has all of the
// ranges. Errors: usb_io with id "reads-differ", and those of reading.
base::Result<> read_until_sure(const Reading& reading, const plan::InstalledState& state,
                               FlashImage& image, std::span<const base::AddressRange> ranges,
                               work::StepScope& step);

}  // namespace medium
