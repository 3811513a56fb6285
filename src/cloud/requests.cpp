// SPDX-License-Identifier: GPL-3.0-or-later
#include "cloud/requests.h"

#include <fmt/format.h>

namespace cloud {
namespace {

// An answer comes once the device has answered: at most 90 s (particle-iot/spark-protocol).
constexpr auto kFlashing = std::chrono::seconds(120);
// Lists of one's own devices are not paged, and one device has some 1.5 kB.
constexpr std::size_t kLargestList = std::size_t{16} << 20U;

// For a part of a path: everything but unreserved characters (RFC 3986, 2.3).
std::string encoded(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' ||
                       letter == '.' || letter == '~';
    if (plain) {
      result += letter;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
    }
  }
  return result;
}

std::string path(const Account& account, const Place& place, std::string_view rest) {
  return place.product.empty()
             ? fmt::format("{}/v1/{}", account.api(), rest)
             : fmt::format("{}/v1/products/{}/{}", account.api(), encoded(place.product), rest);
}

net::Ask get(const Account& account, std::string url) {
  net::Ask ask;
  ask.url = std::move(url);
  ask.token = account.token();
  return ask;
}

net::Ask put(const Account& account, const Place& place, const std::string& device,
             std::string_view what) {
  net::Ask ask =
      get(account, path(account, place, fmt::format("devices/{}{}", encoded(device), what)));
  ask.method = "PUT";
  return ask;
}

}  // namespace

net::Ask ask_token(const Account& account) {
  return get(account, account.api() + "/v1/access_tokens/current");
}

net::Ask ask_product(const Account& account, const std::string& product) {
  return get(account, fmt::format("{}/v1/products/{}", account.api(), encoded(product)));
}

net::Ask ask_device(const Account& account, const Place& place, const std::string& device) {
  return get(account, path(account, place, "devices/" + encoded(device)));
}

net::Ask ask_devices(const Account& account, const Place& place, int page) {
  // Documentation and official client name the page's size differently.
  net::Ask ask = get(
      account,
      path(account, place,
           place.product.empty()
               ? "devices"
               : fmt::format("devices?sortAttr=deviceId&sortDir=asc&page={}&per_page=25&perPage=25",
                             page)));
  ask.most = kLargestList;
  return ask;
}

net::Ask ask_ping(const Account& account, const Place& place, const std::string& device) {
  net::Ask ask = put(account, place, device, "/ping");
  ask.json = "{}";
  return ask;
}

net::Ask ask_development(const Account& account, const Place& place, const std::string& device,
                         bool development) {
  net::Ask ask = put(account, place, device, "");
  ask.json = fmt::format("{{\"development\":{}}}", development);
  return ask;
}

net::Ask ask_flash(const Account& account, const Place& place, const std::string& device,
                   std::shared_ptr<const base::Bytes> module, const std::string& file_name) {
  net::Ask ask = put(account, place, device, "");
  net::Part file;
  file.name = "file";
  file.file_name = file_name;
  file.file = std::move(module);
  net::Part kind;
  kind.name = "file_type";
  kind.value = "binary";
  ask.parts = {std::move(file), std::move(kind)};
  ask.whole = kFlashing;
  return ask;
}

net::Listen listen_to(const Account& account, const Place& place) {
  net::Listen listen;
  listen.url = path(account, place, place.product.empty() ? "devices/events" : "events");
  listen.token = account.token();
  return listen;
}

}  // namespace cloud
