// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/ota.h"

#include "cli/commands.h"
#include "cli/firmware.h"
#include "cli/job.h"
#include "cli/parser.h"
#include "cli/words.h"
#include "cloud/feed.h"
#include "ota/fleet.h"
#include "plan/explain.h"
#include "report/document.h"
#include "report/documents/ota.h"
#include "report/exit_code.h"
#include "report/plan_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace cli {
namespace {

struct OtaOptions {
  CloudOptions cloud;
  FirmwareOptions firmware;
  std::string from;
  std::string user_app;
  std::string wait;
  std::string at_once;
  bool dry_run = false;
};

constexpr std::size_t kMostAtOnce = 50;

base::Error no_device_named() {
  return base::make_error(base::Errc::usage, "no-device-named", "no device is named",
                          "name device ids, a file of them with --list, or a product with "
                          "--product");
}

bool names_none(const CloudOptions& options, const CloudAccess& access) {
  return access.devices().empty() && options.product.empty();
}

// --- status ---

int run_status(Context& context, const OtaOptions& options) {
  const auto access = CloudAccess::open(context, options.cloud, {});
  if (!access) return context.fail(access.error());
  if (names_none(options.cloud, **access)) return context.fail(no_device_named());
  const auto surveyed =
      ota::survey((*access)->wire(), (*access)->clock(), (*access)->account(),
                  cloud::Place{options.cloud.product}, (*access)->devices(), context.cancel());
  if (!surveyed) return context.fail(surveyed.error());
  auto document = report::ota_status_document(*surveyed);
  if (!context.global.json) context.print(report::ota_status_text(*surveyed, context.style()));
  const auto failed = std::ranges::find_if(*surveyed, [](const auto& one) { return !!one.error; });
  if (failed != surveyed->end()) return context.fail(*failed->error, std::move(document));
  return context.finish(document, report::kDone);
}

// --- plan and flash ---

// Each device's steps as lines on stderr, or as objects.
class Teller final : public ota::Watcher {
 public:
  explicit Teller(Context& context) : context_(context) {}
  void moved(const ota::Machine& machine) override {
    const ota::DeviceResult& device = machine.result();
    if (device.plan && std::ranges::find(told_, device.id) == told_.end()) {
      told_.push_back(device.id);
      const std::size_t bytes = ota::bytes_to_send(*device.plan);
      if (bytes > 0) {
        say(device.id, "plan",
            fmt::format("{} to send, about {} of SIM data", report::human_bytes(bytes),
                        report::human_bytes(ota::air_bytes_to_send(*device.plan))));
      }
    }
    const std::string words = report::ota_moved_words(machine);
    if (!words.empty()) say(device.id, ota::name(machine.phase()), words);
  }
  void ended(const ota::DeviceResult& device) override {
    say(device.id, "ended",
        fmt::format("{}{}", ota::name(device.verdict),
                    device.reasons.empty() ? "" : ": " + device.reasons.back()));
  }
  void note(const std::string& text) override { context_.detail(text, 1); }

 private:
  void say(const std::string& device, std::string_view what, const std::string& words) {
    if (context_.global.progress == "json") {
      context_.console.output().err(
          line_of({{"event", "note"}, {"device", device}, {"about", what}, {"text", words}}));
    } else if (context_.global.progress != "none") {
      context_.note(device + ": " + words);
    }
  }
  Context& context_;
  std::vector<std::string> told_;
};

base::Result<ota::FleetOrder> order_of(const OtaOptions& options, const CloudAccess& access,
                                       const release::Library& library) {
  ota::FleetOrder order;
  order.place.product = options.cloud.product;
  order.devices = access.devices();
  order.wish.library = &library;
  order.wish.dry_run = options.dry_run;
  TRY_ASSIGN(order.wish.target, parse_target(options.firmware.target));
  if (!options.from.empty()) {
    TRY_ASSIGN(const plan::RanBefore from, ran_before(options.from, library));
    order.wish.from = from.release;
  }
  if (!options.user_app.empty()) {
    TRY_ASSIGN(order.wish.user_part, load_application(options.user_app));
    order.wish.flash_options += fmt::format(" --user-app {}", base::printable(options.user_app));
  }
  for (const std::string& folder : options.firmware.folders) {
    order.wish.flash_options += fmt::format(" --firmware {}", base::printable(folder));
  }
  if (!options.wait.empty()) order.times.back = *duration_of(options.wait);
  if (!options.at_once.empty()) {
    order.at_once = static_cast<std::size_t>(*decimal(options.at_once));
  }
  return order;
}

// Files that are missing are missing for every device: told once, before anybody is asked.
base::Result<> check_target(const OtaOptions& options, const release::Library& library) {
  plan::Request request;
  TRY_ASSIGN(request.target, parse_target(options.firmware.target));
  request.library = &library;
  if (library.find(*request.target) != nullptr) return {};
  const plan::Outcome outcome =
      plan::make_plan({}, request, plan::Medium::ota, release::Catalogue::embedded());
  const auto* refusal = std::get_if<plan::Refusal>(&outcome);
  if (refusal == nullptr) return {};
  return plan::as_error(*refusal);
}

base::Result<ota::FleetResult> run_fleet(Context& context, const OtaOptions& options,
                                         release::Library& library) {
  TRY_ASSIGN(library,
             load_library(context, options.firmware.folders, options.firmware.allow_unknown));
  TRY(check_target(options, library));
  TRY_ASSIGN(const auto access, CloudAccess::open(context, options.cloud, library));
  if (names_none(options.cloud, *access)) return no_device_named();
  TRY_ASSIGN(ota::FleetOrder order, order_of(options, *access, library));
  if (order.devices.empty() && !options.dry_run) {
    // A whole product is more than anybody typed.
    order.consent = [&](std::size_t devices) {
      return context.console
          .consent(fmt::format("Bring all {} devices of product {} to {}?", devices,
                               base::printable(options.cloud.product), order.wish.target.text()),
                   base::make_error(base::Errc::cancelled, "not confirmed"))
          .has_value();
    };
  }
  Teller teller(context);
  ota::Fleet fleet(access->wire(), access->clock(), access->account(), access->records(), teller);
  if (!options.dry_run) context.keep_run_log();
  return fleet.run(std::move(order), context.cancel());
}

int finish_fleet(Context& context, const ota::FleetResult& result,
                 nlohmann::ordered_json document) {
  const int code = report::ota_exit_code(result);
  if (code == report::kDone) return context.finish(document, code);
  // The error of the device whose exit code is the worst.
  const base::Error* error = result.error ? &*result.error : nullptr;
  for (const ota::DeviceResult& device : result.devices) {
    if (error == nullptr && device.error && report::ota_exit_code(device) == code) {
      error = &*device.error;
    }
  }
  if (error != nullptr && report::exit_code(error->code) == code) {
    return context.fail(*error, std::move(document));
  }
  for (const ota::DeviceResult& device : result.devices) {
    if (device.error && report::ota_exit_code(device) == code) {
      return context.fail(*device.error, std::move(document));
    }
  }
  return context.finish(document, code);
}

int run_flash(Context& context, const OtaOptions& options) {
  release::Library library;
  const auto result = run_fleet(context, options, library);
  if (!result) return context.fail(result.error());
  auto target = parse_target(options.firmware.target);
  if (!target) return context.fail(target.error());
  if (!context.global.json) context.print(report::ota_flash_text(*result, context.style()));
  return finish_fleet(context, *result, report::ota_flash_document(*result, *target));
}

int run_plan(Context& context, const OtaOptions& options) {
  OtaOptions looking = options;
  looking.dry_run = true;
  release::Library library;
  const auto result = run_fleet(context, looking, library);
  if (!result) return context.fail(result.error());
  auto target = parse_target(options.firmware.target);
  if (!target) return context.fail(target.error());
  if (!context.global.json) {
    for (const ota::DeviceResult& device : result->devices) {
      if (result->devices.size() > 1) context.print(device.id + "\n");
      if (device.plan) {
        context.print(plan::explain(*device.plan) + "\n\n" + report::ota_plan_text(device));
      }
    }
    if (report::ota_exit_code(*result) != report::kDone) {
      context.print(report::ota_flash_text(*result, context.style()));
    }
  }
  return finish_fleet(context, *result, report::ota_flash_document(*result, *target));
}

// --- watch ---

int run_watch(Context& context, const OtaOptions& options) {
  const auto opened = CloudAccess::open(context, options.cloud, {});
  if (!opened) return context.fail(opened.error());
  CloudAccess& access = **opened;
  cloud::Feed feed(access.wire(), access.account(), cloud::Place{options.cloud.product});
  const auto wanted = [&](const cloud::Event& event) {
    const auto& devices = access.devices();
    return devices.empty() || std::ranges::find(devices, event.device) != devices.end() ||
           std::holds_alternative<cloud::Healer>(event.what);
  };
  std::optional<base::Error> refused;
  const auto tell = [&](const std::vector<cloud::Heard>& heard) {
    for (const cloud::Heard& one : heard) {
      if (std::holds_alternative<cloud::StreamReady>(one)) context.note("listening");
      if (std::holds_alternative<cloud::StreamLost>(one)) {
        context.note("the event stream is gone; it is opened anew");
      }
      if (const auto* no = std::get_if<cloud::StreamRefused>(&one)) {
        refused = cloud::error_of(no->failure, "opening the event stream");
      }
      const auto* event = std::get_if<cloud::Event>(&one);
      if (event == nullptr || !wanted(*event)) continue;
      const std::string words = report::ota_event_words(*event);
      if (context.global.json) {
        context.print(line_of(report::ota_event_document(*event)));
      } else if (!words.empty()) {
        context.print(fmt::format("{}  {}  {}\n",
                                  event->published_at.empty() ? "-" : event->published_at,
                                  event->device.empty() ? "-" : event->device, words));
      } else {
        context.detail(fmt::format("{} {}: {}", event->device, event->name, event->data), 1);
      }
    }
  };
  while (!context.cancel().requested() && !refused && context.console.is_read()) {
    tell(feed.tick(access.clock().now()));
    const auto happening = access.wire().next(feed.wake(), context.cancel());
    if (happening) tell(feed.hear(*happening, access.clock().now()));
  }
  feed.close();
  if (refused) return context.fail(*refused);
  return context.cancel().requested() ? report::kInterrupted : report::kDone;
}

std::string time_problem(const std::string& text) {
  return duration_of(text) ? std::string()
                           : std::string("it is a time such as 90s, 30m or 2h, 7 days at most");
}

std::string count_problem(const std::string& text) {
  const auto count = decimal(text);
  const bool good =
      count && *count >= 1 && *count <= kMostAtOnce && text.find('.') == std::string::npos;
  return good ? std::string() : std::string("it is a number from 1 to 50");
}

void add_wish(CLI::App& command, OtaOptions& options) {
  // No bootloader: the system firmware brings its own.
  option(command, "--target", options.firmware.target, "The release to bring the devices to")
      .type_name("VERSION")
      .required();
  option(command, "--firmware", options.firmware.folders,
         "Folder, archive or file with release files; may be given several\n"
         "times (default: ./firmware); the user's cache folder is always\n"
         "searched last")
      .type_name("PATH")
      .repeated();
  flag(command, "--allow-unknown", options.firmware.allow_unknown,
       "Take files whose bytes are not those the vendor released");
  option(command, "--from", options.from,
         "The release on the device, where the cloud does not tell")
      .type_name("VERSION");
  option(command, "--user-app", options.user_app, "Also send this application, last of all")
      .type_name("FILE");
}

}  // namespace

Run add_ota(CLI::App& command) {
  auto options = std::make_shared<OtaOptions>();
  auto chosen = std::make_shared<int (*)(Context&, const OtaOptions&)>(nullptr);
  const auto add = [&](const char* name, const char* words, auto run) -> CLI::App& {
    return add_below(command, name, words, [chosen, run] { *chosen = run; });
  };
  add_cloud_options(
      add("status", "What the cloud tells of devices, and whether they answer", run_status),
      options->cloud, true);
  CLI::App& plan =
      add("plan", "The stages and parts that would be sent, and what they cost", run_plan);
  add_cloud_options(plan, options->cloud, true);
  add_wish(plan, *options);
  CLI::App& flash =
      add("flash", "Bring devices to a release through the vendor's cloud", run_flash);
  add_cloud_options(flash, options->cloud, true);
  add_wish(flash, *options);
  option(flash, "--at-once", options->at_once, "So many devices at a time (4)")
      .check(count_problem, "NUMBER")
      .type_name("N");
  option(flash, "--wait", options->wait,
         "Wait so long for a device to be there, and to come back (30m)")
      .check(time_problem, "TIME")
      .type_name("TIME");
  flag(flash, "--dry-run", options->dry_run, "Look and plan; send nothing");
  add_cloud_options(add("watch", "The events that matter, in words, until interrupted", run_watch),
                    options->cloud, true);
  return [options, chosen](Context& context) { return (*chosen)(context, *options); };
}

}  // namespace cli
