// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/documents/ota.h"

#include "report/document.h"
#include "report/plan_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace report {
namespace {

using Json = nlohmann::ordered_json;

template <class Value>
Json maybe(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json known(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

std::string dashed(const std::string& text) { return text.empty() ? "-" : text; }

double in_seconds(base::Micros time) { return std::chrono::duration<double>(time).count(); }

Json before_json(const ota::DeviceResult& device) {
  Json json{{"system_release", known(device.system_before)},
            {"source", device.before ? std::string(ota::name(device.before->source)) : "nothing"},
            {"modules", Json::array()}};
  if (!device.before) return json;
  for (const plan::InstalledModule& module : device.before->state.modules) {
    if (!module.valid()) continue;
    json["modules"].push_back({{"function", platform::name(module.id.function)},
                               {"index", module.id.index},
                               {"version", module.version()}});
  }
  return json;
}

Json sent_json(const ota::Sent& sent) {
  return {{"function", platform::name(sent.module.id().function)},
          {"index", sent.module.id().index},
          {"version", sent.module.version()},
          {"release", sent.stage ? Json(sent.stage->text()) : Json(nullptr)},
          {"file", sent.module.source()},
          {"size", sent.module.image().size()},
          {"attempts", sent.attempts},
          {"proof", ota::name(sent.proof)},
          {"outcome", sent.outcome},
          {"seconds", in_seconds(sent.took)}};
}

Json result_json(const ota::DeviceResult& device) {
  Json json{{"id", device.id},
            {"name", known(device.name)},
            {"product", known(device.product)},
            {"online", maybe(device.online)},
            {"before", before_json(device)},
            {"after", {{"system_release", known(device.system_after)}}},
            {"stages", Json::array()},
            {"sent", Json::array()},
            {"verdict", ota::name(device.verdict)},
            {"reasons", device.reasons},
            {"bytes", device.bytes()},
            {"air_bytes", device.air_bytes()},
            {"bytes_planned", device.plan ? ota::bytes_to_send(*device.plan) : 0},
            {"air_bytes_planned", device.plan ? ota::air_bytes_to_send(*device.plan) : 0},
            {"seconds", in_seconds(device.took)},
            {"development_left_set", device.development_left_set},
            {"bring", device.bring},
            {"command", known(device.command)}};
  if (device.plan) {
    for (const plan::Stage& stage : device.plan->stages)
      json["stages"].push_back(stage_json(stage));
  }
  for (const ota::Sent& sent : device.sent) json["sent"].push_back(sent_json(sent));
  if (device.error) {
    base::Error error = *device.error;
    if (error.hint.empty()) {
      error.hint =
          device.command.empty() ? "run the same command again" : "over USB: " + device.command;
    }
    json["error"] = error_object(error);
  }
  return json;
}

Tone verdict_tone(ota::Verdict verdict) {
  switch (verdict) {
    case ota::Verdict::proved:
    case ota::Verdict::done_already:
    case ota::Verdict::planned:
      return Tone::good;
    case ota::Verdict::refused:
    case ota::Verdict::failed:
      return Tone::bad;
    default:
      return Tone::warning;
  }
}

bool is_done(const ota::DeviceResult& device) {
  return device.verdict == ota::Verdict::proved || device.verdict == ota::Verdict::done_already ||
         device.verdict == ota::Verdict::planned;
}

std::vector<std::string> headings(std::vector<std::string> names, const Style& style) {
  for (std::string& name : names) name = paint(style, Tone::quiet, name);
  return names;
}

std::size_t width_of(const Style& style) {
  return style.width > 0 ? static_cast<std::size_t>(style.width) : 100;
}

std::string about(const ota::DeviceResult& device, const Style& style) {
  std::string text =
      fmt::format("\n{}: {}\n", device.id,
                  paint(style, verdict_tone(device.verdict), ota::name(device.verdict)));
  const auto line = [&](std::string_view what) {
    text += wrap(fmt::format("  {}", what), width_of(style), 4) + "\n";
  };
  for (const std::string& reason : device.reasons) line(reason);
  if (device.error && !device.error->hint.empty()) line(device.error->hint);
  if (device.development_left_set) {
    line("its development flag is still set: the next run restores it, or the web console");
  }
  for (const std::string& thing : device.bring) line("bring " + thing);
  // A command is not broken: it is there to be copied.
  if (!device.command.empty()) text += "  then  " + device.command + "\n";
  return text;
}

}  // namespace

Json ota_status_document(const std::vector<ota::Surveyed>& devices) {
  Json json = document();
  json["devices"] = Json::array();
  for (const ota::Surveyed& one : devices) {
    const cloud::Device device = one.device.value_or(cloud::Device{});
    Json entry{{"id", one.id},
               {"name", known(device.name)},
               {"product", device.in_product() ? Json(std::to_string(*device.product)) : nullptr},
               {"online", maybe(device.online)},
               {"answers", maybe(one.answers)},
               {"system_release", known(device.system_version)},
               {"status", known(device.status)},
               {"updates_enabled", maybe(device.updates_enabled)},
               {"development", maybe(device.development)},
               {"last_heard", known(device.last_heard)},
               {"last_handshake", known(device.last_handshake)},
               {"allows", one.allows}};
    if (one.error) entry["error"] = error_object(*one.error);
    json["devices"].push_back(std::move(entry));
  }
  return json;
}

std::string ota_status_text(const std::vector<ota::Surveyed>& devices, const Style& style) {
  std::vector<std::vector<std::string>> rows{
      headings({"DEVICE", "RELEASE", "ANSWERS", "PRODUCT"}, style)};
  std::string below;
  for (const ota::Surveyed& one : devices) {
    const cloud::Device device = one.device.value_or(cloud::Device{});
    const std::string answers = !one.answers   ? std::string("not asked")
                                : *one.answers ? paint(style, Tone::good, "yes")
                                               : paint(style, Tone::warning, "no");
    rows.push_back({one.id, dashed(device.system_version), answers,
                    device.in_product() ? std::to_string(*device.product) : "-"});
    below += fmt::format("\n{}{}\n", one.id, device.name.empty() ? "" : ", " + device.name);
    const auto line = [&](std::string_view what) {
      below += wrap(fmt::format("  {}", what), width_of(style), 4) + "\n";
    };
    if (one.error) line(one.error->message);
    for (const std::string& sentence : one.allows) line(sentence);
  }
  return table(rows, 0) + below;
}

Json ota_flash_document(const ota::FleetResult& result, const release::Version& target) {
  Json json = document();
  json["target"] = target.text();
  json["product"] = known(result.product);
  json["devices"] = Json::array();
  std::size_t bytes = 0;
  std::size_t on_air = 0;
  for (const ota::DeviceResult& device : result.devices) {
    json["devices"].push_back(result_json(device));
    bytes += device.bytes();
    on_air += device.air_bytes();
  }
  json["bytes"] = bytes;
  json["air_bytes"] = on_air;
  json["requests"] = result.requests;
  return json;
}

std::string ota_flash_text(const ota::FleetResult& result, const Style& style) {
  if (result.devices.empty()) return {};
  // A device id has 24 columns: what is sent of each goes first where there are few.
  constexpr int kEnough = 72;
  const bool narrow = style.width > 0 && style.width < kEnough;
  std::vector<std::vector<std::string>> rows{
      headings({"DEVICE", "VERDICT", "RELEASE", "PARTS", "SENT"}, style)};
  std::string below;
  std::size_t bytes = 0;
  std::size_t on_air = 0;
  for (const ota::DeviceResult& device : result.devices) {
    rows.push_back({device.id,
                    paint(style, verdict_tone(device.verdict), ota::name(device.verdict)),
                    dashed(device.system_after), std::to_string(device.sent.size()),
                    device.bytes() == 0 ? "-" : human_bytes(device.bytes())});
    if (!is_done(device) || device.development_left_set) below += about(device, style);
    bytes += device.bytes();
    on_air += device.air_bytes();
  }
  if (narrow) {
    for (auto& row : rows) row.resize(3);
  }
  std::string text = table(rows, 0);
  if (bytes > 0) {
    text +=
        wrap(fmt::format("{} sent, about {} of SIM data", human_bytes(bytes), human_bytes(on_air)),
             width_of(style), 2) +
        "\n";
  }
  return text + below;
}

std::string ota_plan_text(const ota::DeviceResult& device) {
  if (!device.plan) return {};
  const std::size_t bytes = ota::bytes_to_send(*device.plan);
  std::string text;
  if (device.before && device.before->source != ota::Source::device) {
    text =
        "What is installed is assumed from the release that the device tells: only in safe mode "
        "does it\nlist its parts.\n\n";
  }
  if (bytes == 0) return text + "Nothing is to be sent.\n";
  return text + fmt::format("Over the air: {} of files, about {} of SIM data.\n",
                            human_bytes(bytes), human_bytes(ota::air_bytes_to_send(*device.plan)));
}

int ota_exit_code(const ota::DeviceResult& device) {
  if (is_done(device) && !device.development_left_set) return kDone;
  if (device.error) return exit_code(device.error->code);
  return kDeviceError;
}

int ota_exit_code(const ota::FleetResult& result) {
  int worst = result.error ? static_cast<int>(exit_code(result.error->code)) : kDone;
  for (const ota::DeviceResult& device : result.devices) {
    worst = std::max(worst, ota_exit_code(device));
  }
  return worst;
}

std::string ota_event_words(const cloud::Event& event) {
  struct Words {
    std::string operator()(const cloud::Other&) const { return {}; }
    std::string operator()(const cloud::Presence&) const { return {}; }
    std::string operator()(const cloud::Online&) const { return "is online: it started anew"; }
    std::string operator()(const cloud::Offline&) const { return "is offline"; }
    std::string operator()(const cloud::AutoUpdate&) const {
      return "is about to get the firmware of its product";
    }
    std::string operator()(const cloud::Started&) const { return "a transfer to it has begun"; }
    std::string operator()(const cloud::Success&) const {
      return "the transfer is delivered; whether it was accepted is not known yet";
    }
    std::string operator()(const cloud::Failed&) const { return "the transfer failed"; }
    std::string operator()(const cloud::Modules& modules) const {
      if (!modules.described) return "is in safe mode; its list of modules cannot be read";
      std::string text = "lists its modules:";
      for (const serial::DescribedModule& module : modules.described->modules) {
        if (module.location != 'm' || module.function == 0) continue;
        text += fmt::format(" {}{} {}{}", module.function, module.index, module.version,
                            module.ok() ? "" : " (not satisfied)");
      }
      return text;
    }
    std::string operator()(const cloud::Healer& healer) const {
      return fmt::format("the vendor's safe mode healer sends part {}", healer.part);
    }
    std::string operator()(const cloud::LastReset& reset) const {
      return fmt::format("says why it started anew: {}", reset.reason);
    }
    std::string operator()(const cloud::OtaResult& result) const {
      return result.ok ? "says that it took the part" : "says that it did not take the part";
    }
    std::string operator()(const cloud::AppHash&) const { return "has another application now"; }
    std::string operator()(const cloud::UpdatesEnabled& updates) const {
      return updates.enabled ? "takes updates" : "refuses updates";
    }
  };
  return std::visit(Words(), event.what);
}

Json ota_event_document(const cloud::Event& event) {
  Json json = document();
  json["event"] = event.name;
  json["device"] = known(event.device);
  json["published_at"] = known(event.published_at);
  json["data"] = event.data;
  json["words"] = ota_event_words(event);
  return json;
}

std::string ota_moved_words(const ota::Machine& machine) {
  const ota::Sent* part = machine.under_way();
  switch (machine.phase()) {
    case ota::Phase::send:
      return part == nullptr
                 ? std::string()
                 : fmt::format("sends {} (version {}), {}", platform::describe(part->module.id()),
                               part->module.version(), human_bytes(part->module.image().size()));
    case ota::Phase::back:
      return "waits until it has started anew";
    case ota::Phase::absent:
      return "waits until the device is there";
    case ota::Phase::others:
      return "somebody else sends to it: waits until they are done";
    case ota::Phase::ready: {
      const auto& sent = machine.result().sent;
      if (sent.empty()) return {};
      return fmt::format("{} is proved: {}", platform::describe(sent.back().module.id()),
                         sent.back().outcome);
    }
    default:
      return {};
  }
}

}  // namespace report
