// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/info.h"

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/firmware.h"
#include "cli/job.h"
#include "cli/parser.h"
#include "platform/electron_history.h"
#include "reach/switching.h"
#include "report/exit_code.h"
#include "way/told.h"

#include <nlohmann/json.hpp>

#include <optional>

namespace cli {
namespace {

struct InfoOptions {
  std::vector<std::string> folders;
};

// What was asked, and what went wrong once it was answered.
struct Answer {
  report::Info info;
  std::optional<base::Error> problem;
};

base::Result<Answer> look_in_dfu(Chosen& chosen) {
  job::Request request;
  request.goal = job::Look();
  request.via = job::Via::dfu;
  events::DeviceReport report = chosen.run(request);
  if (!report.before) return std::move(*report.error);
  Answer answer;
  answer.info.device = chosen.device();
  answer.info.mode = "dfu";
  answer.info.state = std::move(*report.before);
  answer.problem = std::move(report.error);
  return answer;
}

base::Result<Answer> ask_over_serial(Chosen& chosen) {
  const work::Context& work = chosen.work();
  work::Voice voice(work.sink, usb::to_string(chosen.device().port()));
  discovery::Device device = chosen.device();
  {
    work::StepScope step(voice, {.doing = events::Doing::reach, .subject = "listening mode"});
    TRY_ASSIGN(device, reach::to_listening(work, voice, chosen.device(), reach::attended()));
    step.good();
  }
  const auto ask = [&] {
    work::StepScope step(voice, {.doing = events::Doing::observe});
    auto answer = way::ask(work, device);
    if (answer) step.good();
    return answer;
  };
  auto asked = ask();
  if (!asked) {
    // It goes on with its work if it hears us; why it did not answer is what counts.
    [[maybe_unused]] const auto back = reach::to_normal(work, voice, device, reach::unattended());
    return std::move(asked.error());
  }
  const events::Identity& identity = asked->identity;
  Answer result;
  report::Info& info = result.info;
  info.device = device;
  info.device.id = identity.id;
  info.mode = "listening";
  info.imei = identity.imei;
  info.iccid = identity.iccid;
  if (asked->claimed) info.claimed = *asked->claimed ? "yes" : "no";
  info.system_version = identity.release;
  info.state = asked->state;
  // A running device goes on with its work. Releases up to 0.5.5 are in listening mode only because
  // somebody held MODE, and could not be brought back there: they are left alone.
  const platform::SystemGeneration* generation = platform::generation_of(identity.release);
  if (generation != nullptr && generation->touch_cancels_connecting) {
    const auto back = reach::to_normal(work, voice, device, reach::unattended());
    if (!back) result.problem = back.error();
    info.runs_again = back.has_value();
  }
  return result;
}

int run_info(Context& context, const InfoOptions& options) {
  context.keep_run_log();
  const auto library = load_library(context, options.folders, true);
  if (!library) return context.fail(library.error());
  const auto chosen = Chosen::find(context, &*library);
  if (!chosen) return context.fail(chosen.error());
  const usb::PortPath& port = (*chosen)->device().port();
  auto answer = (*chosen)->device().mode == discovery::Mode::dfu ? look_in_dfu(**chosen)
                                                                 : ask_over_serial(**chosen);
  if (!answer) return fail_to_look(context, (*chosen)->work(), port, answer.error());
  report::Info& info = answer->info;
  info.judgement = plan::judge(info.state, release::Catalogue::embedded());
  const release::Catalogue& catalogue = release::Catalogue::embedded();
  if (!context.global.json) context.print(report::info_text(info, catalogue, context.style()));
  auto document = report::info_json(info, catalogue);
  if (answer->problem) {
    // What the device told stands; only it is not back where it was.
    return context.fail(told_in_full(without_writing(*answer->problem), port, ""),
                        std::move(document));
  }
  return context.finish(document, report::kDone);
}

}  // namespace

Run add_info(CLI::App& command) {
  auto options = std::make_shared<InfoOptions>();
  option(command, "--firmware", options->folders, "Folder with release files, for sim: devices")
      .type_name("PATH")
      .repeated();
  return [options](Context& context) { return run_info(context, *options); };
}

}  // namespace cli
