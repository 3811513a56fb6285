// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cloud/bodies.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace sim::cloud {
namespace {

using std::chrono_literals::operator""s;
using Json = nlohmann::ordered_json;

constexpr base::Micros kCloudWaits = 30s;
constexpr std::string_view kGateway =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad "
    "Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

Answer page(int status, std::string_view text) {
  Answer answer;
  answer.status = status;
  answer.content_type = "text/html";
  answer.body = text;
  return answer;
}

Answer cut() {
  Answer answer;
  answer.cut = true;
  return answer;
}

Answer redirect() {
  Answer answer = page(302, "");
  answer.headers.emplace_back("Location", "http://other.invalid/v1/devices");
  return answer;
}

Answer endless(const Failure& failure) {
  Answer answer = json_answer(200, "[");
  answer.filler = static_cast<std::uint64_t>(failure.amount * kMebibyte);
  return answer;
}

Answer long_header(const Failure& failure) {
  Answer answer = json_answer(200, "{}");
  answer.headers.emplace_back(
      "X-Long", std::string(static_cast<std::size_t>(failure.amount * kMebibyte), 'x'));
  return answer;
}

Answer device_errors(std::string_view error) {
  return json_answer(500, fmt::format(R"({{"ok":false,"code":500,"errors":[{}]}})", error));
}

}  // namespace

Answer json_answer(int status, std::string body) {
  Answer answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

Answer error_answer(int status, std::string_view error, std::string_view description) {
  return json_answer(status, Json{{"error", error}, {"error_description", description}}.dump());
}

Answer no_token() { return error_answer(400, "invalid_request", "The access token was not found"); }
Answer invalid_token() {
  return error_answer(401, "invalid_token", "The access token provided is invalid.");
}
Answer expired_token() {
  return error_answer(401, "invalid_token", "The access token provided has expired.");
}
Answer wrong_scope() {
  return error_answer(400, "unauthorized", "API users are not allowed to call this endpoint");
}
Answer not_yours() {
  return json_answer(403, Json{{"error", "Permission Denied"},
                               {"info",
                                "I didn't recognize that device name or ID, try opening "
                                "https://api.particle.io/v1/devices"}}
                              .dump());
}
Answer not_in_product() {
  return json_answer(404, R"({"ok":false,"error":"Device not found in product"})");
}
Answer no_such_place() { return json_answer(404, R"({"ok":false,"error":"Not Found"})"); }
Answer nothing_to_do() { return json_answer(400, R"({"ok":false,"error":"Nothing to do?"})"); }
Answer too_many_requests() {
  return json_answer(429, R"({"ok":false,"error":"Too many requests","code":429})");
}

Answer offline(int status) {
  switch (status) {
    case 408:
      return timed_out();
    case 500:
      return device_errors(R"("Request Timed Out")");
    default:
      return json_answer(404, R"({"ok":false,"errors":[["Core isn't online",404]]})");
  }
}

Answer timed_out() {
  Answer answer = json_answer(408, R"({"error":"Timed out."})");
  answer.after = kCloudWaits;
  return answer;
}

Answer flash_answer(std::string_view id, std::string_view status) {
  return json_answer(200, Json{{"id", id}, {"status", status}}.dump());
}

std::optional<Replacement> replacement(const Failure& failure, std::string_view id) {
  const auto instead = [](Answer answer) { return Replacement{std::move(answer), false}; };
  const auto although = [](Answer answer) { return Replacement{std::move(answer), true}; };
  switch (failure.mishap) {
    case Mishap::no_status:
      return instead(
          json_answer(200, Json{{"id", id}, {"updated_at", "2026-01-05T08:00:00.000Z"}}.dump()));
    case Mishap::needs_modules:
      return instead(flash_answer(id, "Flash requires modules not present on device"));
    case Mishap::not_ok:
      return instead(json_answer(200, R"({"ok":false,"errors":["App code was invalid"]})"));
    case Mishap::errors_object:
      return instead(
          json_answer(200, R"({"ok":false,"errors":[{"error":"App code was invalid"}]})"));
    case Mishap::too_big:
      return instead(flash_answer(id, "Update failed - File was too big!"));
    case Mishap::finished:
      return although(flash_answer(id, "Update finished"));
    case Mishap::timeout:
      return instead(timed_out());
    case Mishap::timeout_done:
      return although(timed_out());
    case Mishap::offline_500:
      return instead(offline(500));
    case Mishap::silent_500:
      return instead(
          device_errors(R"({"error":"Timed out, didn't hear back from device service"})"));
    case Mishap::not_found:
      return instead(offline(404));
    case Mishap::rate_limit:
      return instead(too_many_requests());
    case Mishap::bad_gateway:
      return instead(page(502, kGateway));
    case Mishap::bad_gateway_done:
      return although(page(502, kGateway));
    case Mishap::unavailable:
      return instead(page(503, ""));
    case Mishap::cut:
      return instead(cut());
    case Mishap::cut_done:
      return although(cut());
    case Mishap::garbage:
      return instead(json_answer(200, "{\"id\":\"" + std::string(id) + "\",\"sta"));
    case Mishap::empty:
      return instead(json_answer(200, ""));
    case Mishap::unauthorized:
      return instead(expired_token());
    case Mishap::forbidden:
      return instead(not_yours());
    case Mishap::redirect:
      return instead(redirect());
    case Mishap::endless:
      return instead(endless(failure));
    case Mishap::long_header:
      return instead(long_header(failure));
    default:
      return std::nullopt;
  }
}

}  // namespace sim::cloud
