// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Asking without changing anything: what the cloud tells of devices, and whether they answer.

#include "cloud/answers.h"
#include "cloud/requests.h"

#include <optional>
#include <string>
#include <vector>

namespace ota {

// One answer, awaited on a wire on which nothing else is under way; asked again, with pauses, where
// it is not whole. Adds to `requests`.
cloud::Raw await(net::Wire& wire, const base::Clock& clock, const net::Ask& ask,
                 const base::CancelToken& cancel, unsigned& requests);

struct Surveyed {
  std::string id;
  std::optional<cloud::Device> device;
  std::optional<bool> answers;       // a ping, now; none: it could not be asked
  std::optional<base::Error> error;  // why there is no device
  std::vector<std::string> allows;   // what that allows or forbids, plain sentences
};

// The devices named; none: all of the place. Errors: those of listing. Stops, with the ones it has,
// at a wish to stop.
base::Result<std::vector<Surveyed>> survey(net::Wire& wire, const base::Clock& clock,
                                           const cloud::Account& account, const cloud::Place& place,
                                           std::vector<std::string> devices,
                                           const base::CancelToken& cancel);

// All of the place, page by page. Errors: cloud::error_of(), cancelled.
base::Result<std::vector<std::string>> list_devices(net::Wire& wire, const base::Clock& clock,
                                                    const cloud::Account& account,
                                                    const cloud::Place& place,
                                                    const base::CancelToken& cancel,
                                                    unsigned& requests);

}  // namespace ota
