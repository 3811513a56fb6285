// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The end of a job: what is made of the device's own answer, and what is said about where it is.

#include "job/goal.h"
#include "way/confirm.h"
#include "way/way.h"

#include <span>

namespace job {

// Errors: no_device with id "another-device", not_back with id "device-differs" or "did-not-stay".
base::Result<> take_confirmation(const work::Context& context, work::Voice& voice,
                                 way::Subject& subject, way::Confirmation confirmation,
                                 std::span<const firmware::CheckedModule> written);
base::Result<> take_answer(way::Subject& subject, const way::Answer& answer,
                           std::span<const firmware::CheckedModule> written);

// A device that runs without its application was not what was asked for, unless it was. Errors:
// not_back with id "safe-mode".
base::Result<> check_safe_mode(const Goal& goal, const events::DeviceReport& report,
                               const release::Catalogue& catalogue);

// `error` of a device that did not come back, with the reason where what is on it now tells why:
// then its id is "does-not-start", and running the same command again does not help.
base::Error explained(base::Error error, const events::DeviceReport& report,
                      const release::Catalogue& catalogue);

// A bootloader that was seen on the device: the system firmware replaces it as it starts.
void note_bootloader(events::DeviceReport& report, std::optional<std::uint16_t> version);

// Errors: verify_mismatch that names what differs.
base::Result<> no_differences(std::span<const events::Comparison> comparisons);

// After this error the device is still there, and hears.
bool is_here(const std::optional<base::Error>& error);

// Lets a device in DFU mode start.
base::Result<> start_again(const way::Surroundings& around);

// A plan of nothing but sending. What was sent already is left out.
plan::Plan plan_of(const SendModules& send, const plan::InstalledState& state);

// Sets whereabouts and device_state.
void describe_end(const work::Context& context, way::Subject& subject);

}  // namespace job
