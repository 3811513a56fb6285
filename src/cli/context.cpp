// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/context.h"

#include "base/files.h"
#include "cli/run_log.h"
#include "cli/wall_clock.h"
#include "release/collect.h"
#include "report/document.h"
#include "report/exit_code.h"
#include "sim/electron.h"
#include "usb/trace.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {

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
  if (global.verbosity >= level) environment_.output.err(fmt::format("{}\n", text));
}

base::Result<> Context::open_log_file() {
  if (global.log_file.empty()) return {};
  TRY_ASSIGN(auto file, base::LineFile::create(global.log_file, base::Privacy::owner_only));
  log_files_.push_back(std::make_unique<base::LineFile>(std::move(file)));
  log_.write_to([file = log_files_.back().get()](std::string_view line) { file->line(line); });
  return {};
}

void Context::keep_run_log() {
  if (environment_.log_directory.empty()) return;
  auto file = create_run_log(environment_.log_directory, utc_for_names());
  if (!file) {
    detail("this run leaves no log: " + file.error().message, 1);
    return;
  }
  log_files_.push_back(std::make_unique<base::LineFile>(std::move(*file)));
  log_.write_to([file = log_files_.back().get()](std::string_view line) { file->line(line); });
}

int Context::finish(const nlohmann::ordered_json& document, int code) {
  if (const auto error = document.find("error"); error != document.end()) {
    log_.add("error", error->value("message", std::string()));
  }
  if (global.json) environment_.output.out(report::to_text(document));
  return code;
}

int Context::fail(const base::Error& error) { return fail(error, report::document()); }

int Context::fail(const base::Error& error, nlohmann::ordered_json document) {
  log_.add("error", fmt::format("{}: {}", error.id, error.message));
  if (global.json) {
    report::add_error(document, error);
    environment_.output.out(report::to_text(document));
  } else {
    const report::Style look = error_style();
    std::string text =
        report::paint(look, report::Tone::bad, "error:") + " " + error.message + "\n";
    if (!error.hint.empty()) {
      text += report::paint(look, report::Tone::strong, "hint: ") + " " + error.hint + "\n";
    }
    environment_.output.err(text);
  }
  return report::exit_code(error.code);
}

base::Result<discovery::Selector> Context::selector() const {
  return discovery::parse_selector(simulated() ? std::string_view() : global.device);
}

base::Result<discovery::World*> Context::bare_world(const release::Library* firmware) {
  if (!simulated()) return environment_.worlds.world();
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
  TRY_ASSIGN(auto trace, base::LineFile::create(global.trace_file, base::Privacy::owner_only));
  trace_file_ = std::make_unique<base::LineFile>(std::move(trace));
  const platform::Platform& platform = platform::electron();
  trace_host_ = std::make_unique<usb::TraceHost>(
      bare->usb, bare->clock, usb::TraceAreas{platform.flash, platform.configuration},
      [file = trace_file_.get()](std::string_view line) { file->line(line); });
  world_ =
      std::make_unique<discovery::World>(discovery::World{*trace_host_, bare->serial, bare->clock});
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
    form = report::ProgressForm::none;
  } else if (global.progress == "json") {
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
    context.detail(fmt::format("passed over {}: {}", base::printable(file), problem.message), 1);
  }
  return release::assemble(std::move(collected.modules), release::Catalogue::embedded(),
                           {allow_unknown});
}

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& description) {
  CLI::App* command = app.add_subcommand(name, description);
  command->fallthrough();
  return command;
}

}  // namespace cli
