// SPDX-License-Identifier: GPL-3.0-or-later
#include "cloud/answers.h"

#include "base/ascii.h"
#include "cloud/account.h"
#include "cloud/json.h"
#include "net/http.h"

#include <fmt/format.h>

namespace cloud {
namespace {

constexpr int kMostPages = 4000;

Trouble trouble_of(long status, const Json& body) {
  constexpr long kBad = 400;
  constexpr long kNoToken = 401;
  constexpr long kForbidden = 403;
  constexpr long kMissing = 404;
  constexpr long kTimeout = 408;
  constexpr long kLimit = 429;
  constexpr long kOldLimit = 529;
  constexpr long kServer = 500;
  switch (status) {
    case kBad:
      // "The access token was not found"; and of an API user that may not call this.
      if (text_of(body, "error") == "invalid_request") return Trouble::token;
      if (text_of(body, "error") == "unauthorized") return Trouble::right;
      return Trouble::refused;
    case kNoToken:
      return Trouble::token;
    case kForbidden:
      return Trouble::right;
    case kMissing:
      return Trouble::not_there;
    case kTimeout:
      return Trouble::unknown;
    case kLimit:
    case kOldLimit:
      return Trouble::limit;
    default:
      // Of 2xx: an answer, but none that was asked for.
      return status >= kBad - 100 && status < kServer ? Trouble::refused : Trouble::unknown;
  }
}

Failure failure_of(const net::Reply& reply, const Json& body) {
  constexpr long kRedirects = 300;
  Failure failure;
  failure.kind = trouble_of(reply.status, body);
  failure.status = reply.status;
  failure.text = explanation_in(body);
  failure.retry_after = reply.retry_after;
  if (reply.status >= kRedirects && reply.status < kRedirects + 100) {
    failure.text = "it sends to another address, where the token does not go";
  } else if (body.is_discarded() && !reply.body.empty()) {
    failure.text = "the answer is no JSON: something between here and the cloud answered";
  }
  return failure;
}

Failure failure_of(const base::Error& error) {
  Failure failure;
  const bool unsent = error.id == "no-network" || error.id == "certificate" ||
                      error.id == "bad-address" || error.id == "no-libcurl";
  failure.kind = unsent ? Trouble::unreachable : Trouble::unknown;
  failure.text = error.message;
  return failure;
}

// The answer to a question that changes nothing: an object (or array) of a 200.
Answer<Json> body_of(const Raw& raw) {
  if (const auto* error = std::get_if<base::Error>(&raw)) return failure_of(*error);
  const auto& reply = std::get<net::Reply>(raw);
  Json body = parse_json(reply.body);
  if (reply.status != net::kGood || body.is_discarded()) return failure_of(reply, body);
  if (flag_of(body, "ok") == false) {
    Failure failure = failure_of(reply, body);
    failure.kind = Trouble::refused;
    return failure;
  }
  return body;
}

Failure senseless(std::string text) {
  Failure failure;
  failure.status = net::kGood;
  failure.text = std::move(text);
  return failure;
}

std::string id_text(const Json& object, const char* member) {
  if (const auto number = number_of(object, member)) return std::to_string(*number);
  return text_of(object, member);
}

// Some servers have -1 for what they do not know yet.
std::optional<std::int64_t> known_number(const Json& object, const char* member) {
  const auto number = number_of(object, member);
  return number && *number >= 0 ? number : std::nullopt;
}

Device device_of(const Json& object) {
  Device device;
  device.id = base::lower(text_of(object, "id"));
  device.name = text_of(object, "name");
  device.online = flag_of(object, "online");
  if (!device.online) device.online = flag_of(object, "connected");
  device.platform = known_number(object, "platform_id");
  device.product = known_number(object, "product_id");
  device.status = text_of(object, "status");
  device.system_version = text_of(object, "system_firmware_version");
  device.last_heard = text_of(object, "last_heard");
  device.last_handshake = text_of(object, "last_handshake_at");
  device.updates_enabled = flag_of(object, "firmware_updates_enabled");
  device.updates_forced = flag_of(object, "firmware_updates_forced");
  device.development = flag_of(object, "development");
  device.quarantined = flag_of(object, "quarantined").value_or(false);
  device.denied = flag_of(object, "denied").value_or(false);
  return device;
}

}  // namespace

Answer<Token> parse_token(const Raw& raw) {
  const Answer<Json> body = body_of(raw);
  if (!body) return body.failure();
  if (!body->is_object()) return senseless("the answer tells of no token");
  Token token;
  token.expires_at = text_of(*body, "expires_at");
  const auto scopes = body->find("scopes");
  if (scopes != body->end() && scopes->is_array()) {
    for (const Json& scope : *scopes) {
      if (scope.is_string()) token.scopes.push_back(scope.get<std::string>());
    }
  }
  return token;
}

Answer<Product> parse_product(const Raw& raw) {
  const Answer<Json> body = body_of(raw);
  if (!body) return body.failure();
  if (!body->is_object() || !body->contains("product")) {
    return senseless("the answer tells of no product");
  }
  // An array of one, in 2018.
  const Json& told = (*body)["product"];
  const Json& object = told.is_array() && !told.empty() ? told.front() : told;
  Product product{id_text(object, "id"), text_of(object, "name"), number_of(object, "platform_id")};
  if (product.id.empty()) return senseless("the answer tells of no product");
  return product;
}

Answer<Device> parse_device(const Raw& raw, const std::string& id) {
  const Answer<Json> body = body_of(raw);
  if (!body) return body.failure();
  Device device = device_of(*body);
  if (device.id != base::lower(id)) return senseless("the answer tells of another device");
  return device;
}

Answer<DeviceList> parse_devices(const Raw& raw) {
  const Answer<Json> body = body_of(raw);
  if (!body) return body.failure();
  const Json* array = body->is_array() ? &*body : nullptr;
  if (body->is_object() && body->contains("devices")) array = &(*body)["devices"];
  if (array == nullptr || !array->is_array()) return senseless("the answer lists no devices");
  DeviceList list;
  for (const Json& object : *array) {
    Device device = device_of(object);
    if (is_device_id(device.id)) list.devices.push_back(std::move(device));
  }
  if (body->is_object() && body->contains("meta")) {
    const auto pages = number_of((*body)["meta"], "total_pages");
    list.pages = static_cast<int>(std::clamp<std::int64_t>(pages.value_or(1), 0, kMostPages));
  }
  return list;
}

Answer<Ping> parse_ping(const Raw& raw) {
  // "ok" may be that of the request or that of the device: what counts is "online".
  const auto* reply = std::get_if<net::Reply>(&raw);
  if (reply != nullptr && reply->status == net::kGood) {
    if (const auto told = flag_of(parse_json(reply->body), "online")) return Ping{*told};
  }
  const Answer<Json> body = body_of(raw);
  if (!body) return body.failure();
  return senseless("the answer does not tell whether the device answered");
}

Answer<Development> parse_development(const Raw& raw) {
  const Answer<Json> body = body_of(raw);
  if (!body) return body.failure();
  const auto development = flag_of(*body, "development");
  if (!development) return senseless("the answer does not tell the development flag");
  return Development{*development};
}

Answer<FlashAnswer> parse_flash(const Raw& raw) {
  if (const auto* error = std::get_if<base::Error>(&raw)) {
    Failure failure = failure_of(*error);
    if (failure.kind == Trouble::unreachable) return failure;
    return FlashAnswer{Flash::unknown, failure.text};
  }
  const auto& reply = std::get<net::Reply>(raw);
  const Json body = parse_json(reply.body);
  if (reply.status != net::kGood) {
    Failure failure = failure_of(reply, body);
    switch (failure.kind) {
      case Trouble::not_there:
        return FlashAnswer{Flash::not_connected, failure.text};
      case Trouble::refused:
        return FlashAnswer{Flash::refused, failure.text};
      case Trouble::unknown:
        return FlashAnswer{Flash::unknown, failure.text};
      default:
        return failure;
    }
  }
  if (!body.is_object()) return FlashAnswer{Flash::unknown, "the answer is no JSON object"};
  const std::string status = text_of(body, "status");
  // spark-server's words for a device that is in the middle of another transfer.
  if (status.find("locked during the flashing process") != std::string::npos) {
    return FlashAnswer{Flash::busy, status};
  }
  if (flag_of(body, "ok") == false || body.contains("errors") ||
      status.starts_with("Update failed") || status.starts_with("Flash requires")) {
    return FlashAnswer{Flash::refused, explanation_in(body)};
  }
  // Its other form is that of a source build.
  if (status == "Update started" || text_of(body, "message") == "Update started") {
    return FlashAnswer{Flash::started, "Update started"};
  }
  if (status.empty()) return FlashAnswer{Flash::nothing, "the answer says nothing of an update"};
  return FlashAnswer{Flash::unknown, status};
}

base::Error error_of(const Failure& failure, const std::string& what) {
  const auto message = [&](std::string_view why) {
    return failure.text.empty() ? fmt::format("{}: {}", what, why)
                                : fmt::format("{}: {} ({})", what, why, failure.text);
  };
  using base::Errc;
  using base::make_error;
  switch (failure.kind) {
    case Trouble::token:
      return make_error(Errc::access_denied, "cloud-token",
                        message("the access token is not accepted"),
                        "get a new token: those of the web console end with its window; then run "
                        "the same command again");
    case Trouble::right:
      return make_error(Errc::access_denied, "cloud-right", message("the cloud does not allow it"),
                        "check the device id, the product (--product) and what the token may do; "
                        "the cloud has one answer for all of them");
    case Trouble::not_there:
      return make_error(Errc::no_device, "cloud-not-there",
                        message("the cloud knows no such thing here"),
                        "check the device id and the product (--product)");
    case Trouble::limit:
      return make_error(Errc::device_gone, "cloud-limit",
                        message("too many requests from this address"),
                        "wait some minutes, then run the same command again");
    case Trouble::refused:
      return make_error(Errc::refused, "cloud-refused", message("the cloud refuses"),
                        "what it says is in brackets; check the device id, the product (--product) "
                        "and the address of the cloud (--api)");
    case Trouble::unreachable:
      return make_error(Errc::device_gone, "no-cloud", message("the cloud cannot be reached"),
                        "check the network of this computer, then run the same command again");
    case Trouble::unknown:
      break;
  }
  return make_error(
      Errc::device_gone, "cloud-unknown",
      message(failure.status == 0
                  ? std::string("no whole answer came")
                  : fmt::format("an answer that is not to be understood, HTTP {}", failure.status)),
      "run the same command again");
}

}  // namespace cloud
