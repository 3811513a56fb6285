// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "net/wire.h"

#include <memory>

namespace net {

// This computer's network, by libcurl's multi interface, with the settings of curl_http.h; no
// redirect is followed. `clock` is the one whose deadlines next() is given, and outlives it.
std::unique_ptr<Wire> make_curl_wire(base::Clock& clock);

}  // namespace net
