// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cloud/api.h"

#include "sim/cloud/bodies.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace sim::cloud {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using Json = nlohmann::ordered_json;

// The vendor's limits, counted by address: the virtual cloud has one client.
constexpr base::Micros kRateWindow = 5min;
constexpr std::size_t kMostRequests = 10'000;
constexpr std::size_t kMostOpenings = 100;
constexpr std::size_t kMostOpen = 100;

// "GET device", for the ledger; and what is counted for the failures.
struct Kind {
  std::string_view what;
  Counted counted;
};
Kind kind_of(const Request& request, const Target& target) {
  const auto& path = target.path;
  const auto has = [&](std::string_view word) {
    return std::find(path.begin(), path.end(), word) != path.end();
  };
  if (request.method == "GET" && has("events")) return {"events", Counted::opening};
  if (has("access_tokens") || has("oauth")) return {"token", Counted::answer};
  if (!path.empty() && path.back() == "ping") return {"ping", Counted::ping};
  if (!path.empty() && path.back() == "devices") return {"devices", Counted::answer};
  if (!has("devices")) return {"product", Counted::answer};
  if (request.method == "PUT") {
    const auto type = request.headers.find("content-type");
    if (type != request.headers.end() && type->second.starts_with("multipart/")) {
      return {"flash", Counted::flash};
    }
    return {"attributes", Counted::answer};
  }
  return {"device", Counted::answer};
}

// The device's id in the path, for a failure's answer.
std::string_view id_in(const Target& target) {
  const auto& path = target.path;
  const auto at = std::find(path.begin(), path.end(), "devices");
  if (at == path.end() || at + 1 == path.end()) return {};
  return *(at + 1);
}

}  // namespace

std::optional<Answer> Api::over_the_limit(std::deque<base::Instant>& recent, std::size_t most) {
  while (!recent.empty() && recent.front() + kRateWindow <= cloud_.now_) recent.pop_front();
  if (cloud_.options_.limits_rates && recent.size() >= most) {
    ++cloud_.ledger_.refused_by_rate;
    return too_many_requests();
  }
  recent.push_back(cloud_.now_);
  return std::nullopt;
}

Answer Api::handle(const Request& request) {
  ++cloud_.ledger_.requests;
  auto target = parse_target(request.target);
  if (!target) return json_answer(400, R"({"ok":false,"error":"Bad request"})");
  if (request.body.size() > kMostBody) {
    return json_answer(413, R"({"ok":false,"error":"Payload too large"})");
  }
  const Kind kind = kind_of(request, *target);
  Question question{request, std::move(*target), fmt::format("{} {}", request.method, kind.what),
                    kind.counted};
  ++cloud_.ledger_.by_kind[question.kind];

  const bool opening = kind.counted == Counted::opening;
  std::vector<Failure> failures =
      cloud_.switches_.next(opening ? Counted::opening : Counted::answer);
  if (!opening && kind.counted != Counted::answer) {
    const auto more = cloud_.switches_.next(kind.counted);
    failures.insert(failures.end(), more.begin(), more.end());
  }
  if (find(failures, Mishap::token_dies) != nullptr) cloud_.tokens_dead_ = true;
  if (auto limited = over_the_limit(cloud_.recent_requests_, kMostRequests)) return *limited;

  std::optional<Replacement> instead;
  for (const Failure& failure : failures) {
    if (!instead) instead = replacement(failure, id_in(question.target));
  }
  if (instead && !instead->done) return instead->answer;
  Answer answer = route(question, failures);
  if (instead) {
    // Told at the end, if what has begun has one.
    const bool finished = find(failures, Mishap::finished) != nullptr;
    if (finished && answer.status == 200) {
      instead->answer.after =
          AirDevice::kBegin + AirDevice::transfer_time(request.body.size()) + 4s;
    }
    if (answer.stream) cloud_.hang_up(*answer.stream);
    return instead->answer;
  }
  if (const Failure* slow = find(failures, Mishap::slow)) {
    answer.after += base::Micros(static_cast<base::Micros::rep>(slow->amount * 1e6));
  }
  return answer;
}

// --- tokens ---

std::string Api::token_of(const Question& question) const {
  constexpr std::string_view kBearer = "Bearer ";
  const auto header = question.request.headers.find("authorization");
  if (header != question.request.headers.end() && header->second.starts_with(kBearer)) {
    return header->second.substr(kBearer.size());
  }
  // Deprecated, for GET only by the book; clients up to CLI 1.43 sent it with a PUT.
  const auto query = question.target.query.find("access_token");
  return query == question.target.query.end() ? std::string() : query->second;
}

std::optional<Answer> Api::unauthorised(const Question& question) {
  const std::string token = token_of(question);
  if (token.empty()) return no_token();
  const auto& known = cloud_.options_.tokens;
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const TokenOptions& about) { return about.token == token; });
  if (found == known.end()) return invalid_token();
  const std::uint32_t given = ++cloud_.answers_given_[token];
  if (cloud_.tokens_dead_ || (found->answers && given > *found->answers)) return expired_token();
  const std::string_view scope = question.counted == Counted::ping      ? "devices:ping"
                                 : question.counted == Counted::opening ? "events:get"
                                 : question.request.method == "PUT"     ? "devices:update"
                                 : question.kind == "GET devices"       ? "devices:list"
                                 : question.kind == "GET device"        ? "devices:get"
                                                                        : "";
  return scope.empty() ? std::nullopt : without_scope(token, scope);
}

std::optional<Answer> Api::without_scope(const std::string& token, std::string_view scope) const {
  for (const TokenOptions& about : cloud_.options_.tokens) {
    if (about.token != token || about.scopes.empty()) continue;
    if (std::find(about.scopes.begin(), about.scopes.end(), scope) == about.scopes.end()) {
      return wrong_scope();
    }
  }
  return std::nullopt;
}

Answer Api::own_token(const Question& question) {
  const std::string token = token_of(question);
  const auto& known = cloud_.options_.tokens;
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const TokenOptions& about) { return about.token == token; });
  if (question.request.method == "DELETE") {
    cloud_.tokens_dead_ = true;
    return json_answer(200, R"({"ok":true})");
  }
  if (question.request.method != "GET") return no_such_place();
  Json json;
  json["expires_at"] = nullptr;
  json["client"] = "particle";
  json["scopes"] = found == known.end() ? std::vector<std::string>() : found->scopes;
  json["orgs"] = Json::array();
  return json_answer(200, json.dump());
}

Answer Api::log_in(const Request& request) const {
  const auto form = parse_form(request.body);
  const auto field = [&](const char* name) {
    const auto found = form ? form->find(name) : Fields::const_iterator();
    return form && found != form->end() ? found->second : std::string();
  };
  if (field("grant_type") != "password") {
    return error_answer(400, "unsupported_grant_type", "Grant type not supported");
  }
  const Options& options = cloud_.options_;
  if (options.username.empty() || field("username") != options.username ||
      field("password") != options.password || options.tokens.empty()) {
    return error_answer(400, "invalid_grant", "User credentials are invalid");
  }
  Json json;
  json["token_type"] = "bearer";
  json["access_token"] = options.tokens.front().token;
  json["expires_in"] = 7'776'000;
  json["refresh_token"] =
      std::string(options.tokens.front().token.rbegin(), options.tokens.front().token.rend());
  return json_answer(200, json.dump());
}

// --- routes ---

Answer Api::route(Question& question, const std::vector<Failure>& failures) {
  const auto& path = question.target.path;
  const std::string& method = question.request.method;
  if (path.size() == 2 && path[0] == "oauth" && path[1] == "token" && method == "POST") {
    return log_in(question.request);
  }
  if (auto refused = unauthorised(question)) return *refused;
  if (path.size() < 2 || path[0] != "v1") return no_such_place();
  if (path[1] == "access_tokens" && path.size() == 3 && path[2] == "current") {
    return own_token(question);
  }
  if (path[1] == "devices") return devices(question, nullptr, 2, failures);
  if (path[1] == "products" && path.size() >= 3) return route_product(question, failures);
  return no_such_place();
}

Answer Api::route_product(Question& question, const std::vector<Failure>& failures) {
  const auto& path = question.target.path;
  const auto& products = cloud_.options_.products;
  const auto product = std::find_if(products.begin(), products.end(), [&](const auto& about) {
    return about.slug == path[2] || std::to_string(about.id) == path[2];
  });
  if (product == products.end()) return not_yours();
  if (path.size() == 3 && question.request.method == "GET") return describe_product(*product);
  if (path.size() >= 4 && path[3] == "events" && question.request.method == "GET") {
    return events(question.target, 4, {{}, product->id, {}}, failures);
  }
  if (path.size() >= 4 && path[3] == "devices") return devices(question, &*product, 4, failures);
  return no_such_place();
}

// The path from "devices" on: a list, the events of all or of one, a device.
Answer Api::devices(Question& question, const ProductOptions* product, std::size_t from,
                    const std::vector<Failure>& failures) {
  const auto& path = question.target.path;
  const std::string& method = question.request.method;
  const Filter all{{}, product == nullptr ? std::nullopt : std::optional(product->id), {}};
  if (path.size() == from) {
    if (method == "POST" && product != nullptr) return approve(question.request, *product);
    if (method != "GET") return no_such_place();
    return product == nullptr ? list_own() : list_product(*product, question.target.query);
  }
  if (path[from] == "events" && product == nullptr && method == "GET") {
    return events(question.target, from + 1, all, failures);
  }
  AirDevice* device = cloud_.find(path[from]);
  if (product == nullptr) {
    if (device == nullptr || !device->options().owned) return not_yours();
  } else if (device == nullptr || device->product() != product->id) {
    return not_in_product();
  }
  if (path.size() == from + 1) {
    if (method == "GET") return get_device(*device, product != nullptr);
    if (method == "PUT") return put_device(question, *device);
    return no_such_place();
  }
  if (path[from + 1] == "ping" && method == "PUT") return ping(*device);
  if (path[from + 1] == "events" && method == "GET") {
    Filter one = all;
    one.device = device->id();
    return events(question.target, from + 2, std::move(one), failures);
  }
  return no_such_place();
}

Answer Api::events(const Target& target, std::size_t from, Filter filter,
                   const std::vector<Failure>& failures) {
  if (auto limited = over_the_limit(cloud_.recent_openings_, kMostOpenings)) return *limited;
  if (cloud_.options_.limits_rates && cloud_.open_streams() >= kMostOpen) {
    ++cloud_.ledger_.refused_by_rate;
    return too_many_requests();
  }
  for (std::size_t i = from; i < target.path.size(); ++i) {
    filter.prefix += (i == from ? "" : "/") + target.path[i];
  }
  return cloud_.open_stream(std::move(filter), failures);
}

Answer Cloud::handle(const Request& request) { return Api(*this).handle(request); }

}  // namespace sim::cloud
