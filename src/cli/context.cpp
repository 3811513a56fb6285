// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/context.h"

#include "base/files.h"
#include "cli/run_log.h"
#include "cli/wall_clock.h"
#include "plan/explain.h"
#include "release/collect.h"
#include "report/document.h"
#include "report/exit_code.h"
#include "report/plan_json.h"
#include "sim/electron.h"
#include "usb/trace.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

std::string line_of(const nlohmann::ordered_json& object) {
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

// Where an error does not say by itself what to do next.
std::string usual_hint(base::Errc code) {
  using base::Errc;
  switch (code) {
    case Errc::usage:
      return "electron-rescue --help tells the options";
    case Errc::no_device:
    case Errc::ambiguous_device:
      return "electron-rescue list shows what is connected";
    case Errc::bad_file:
      return "check that the file is there and that you may read and write it";
    case Errc::bad_module:
      return "electron-rescue inspect FILE tells what the file is";
    case Errc::access_denied:
    case Errc::busy:
    case Errc::unsupported:
      return "electron-rescue doctor tells what is in the way";
    case Errc::cancelled:
    case Errc::refused:
    case Errc::verify_mismatch:
      return "run the same command again";
    case Errc::internal:
      return "electron-rescue report FILE packs what is needed to look into it";
    case Errc::usb_io:
    case Errc::usb_stall:
    case Errc::device_gone:
    case Errc::protocol:
    case Errc::timeout:
    case Errc::write_failed:
    case Errc::not_back:
      break;
  }
  return "unplug the device, plug it in again, and run the same command again; electron-rescue "
         "doctor tells what is in the way";
}

// Without progress, what somebody has to do at the device is told all the same.
class OrdersOnly final : public events::Sink {
 public:
  explicit OrdersOnly(Context& context) : context_(context) {}
  void on(const std::string& device, const events::Event& event) override {
    const auto* order = std::get_if<events::ActionNeeded>(&event);
    if (order != nullptr) context_.note(fmt::format("==> {}: {}", device, order->what));
  }

 private:
  Context& context_;
};

// What is no module of an Electron has no business here and is worth no word; a damaged one is.
bool is_something_else(const firmware::Problem& problem) {
  return problem.code == "no-header" || problem.code == "wrong-platform" ||
         problem.code == "file-too-large";
}

}  // namespace

Context::Context(Environment& environment) : environment_(environment), log_(utc_for_logs) {}
Context::~Context() = default;

report::Style Context::style() const {
  const report::Terminal& terminal = environment_.terminal;
  const bool wanted =
      global.color == "always" ||
      (global.color == "auto" && terminal.out_is_terminal && !terminal.no_color && !terminal.dumb);
  return {wanted && !global.json, terminal.out_is_terminal ? terminal.width : 0};
}

report::Style Context::error_style() const {
  const report::Terminal& terminal = environment_.terminal;
  const bool wanted =
      global.color == "always" ||
      (global.color == "auto" && terminal.err_is_terminal && !terminal.no_color && !terminal.dumb);
  return {wanted, terminal.width};
}

void Context::print(std::string_view text) { environment_.output.out(text); }

void Context::note(std::string_view text) { detail(text, 0); }

void Context::detail(std::string_view text, int level) {
  log_.add("note", text);
  if (global.verbosity < level) return;
  if (global.progress == "json") {
    environment_.output.err(line_of({{"event", "note"}, {"text", text}, {"detail", level}}));
  } else {
    environment_.output.err(fmt::format("{}\n", text));
  }
}

base::Result<> Context::open_log_file() {
  if (global.log_file.empty()) return {};
  TRY_ASSIGN(auto file, base::LineFile::append(global.log_file, base::Privacy::owner_only));
  log_file_ = std::make_unique<base::LineFile>(std::move(file));
  log_.write_to([file = log_file_.get()](std::string_view line) { file->line(line); });
  // A disk that is full already is told before anything is done.
  if (auto lost = lost_lines()) return std::move(*lost);
  return {};
}

void Context::keep_run_log() {
  if (environment_.log_directory.empty() || run_log_ != nullptr) return;
  auto file = create_run_log(environment_.log_directory, utc_for_names());
  if (!file) {
    detail("this run leaves no log: " + file.error().message, 1);
    return;
  }
  run_log_ = std::make_unique<base::LineFile>(std::move(*file));
  log_.write_to([file = run_log_.get()](std::string_view line) { file->line(line); });
}

std::optional<base::Error> Context::lost_lines() const {
  const auto lost = [](const std::string& name, const base::LineFile& file) {
    return base::make_error(
        base::Errc::bad_file, "lines-lost",
        fmt::format("{} is not whole: {}", base::printable(name), file.problem()),
        "make room, or name another file");
  };
  if (log_file_ != nullptr && !log_file_->problem().empty())
    return lost(global.log_file, *log_file_);
  if (trace_file_ != nullptr && !trace_file_->problem().empty()) {
    return lost(global.trace_file, *trace_file_);
  }
  return std::nullopt;
}

int Context::finish(const nlohmann::ordered_json& document, int code) {
  if (const auto error = document.find("error"); error != document.end()) {
    log_.add("error", error->value("message", std::string()));
  }
  if (code == report::kDone) {
    if (auto lost = lost_lines()) {
      lost->hint = "what was asked for is done, only the record of it is not; " + lost->hint;
      return fail(*lost, document);
    }
  }
  if (global.json) environment_.output.out(report::to_text(document));
  return code;
}

int Context::fail(const base::Error& error) { return fail(error, report::document()); }

int Context::fail(const base::Error& error, nlohmann::ordered_json document) {
  base::Error told = error;
  if (told.hint.empty()) told.hint = usual_hint(told.code);
  log_.add("error", fmt::format("{}: {}", told.id, told.message));
  if (global.json) {
    report::add_error(document, told);
    environment_.output.out(report::to_text(document));
  } else {
    error_line(told);
  }
  return report::exit_code(told.code);
}

int Context::refuse(const plan::Refusal& refusal, nlohmann::ordered_json document) {
  const base::Error error = report::as_error(refusal);
  report::add_refusal(document, refusal);
  if (!global.json && global.progress == "json") {
    error_line(error);
  } else if (!global.json) {
    note(plan::explain(refusal));
  }
  return finish(document, report::exit_code(error.code));
}

void Context::error_line(const base::Error& error) {
  if (global.progress == "json") {
    environment_.output.err(line_of({{"event", "error"},
                                     {"code", error.id},
                                     {"message", error.message},
                                     {"hint", error.hint}}));
    return;
  }
  const report::Style look = error_style();
  environment_.output.err(report::paint(look, report::Tone::bad, "error:") + " " + error.message +
                          "\n" + report::paint(look, report::Tone::strong, "hint: ") + " " +
                          error.hint + "\n");
}

base::Result<discovery::Selector> Context::selector() const {
  return discovery::parse_selector(simulated() ? std::string_view() : global.device);
}

base::Result<discovery::World*> Context::bare_world(const release::Library* firmware) {
  if (!simulated()) return environment_.worlds.world();
  if (global.device == "sim:") {
    return base::make_error(base::Errc::usage, "--device sim: names no state",
                            "say sim:blank, sim:RELEASE such as sim:1.5.0, or sim:FILE.json");
  }
  const release::Library none;
  TRY_ASSIGN(sim_,
             sim::SimWorld::from_selector(global.device, firmware == nullptr ? none : *firmware));
  sim_world_ = std::make_unique<discovery::World>(
      discovery::World{sim_->usb(), sim_->serial(), sim_->clock()});
  return sim_world_.get();
}

base::Result<discovery::World*> Context::world(const release::Library* firmware) {
  if (world_ != nullptr) return world_.get();
  TRY_ASSIGN(discovery::World * bare, bare_world(firmware));
  if (global.trace_file.empty()) {
    world_ = std::make_unique<discovery::World>(*bare);
    return world_.get();
  }
  TRY_ASSIGN(auto trace, base::LineFile::append(global.trace_file, base::Privacy::owner_only));
  trace_file_ = std::make_unique<base::LineFile>(std::move(trace));
  const platform::Platform& platform = platform::electron();
  trace_host_ = std::make_unique<usb::TraceHost>(
      bare->usb, bare->clock, usb::TraceAreas{platform.flash, platform.configuration},
      [file = trace_file_.get()](std::string_view line) { file->line(line); });
  world_ = std::make_unique<discovery::World>(
      discovery::World{*trace_host_, bare->serial, bare->clock, bare->locks});
  return world_.get();
}

base::Result<discovery::Device> Context::device(const release::Library* firmware) {
  TRY_ASSIGN(discovery::World * found, world(firmware));
  TRY_ASSIGN(const discovery::Selector wanted, selector());
  return discovery::choose(*found, platform::electron(), wanted);
}

base::Result<events::Sink*> Context::sink(const base::Clock& clock) {
  const report::Terminal& terminal = environment_.terminal;
  report::ProgressForm form = report::ProgressForm::plain;
  if (global.progress == "none") {
    progress_ = std::make_unique<OrdersOnly>(*this);
    sink_ = std::make_unique<report::LogSink>(log_, *progress_);
    return sink_.get();
  }
  if (global.progress == "json") {
    form = report::ProgressForm::json;
  } else if (global.progress == "bar" ||
             (global.progress == "auto" && terminal.err_is_terminal && !terminal.dumb)) {
    form = report::ProgressForm::bar;
  }
  progress_ =
      report::make_progress({form, error_style(), global.verbosity}, environment_.output, clock);
  sink_ = std::make_unique<report::LogSink>(log_, *progress_);
  return sink_.get();
}

std::vector<std::string> firmware_folders(const std::vector<std::string>& given) {
  if (!given.empty()) return given;
  std::vector<std::string> folders{"firmware"};
  const std::string cache = base::cache_directory();
  if (!cache.empty()) folders.push_back(cache);
  return folders;
}

base::Result<release::Library> load_library(Context& context, const std::vector<std::string>& given,
                                            bool allow_unknown) {
  for (const std::string& folder : given) {
    // A folder that was asked for and is not there is a mistake; a default one is not.
    if (!base::is_directory(folder)) {
      return base::make_error(base::Errc::bad_file,
                              fmt::format("there is no folder {}", base::printable(folder)),
                              "give the folder that holds the release's .bin files");
    }
  }
  TRY_ASSIGN(release::Collected collected,
             release::collect(firmware_folders(given), platform::electron()));
  for (const auto& [file, problem] : collected.passed_over) {
    const std::string name = base::printable(file);
    const bool named = problem.message.find(name) != std::string::npos;
    context.detail(
        fmt::format("passed over {}", named ? problem.message : name + ": " + problem.message),
        is_something_else(problem) ? 1 : 0);
  }
  return release::assemble(std::move(collected.modules), release::Catalogue::embedded(),
                           {allow_unknown});
}

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& description) {
  CLI::App* command = app.add_subcommand(name, description);
  command->fallthrough();
  command->footer(
      "Options of every command (--device, --json, --progress, ...): electron-rescue --help");
  return command;
}

}  // namespace cli
