// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// libcurl, loaded when first used (decision 0018), and what every connection has in common.

#include "base/result.h"

#include <curl/curl.h>
#include <string>

namespace net {

// Each member is the library's function of the same name behind "curl_".
struct CurlLibrary {
  decltype(&::curl_global_init) global_init = nullptr;
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_perform) easy_perform = nullptr;
  decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_multi_init) multi_init = nullptr;
  decltype(&::curl_multi_cleanup) multi_cleanup = nullptr;
  decltype(&::curl_multi_add_handle) multi_add_handle = nullptr;
  decltype(&::curl_multi_remove_handle) multi_remove_handle = nullptr;
  decltype(&::curl_multi_perform) multi_perform = nullptr;
  decltype(&::curl_multi_poll) multi_poll = nullptr;
  decltype(&::curl_multi_info_read) multi_info_read = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;
  decltype(&::curl_mime_init) mime_init = nullptr;
  decltype(&::curl_mime_free) mime_free = nullptr;
  decltype(&::curl_mime_addpart) mime_addpart = nullptr;
  decltype(&::curl_mime_name) mime_name = nullptr;
  decltype(&::curl_mime_data) mime_data = nullptr;
  decltype(&::curl_mime_filename) mime_filename = nullptr;
  decltype(&::curl_mime_type) mime_type = nullptr;
};

// Errors: unsupported (id "no-libcurl").
base::Result<const CurlLibrary*> curl_library();

// TLS 1.2 or newer, and the certificates that SSL_CERT_FILE, CURL_CA_BUNDLE or SSL_CERT_DIR name in
// place of the system's. Proxies libcurl takes from the environment by itself.
void trust(const CurlLibrary& curl, CURL* handle);

// What a transfer failed of; `shown` is the address as it may be shown. Errors: those that
// net/http.h and net/wire.h list.
base::Error curl_error(const CurlLibrary& curl, CURLcode code, const std::string& shown);

}  // namespace net
