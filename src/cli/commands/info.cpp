// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/info.h"

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/job.h"
#include "cli/parser.h"
#include "flash/serial_probe.h"
#include "report/exit_code.h"
#include "serial/generation.h"

#include <nlohmann/json.hpp>

#include <optional>

namespace cli {
namespace {

struct InfoOptions {
  std::vector<std::string> folders;
};

base::Result<report::Info> ask_in_dfu(Job& job) {
  TRY_ASSIGN(const flash::Probe probe, flash::probe(job.bench(), job.device()));
  report::Info info;
  info.device = probe.device;
  info.mode = "dfu";
  info.state = probe.state;
  return info;
}

// What was asked, and what went wrong once it was answered.
struct Answer {
  report::Info info;
  std::optional<base::Error> problem;
};

base::Result<Answer> ask_over_serial(Job& job) {
  const flash::Surroundings around = job.surroundings();
  TRY_ASSIGN(const discovery::Device device,
             flash::to_listening(around, job.device(), flash::attended()));
  auto asked = flash::probe_serial(around, device);
  if (!asked) {
    // It goes on with its work if it hears us; why it did not answer is what counts.
    [[maybe_unused]] const auto back = flash::to_normal(around, device, flash::unattended());
    return std::move(asked.error());
  }
  const flash::SerialState& answer = *asked;
  Answer result;
  report::Info& info = result.info;
  info.device = device;
  info.device.id = answer.identity.device_id;
  info.mode = "listening";
  info.imei = answer.identity.imei;
  info.iccid = answer.identity.iccid;
  if (answer.claimed) info.claimed = *answer.claimed ? "yes" : "no";
  info.system_version = answer.release;
  info.state = answer.state;
  // A running device goes on with its work. Releases up to 0.5.5 are in listening mode only because
  // somebody held MODE, and could not be brought back there: they are left alone.
  const serial::Generation* generation = serial::generation_of(answer.release);
  if (generation != nullptr && generation->touch_cancels_connecting) {
    const auto back = flash::to_normal(around, device, flash::unattended());
    if (!back) result.problem = back.error();
    info.runs_again = back.has_value();
  }
  return result;
}

base::Result<Answer> ask(Job& job) {
  if (job.device().mode != discovery::Mode::dfu) return ask_over_serial(job);
  TRY_ASSIGN(report::Info info, ask_in_dfu(job));
  return Answer{std::move(info), {}};
}

int run_info(Context& context, const InfoOptions& options) {
  context.keep_run_log();
  const auto library = load_library(context, options.folders, true);
  if (!library) return context.fail(library.error());
  auto job = Job::start(context, &*library);
  if (!job) return context.fail(job.error());
  auto answer = ask(**job);
  if (!answer) return (*job)->fail(context, answer.error());
  report::Info& info = answer->info;
  info.judgement = plan::judge(info.state, release::Catalogue::embedded());
  const release::Catalogue& catalogue = release::Catalogue::embedded();
  if (!context.global.json) context.print(report::info_text(info, catalogue, context.style()));
  auto document = report::info_json(info, catalogue);
  if (answer->problem) {
    // What the device told stands; only it is not back where it was.
    return context.fail(
        told_in_full(without_writing(*answer->problem), (*job)->device().port(), ""),
        std::move(document));
  }
  return context.finish(document, report::kDone);
}

}  // namespace

Run add_info(CLI::App& command) {
  auto options = std::make_shared<InfoOptions>();
  option(command, "--firmware", options->folders, "Folder with release files, for sim: devices")
      .type_name("DIR")
      .repeated();
  return [options](Context& context) { return run_info(context, *options); };
}

}  // namespace cli
