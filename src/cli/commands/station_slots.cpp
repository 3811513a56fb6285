// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/bytes.h"
#include "base/files.h"
#include "cli/commands/station.h"
#include "cli/context.h"
#include "cli/parser.h"
#include "cli/station_diagnosis.h"
#include "cli/words.h"
#include "discovery/observer.h"
#include "os/advice.h"
#include "report/document.h"
#include "report/exit_code.h"
#include "report/style.h"
#include "usb/stable_name.h"
#include "usb/sysfs_devices.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <optional>

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

struct SlotOptions {
  std::string config;
  std::vector<std::string> names;
};

// The ports of the boards that are plugged in now, by their lasting names.
base::Result<std::map<std::string, discovery::Device>> boards(discovery::World& world) {
  TRY_ASSIGN(const auto devices, discovery::list(world, platform::electron()));
  std::map<std::string, discovery::Device> result;
  for (const discovery::Device& device : devices) {
    result[usb::stable_name(device.port())] = device;
  }
  return result;
}

int run_list(Context& context, const SlotOptions& options) {
  const auto config = read_station_config(options.config);
  if (!config) return context.fail(config.error());
  const auto world = context.worlds.world(nullptr);
  if (!world) return context.fail(world.error());
  const auto here = boards(**world);
  if (!here) return context.fail(here.error());
  Json document = report::document();
  document["slots"] = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const station::SlotConfig& slot : config->slots) {
    const auto board = here->find(slot.port);
    const bool there = board != here->end();
    rows.push_back(
        {slot.name, slot.port,
         there ? fmt::format("{} {}", discovery::name(board->second.mode), board->second.id)
               : "empty"});
    document["slots"].push_back(
        {{"name", slot.name},
         {"port", slot.port},
         {"mode", there ? Json(discovery::name(board->second.mode)) : Json(nullptr)},
         {"device", there && !board->second.id.empty() ? Json(board->second.id) : Json(nullptr)}});
  }
  if (!context.global.json) {
    context.print(rows.empty() ? "no slots\n" : report::table(rows, 0));
  }
  return context.finish(document, report::kDone);
}

// --- check ---

// Whether this user may open the boards that are in the slots now; of empty ones nothing is known.
// Why not, where it may not.
std::optional<base::Error> look_at_rights(Context& context, const station::Config& config,
                                          std::vector<SlotFinding>& findings) {
  std::optional<base::Error> refused;
  const auto world = context.worlds.world(nullptr);
  if (!world) return refused;
  const auto here = boards(**world);
  if (!here) return refused;
  for (const station::SlotConfig& slot : config.slots) {
    const auto board = here->find(slot.port);
    if (board == here->end()) continue;
    const auto may = (*world)->usb.may_open(board->second.info);
    if (may) continue;
    findings.push_back({slot.name, "no-rights", "this user may not open the board in it", true});
    if (!refused) refused = may.error();
  }
  return refused;
}

int run_check(Context& context, const SlotOptions& options) {
  const auto config = read_station_config(options.config);
  if (!config) return context.fail(config.error());
  const auto folder = usb::sysfs_devices_folder();
  if (!folder) {
    return context.fail(base::make_error(
        base::Errc::unsupported, fmt::format("slots are not checked on {}", os::advice().name),
        "electron-rescue station slots list shows what is plugged "
        "into which"));
  }
  Json document = report::document();
  document["findings"] = Json::array();
  bool bad = false;
  std::vector<SlotFinding> findings = look_at_slots(*config, *folder);
  const bool gone = std::ranges::any_of(findings, &SlotFinding::bad);
  const std::optional<base::Error> refused = look_at_rights(context, *config, findings);
  for (const SlotFinding& finding : findings) {
    bad = bad || finding.bad;
    document["findings"].push_back({{"slot", finding.slot},
                                    {"code", finding.code},
                                    {"text", finding.text},
                                    {"bad", finding.bad}});
    if (!context.global.json) {
      context.print(
          fmt::format("{}  {}: {}\n", finding.bad ? "BAD " : "note", finding.slot, finding.text));
    }
  }
  if (refused && !gone) return context.fail(*refused, std::move(document));
  if (bad) {
    return context.fail(
        base::make_error(base::Errc::no_device, "slots-gone", "some slots cannot be served",
                         "look at the hubs and their power, or teach the slots anew: "
                         "electron-rescue station slots learn"),
        std::move(document));
  }
  if (!context.global.json)
    context.print(fmt::format("{} slots, all there\n", config->slots.size()));
  return context.finish(document, report::kDone);
}

// --- learn ---

base::Result<std::string> text_of(const std::string& path) {
  // What is needed at least; the rest is for an editor.
  if (!base::exists(path)) return std::string("[station]\nname = \"station\"\n");
  constexpr std::uint64_t kMost = 1'000'000;
  TRY_ASSIGN(const base::Bytes bytes, base::read_file(path, kMost));
  return base::as_text(bytes);
}

// Waits until a board is plugged in where none was before.
base::Result<std::optional<std::string>> next_port(Context& context, discovery::Observer& observer,
                                                   std::optional<std::string>& arrived) {
  arrived.reset();
  constexpr base::Micros kForEver = std::chrono::hours(24);
  TRY_ASSIGN(const auto end,
             observer.follow(kForEver, context.cancel(), [&] { return arrived.has_value(); }));
  if (end == discovery::Observer::End::cancelled) return std::optional<std::string>();
  return arrived;
}

constexpr int kMostSlots = 128;

// "A1..A16" is sixteen names; any other word is one. None: a range that is none.
std::optional<std::vector<std::string>> names_in(const std::string& word) {
  const std::size_t dots = word.find("..");
  if (dots == std::string::npos) return std::vector<std::string>{word};
  const auto split = [](const std::string& name) -> std::optional<std::pair<std::string, int>> {
    const std::size_t digits = name.find_last_not_of("0123456789") + 1;
    const auto number = decimal(std::string_view(name).substr(digits));
    constexpr std::size_t kMostDigits = 4;
    if (!number || name.size() - digits > kMostDigits) return std::nullopt;
    return std::pair(name.substr(0, digits), static_cast<int>(*number));
  };
  const auto first = split(word.substr(0, dots));
  const auto last = split(word.substr(dots + 2));
  if (!first || !last || first->first != last->first || first->second > last->second ||
      last->second - first->second >= kMostSlots) {
    return std::nullopt;
  }
  std::vector<std::string> names;
  for (int n = first->second; n <= last->second; ++n) {
    names.push_back(fmt::format("{}{}", first->first, n));
  }
  return names;
}

// Which slots are to be taught: those that are named, else all that the configuration has.
base::Result<std::vector<std::string>> names_to_learn(const SlotOptions& options,
                                                      const std::string& text,
                                                      const std::string& path) {
  std::vector<std::string> names;
  for (const std::string& word : options.names) {
    const auto some = names_in(word);
    if (!some) {
      return base::make_error(base::Errc::usage, base::printable(word) + " is no range of slots",
                              "say A1..A16, or name each slot");
    }
    names.insert(names.end(), some->begin(), some->end());
  }
  if (!options.names.empty()) return names;
  TRY_ASSIGN(const station::Config config, station::parse_config(text, path));
  for (const station::SlotConfig& slot : config.slots) names.push_back(slot.name);
  if (!names.empty()) return names;
  return base::make_error(base::Errc::usage, "no-slots", path + " has no slots to be taught anew",
                          "name them: electron-rescue station slots learn A1..A4");
}

int run_learn(Context& context, const SlotOptions& options) {
  const std::string path = options.config.empty() ? "station.toml" : options.config;
  auto text = text_of(path);
  if (!text) return context.fail(text.error());
  const auto names = names_to_learn(options, *text, path);
  if (!names) return context.fail(names.error());
  const auto world = context.worlds.world(nullptr);
  if (!world) return context.fail(world.error());
  discovery::Observer observer(**world, platform::electron());
  std::optional<std::string> arrived;
  if (const auto looked = observer.look(); !looked) return context.fail(looked.error());
  observer.subscribe([&](const discovery::Change& change) {
    if (const auto* here = std::get_if<discovery::Arrived>(&change)) {
      arrived = usb::stable_name(here->device.port());
    }
  });
  Json document = report::document();
  document["config"] = path;
  document["slots"] = Json::array();
  for (const std::string& name : *names) {
    context.note(fmt::format("plug a board into the slot that shall be {}", name));
    auto port = next_port(context, observer, arrived);
    if (!port) return context.fail(port.error());
    if (!*port) {
      return context.fail(
          base::make_error(base::Errc::cancelled, "interrupted", "what was taught before is kept"),
          std::move(document));
    }
    auto changed = station::with_slot(*text, path, {name, **port});
    if (!changed) return context.fail(changed.error(), std::move(document));
    const auto written = base::write_file(path, base::as_bytes(*changed), base::Privacy::normal);
    if (!written) return context.fail(written.error(), std::move(document));
    text = std::move(changed);
    document["slots"].push_back({{"name", name}, {"port", **port}});
    if (!context.global.json) context.print(fmt::format("{} is {}\n", name, **port));
  }
  return context.finish(document, report::kDone);
}

}  // namespace

void add_station_slots(CLI::App& station, const ChosenRun& chosen) {
  auto options = std::make_shared<SlotOptions>();
  CLI::App& slots = add_below(station, "slots", "The slots and their ports", [] {});
  const auto add = [&](const char* name, const char* words,
                       int (*run)(Context&, const SlotOptions&)) -> CLI::App& {
    CLI::App& below = add_below(slots, name, words, [chosen, options, run] {
      *chosen = [options, run](Context& context) { return run(context, *options); };
    });
    add_config_option(below, options->config);
    return below;
  };
  add("list", "Show the slots, and what is plugged in", run_list);
  CLI::App& learn = add("learn", "Teach slots by plugging a board into each", run_learn);
  option(learn, "SLOT", options->names,
         "Names of slots, in the order of plugging: A1 A2, or A1..A16;\n"
         "none: those of the configuration, anew")
      .type_name("");
  add("check", "Say what of the slots' ports is amiss on this computer", run_check);
}

}  // namespace cli
