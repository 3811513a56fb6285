// SPDX-License-Identifier: GPL-3.0-or-later
#include "cloud/events.h"

#include "base/ascii.h"
#include "base/bytes.h"
#include "cloud/json.h"

namespace cloud {
namespace {

// "started " of 2024.
std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

decltype(Event::what) status_of(std::string_view data) {
  if (data == "online") return Online{};
  if (data == "offline") return Offline{};
  if (data == "auto-update") return AutoUpdate{};
  return Other{};
}

decltype(Event::what) flash_status_of(std::string_view data) {
  if (data == "started") return Started{};
  if (data == "success") return Success{};
  if (data == "failed") return Failed{};
  return Other{};
}

Modules modules_of(std::string_view data) {
  auto described = serial::parse_modules(data);
  // The describe must be whole: a cut one has lost modules.
  const Json whole = parse_json(data);
  if (!described || !whole.is_object()) return {};
  return {std::move(*described)};
}

// {"r":"ok","u":{module object, with "p"}}
OtaResult ota_result_of(std::string_view data) {
  const Json told = parse_json(data);
  OtaResult result;
  result.ok = text_of(told, "r") == "ok";
  if (!told.is_object() || !told.contains("u")) return result;
  const Json list{{"p", 10}, {"m", Json::array({told["u"]})}};
  const auto described =
      serial::parse_modules(list.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (described && described->modules.size() == 1) result.module = described->modules.front();
  return result;
}

decltype(Event::what) meaning(std::string_view name, std::string_view data) {
  if (name == "spark/status") return status_of(data);
  if (name == "spark/flash/status") return flash_status_of(data);
  if (name == "spark/status/safe-mode") return modules_of(data);
  if (name == "spark/safe-mode-updater/updating") return Healer{base::printable(data)};
  if (name == "spark/device/last_reset") return LastReset{base::printable(data)};
  if (name == "spark/device/ota_result") return ota_result_of(data);
  if (name == "particle/device/updates/enabled") {
    if (data == "true" || data == "false") return UpdatesEnabled{data == "true"};
    return Other{};
  }
  if (name == "spark/device/app-hash") return AppHash{base::lower(base::printable(data))};
  // The rest below spark/device, and whatever an application calls its own, only the device itself
  // sends.
  if (name.starts_with("spark/device/") || name == "particle/device/updates/forced") {
    return Presence{};
  }
  if (name.starts_with("spark/") || name.starts_with("particle/")) return Other{};
  return Presence{};
}

}  // namespace

std::optional<Event> parse_event(const net::SseEvent& event) {
  const Json told = parse_json(event.data);
  if (!told.is_object()) return std::nullopt;
  Event result;
  result.name = base::printable(event.name);
  result.device = base::lower(text_of(told, "coreid"));
  result.published_at = text_of(told, "published_at");
  std::string data;
  if (const auto found = told.find("data"); found != told.end() && found->is_string()) {
    data = found->get_ref<const std::string&>();
  }
  const std::string_view plain = trimmed(data);
  result.data = base::printable(plain);
  result.what = meaning(event.name, plain);
  return result;
}

}  // namespace cloud
