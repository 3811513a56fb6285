// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/curl_library.h"

#include "base/files.h"
#include "os/advice.h"
#include "os/library.h"

#include <fmt/format.h>

#include <optional>

namespace net {
namespace {

std::optional<CurlLibrary> load() {
  const os::SharedLibrary file(ER_CURL_LIBRARY);
  CurlLibrary in;
  const bool whole =
      file.find(in.global_init, "curl_global_init") && file.find(in.easy_init, "curl_easy_init") &&
      file.find(in.easy_setopt, "curl_easy_setopt") &&
      file.find(in.easy_perform, "curl_easy_perform") &&
      file.find(in.easy_getinfo, "curl_easy_getinfo") &&
      file.find(in.easy_cleanup, "curl_easy_cleanup") &&
      file.find(in.easy_strerror, "curl_easy_strerror") &&
      file.find(in.multi_init, "curl_multi_init") &&
      file.find(in.multi_cleanup, "curl_multi_cleanup") &&
      file.find(in.multi_add_handle, "curl_multi_add_handle") &&
      file.find(in.multi_remove_handle, "curl_multi_remove_handle") &&
      file.find(in.multi_perform, "curl_multi_perform") &&
      file.find(in.multi_poll, "curl_multi_poll") &&
      file.find(in.multi_info_read, "curl_multi_info_read") &&
      file.find(in.slist_append, "curl_slist_append") &&
      file.find(in.slist_free_all, "curl_slist_free_all") &&
      file.find(in.mime_init, "curl_mime_init") && file.find(in.mime_free, "curl_mime_free") &&
      file.find(in.mime_addpart, "curl_mime_addpart") &&
      file.find(in.mime_name, "curl_mime_name") && file.find(in.mime_data, "curl_mime_data") &&
      file.find(in.mime_filename, "curl_mime_filename") &&
      file.find(in.mime_type, "curl_mime_type");
  if (!whole || in.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return std::nullopt;
  return in;
}

}  // namespace

base::Result<const CurlLibrary*> curl_library() {
  static const std::optional<CurlLibrary> kLoaded = load();
  if (kLoaded) return &*kLoaded;
  return base::make_error(
      base::Errc::unsupported, "no-libcurl",
      std::string("nothing can be fetched here: there is no ") + ER_CURL_LIBRARY,
      os::how_to_get({.name = "libcurl", .package = "libcurl4", .file = ER_CURL_LIBRARY}) +
          ", or fetch on another computer");
}

void trust(const CurlLibrary& curl, CURL* handle) {
  curl.easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) {
    const std::string file = base::environment(name);
    if (file.empty()) continue;
    curl.easy_setopt(handle, CURLOPT_CAINFO, file.c_str());
    break;
  }
  const std::string folder = base::environment("SSL_CERT_DIR");
  if (!folder.empty()) curl.easy_setopt(handle, CURLOPT_CAPATH, folder.c_str());
}

base::Error curl_error(const CurlLibrary& curl, CURLcode code, const std::string& shown) {
  using base::Errc;
  const auto made = [&](Errc kind, const char* id, std::string_view what, std::string hint) {
    return base::make_error(kind, id, fmt::format("{}: {}", shown, what), std::move(hint));
  };
  const char* why = curl.easy_strerror(code);
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return made(Errc::access_denied, "certificate",
                  fmt::format("its certificate is not to be trusted ({})", why),
                  "check this computer's clock and certificates; a proxy that opens encrypted "
                  "connections needs its certificate in SSL_CERT_FILE");
    case CURLE_OPERATION_TIMEDOUT:
      return made(Errc::timeout, "timeout", "no answer, or none any more", "");
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return made(Errc::device_gone, "no-network", why, "");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return made(Errc::usage, "bad-address", why, "addresses begin with https://");
    case CURLE_TOO_MANY_REDIRECTS:
      return made(Errc::bad_file, "redirects", "it sends from one address to another without end",
                  "");
    default:
      return made(Errc::device_gone, "connection-lost", why, "");
  }
}

}  // namespace net
