// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/info.h"

#include "report/device_text.h"
#include "report/document.h"
#include "report/module_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace report {
namespace {

using Json = nlohmann::ordered_json;

Tone tone(plan::Verdict verdict) {
  switch (verdict) {
    case plan::Verdict::runs:
      return Tone::good;
    case plan::Verdict::safe_mode:
      return Tone::warning;
    case plan::Verdict::does_not_boot:
    case plan::Verdict::restarts:
      return Tone::bad;
    case plan::Verdict::restores_factory:
    case plan::Verdict::unknown:
      return Tone::warning;
  }
  return Tone::plain;
}

std::string_view sentence(const plan::Judgement& judgement) {
  switch (judgement.verdict) {
    case plan::Verdict::runs:
      return judgement.interrupted ? "runs, but an update was interrupted" : "runs";
    case plan::Verdict::safe_mode:
      return "starts in safe mode";
    case plan::Verdict::does_not_boot:
      return "does not boot";
    case plan::Verdict::restores_factory:
      return "restores the factory application";
    case plan::Verdict::restarts:
      return "restarts for ever";
    case plan::Verdict::unknown:
      return "cannot be told";
  }
  return "";
}

// "part 2", "bootloader": what a narrow column has room for.
std::string short_name(platform::ModuleId id) {
  return id.function == platform::ModuleFunction::system_part ? fmt::format("part {}", id.index)
                                                              : platform::describe(id);
}

std::string dependencies_text(const plan::InstalledModule& module) {
  std::string text;
  for (const firmware::Dependency& dependency : module.dependencies()) {
    if (dependency.none()) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} >= {}", short_name(dependency.module), dependency.version);
  }
  return text.empty() ? "-" : text;
}

std::vector<std::string> module_row(const plan::InstalledModule& module,
                                    const std::optional<release::Version>& told,
                                    const release::Catalogue& catalogue, const Style& style) {
  const std::string name = platform::describe(module.id);
  switch (module.health()) {
    case plan::Health::blank:
      return {name, paint(style, Tone::quiet, "blank")};
    case plan::Health::corrupt:
      return {name, paint(style, Tone::bad, "corrupt")};
    case plan::Health::valid:
      break;
  }
  return {name, release_text(module, told, catalogue), fmt::format("{}", module.version()),
          module.read() != nullptr ? fmt::format("{}", module.read()->header.size()) : "-",
          dependencies_text(module)};
}

std::string factory_text(const plan::InstalledState& state) {
  if (state.factory_image != true) return "no image";
  if (!state.factory_registered) return "an application image is stored";
  return *state.factory_registered ? "an application image is stored and registered"
                                   : "an application image is stored, and not registered";
}

std::string mode_text(const Info& info, const Style& style) {
  if (info.mode == "dfu") return "DFU (" + paint_led(style, "blinking yellow") + ")";
  if (info.runs_again) return "running (asked in listening mode, and put back)";
  return "listening (" + paint_led(style, "blinking blue") + ")";
}

}  // namespace

std::string release_text(const plan::InstalledModule& module,
                         const std::optional<release::Version>& told,
                         const release::Catalogue& catalogue) {
  if (!module.valid()) return "-";
  if (module.id.function == platform::ModuleFunction::user_part) return "application";
  // Several releases carry the same bootloader, and few carry the one that was built with them.
  if (module.id.function == platform::ModuleFunction::bootloader) return "bootloader";
  return plan::release_name(module, told, catalogue);
}

std::string info_text(const Info& info, const release::Catalogue& catalogue, const Style& style) {
  std::vector<std::vector<std::string>> head;
  head.push_back({"Device", info.device.id.empty() ? "tells no id" : info.device.id});
  head.push_back(
      {"Port", usb::to_string(info.device.port()) +
                   (info.device.serial_path.empty() ? "" : ", " + info.device.serial_path)});
  head.push_back({"Mode", mode_text(info, style)});
  if (!info.system_version.empty()) head.push_back({"System", info.system_version});
  if (info.state.bootloader_version) {
    head.push_back({"Bootloader", fmt::format("{}", *info.state.bootloader_version)});
  }
  if (!info.imei.empty()) head.push_back({"IMEI", info.imei});
  if (!info.iccid.empty()) head.push_back({"ICCID", info.iccid});
  if (info.state.modem_firmware) {
    const bool lte = info.state.modem_firmware->starts_with("L0.0.00");
    head.push_back({"Modem", *info.state.modem_firmware + (lte ? " (LTE, SARA-R410)" : "")});
  }
  if (!info.claimed.empty()) head.push_back({"Claimed", info.claimed});
  if (info.state.factory_image) {
    head.push_back({"Factory", factory_text(info.state)});
  }
  if (info.state.configuration == plan::Configuration::blank) {
    head.push_back({"Keys", paint(style, Tone::bad, "none: the configuration is blank")});
  } else if (info.state.configuration == plan::Configuration::programmed) {
    head.push_back({"Keys", "programmed"});
  }
  std::string text = table(head, 0, style) + "\n";

  std::vector<std::vector<std::string>> rows{{"MODULE", "RELEASE", "VERSION", "BYTES", "NEEDS"}};
  for (std::string& heading : rows.front()) heading = paint(style, Tone::quiet, heading);
  for (const plan::InstalledModule& module : info.state.modules) {
    rows.push_back(module_row(module, info.state.told, catalogue, style));
  }
  text += table(rows, 0, style);
  for (const plan::InstalledModule& module : info.state.modules) {
    if (const plan::Read* read = module.read(); read != nullptr && read->product) {
      text += fmt::format("  {}: product {}, version {}\n", platform::describe(module.id),
                          read->product->id, read->product->version);
    }
    if (module.health() != plan::Health::corrupt) continue;
    for (const firmware::Problem& problem : module.problems()) {
      text += "  " +
              wrap(fmt::format("{}: {}", platform::describe(module.id), problem.message), 78, 4) +
              "\n";
    }
  }
  text +=
      "\nVerdict: " + paint(style, tone(info.judgement.verdict), sentence(info.judgement)) + "\n";
  for (const std::string& reason : info.judgement.reasons)
    text += "  " + wrap(reason, columns_within(style, 80) - 2, 2) + "\n";
  if (!info.judgement.cure.empty())
    text += "  " + wrap(info.judgement.cure, columns_within(style, 80) - 2, 2) + "\n";
  // The system runs, and takes modules over the air as well.
  if (info.judgement.verdict == plan::Verdict::safe_mode && info.judgement.needs) {
    const std::string air = fmt::format(
        "where it reaches the vendor's cloud, the air will do: electron-rescue ota flash {} "
        "--target "
        "{}",
        info.device.id.empty() ? "DEVICE" : info.device.id, info.judgement.needs->text());
    text += "  " + wrap(air, columns_within(style, 80) - 2, 2) + "\n";
  }
  return text;
}

nlohmann::ordered_json info_json(const Info& info, const release::Catalogue& catalogue) {
  Json json = document();
  Json device = device_json(info.device);
  device["mode"] = info.mode;
  if (info.state.bootloader_version) device["bootloader_version"] = *info.state.bootloader_version;
  if (!info.imei.empty()) device["imei"] = info.imei;
  if (!info.iccid.empty()) device["iccid"] = info.iccid;
  if (!info.claimed.empty()) device["claimed"] = info.claimed == "yes";
  if (!info.system_version.empty()) device["system_version"] = info.system_version;
  if (info.state.factory_image) device["factory_image"] = *info.state.factory_image;
  if (info.state.modem_firmware) device["modem_firmware"] = *info.state.modem_firmware;
  if (info.state.factory_registered) {
    device["factory_registered"] = *info.state.factory_registered;
  }
  json["device"] = std::move(device);
  json["modules"] = Json::array();
  for (const plan::InstalledModule& module : info.state.modules) {
    json["modules"].push_back(
        module_json(module, *info.state.platform, info.state.told, catalogue));
  }
  json["configuration"] = Json{{"state", plan::name(info.state.configuration)}};
  json["verdict"] =
      Json{{"state", plan::name(info.judgement.verdict)}, {"reasons", info.judgement.reasons}};
  if (!info.judgement.cure.empty()) json["verdict"]["cure"] = info.judgement.cure;
  if (info.judgement.needs) {
    json["verdict"]["needs"] = Json{{"release", info.judgement.needs->text()}};
  }
  if (info.judgement.interrupted) {
    json["verdict"]["interrupted"] = Json{{"release", info.judgement.interrupted->text()}};
  }
  return json;
}

}  // namespace report
