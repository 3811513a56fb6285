// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "net/http.h"

#include <memory>

namespace net {

// This computer's network, by libcurl, which is loaded at the first request (decision 0018):
// certificates are checked, proxies are taken from the environment as every program does, and
// SSL_CERT_FILE names other certificates to trust than the system's.
std::unique_ptr<Http> make_curl_http();

}  // namespace net
