// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What every command has in hand: the global options, the world, and the ways to report.

#include "base/result.h"
#include "cli/cli.h"
#include "discovery/device.h"
#include "events/event.h"
#include "firmware/module.h"
#include "plan/plan.h"
#include "release/release_set.h"
#include "report/log.h"
#include "report/progress.h"
#include "report/style.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}
namespace base {
class LineFile;
}
namespace sim {
class SimWorld;
}
namespace usb {
class TraceHost;
}

namespace cli {

struct GlobalOptions {
  std::string device;
  bool json = false;
  std::string progress = "auto";
  std::string color = "auto";
  int verbosity = 0;
  std::string log_file;
  std::string trace_file;
  bool yes = false;
};

class Context {
 public:
  explicit Context(Environment& environment);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  GlobalOptions global;
  // Set by the subcommand that was given; run once parsing is over.
  std::function<int()> action;

  Environment& environment() { return environment_; }
  base::CancelToken& cancel() { return environment_.cancel; }
  report::Style style() const;                    // of stdout
  report::Style error_style() const;              // of stderr
  void print(std::string_view text);              // a result, on stdout
  void note(std::string_view text);               // a diagnostic, on stderr
  void detail(std::string_view text, int level);  // the same, from -v (level 1) or -vv (2) on

  // Ends a command: prints the document (with --json) or nothing, returns `code`.
  int finish(const nlohmann::ordered_json& document, int code);
  // Ends a command that failed: error as text on stderr or as a JSON document on stdout.
  int fail(const base::Error& error);
  // The same where the document holds more than the error.
  int fail(const base::Error& error, nlohmann::ordered_json document);
  // The same for a plan that the rules forbid.
  int refuse(const plan::Refusal& refusal, nlohmann::ordered_json document);

  // The world that --device names: a virtual Electron for sim:…, else the computer's own. Virtual
  // Electrons take their modules from `firmware` where it has them.
  base::Result<discovery::World*> world(const release::Library* firmware);
  // Exactly one device.
  base::Result<discovery::Device> device(const release::Library* firmware);
  // What --device says, without a sim: part.
  base::Result<discovery::Selector> selector() const;
  // Progress is for people: plain lines or a bar.
  bool shows_text() const { return global.progress != "json" && global.progress != "none"; }
  bool simulated() const { return global.device.starts_with("sim:"); }

  // What happens from here on is kept: in the file that --log-file names, whose fault is an error,
  // and for a job on a device also as the run's own log, whose fault is only a note.
  report::Log& log() { return log_; }
  base::Result<> open_log_file();
  // Once is enough.
  void keep_run_log();

  // Progress as --progress asks for; also goes to the log.
  base::Result<events::Sink*> sink(const base::Clock& clock);

 private:
  void error_line(const base::Error& error);
  // Why --log-file or --trace did not get everything, if so.
  std::optional<base::Error> lost_lines() const;
  base::Result<discovery::World*> bare_world(const release::Library* firmware);

  Environment& environment_;
  std::unique_ptr<sim::SimWorld> sim_;
  std::unique_ptr<discovery::World> sim_world_;
  std::unique_ptr<base::LineFile> trace_file_;
  std::unique_ptr<usb::TraceHost> trace_host_;
  std::unique_ptr<discovery::World> world_;
  report::Log log_;
  std::unique_ptr<base::LineFile> log_file_;
  std::unique_ptr<base::LineFile> run_log_;
  std::unique_ptr<events::Sink> progress_;
  std::unique_ptr<events::Sink> sink_;
};

// The folders to search: those given, or ./firmware and the user's cache folder.
std::vector<std::string> firmware_folders(const std::vector<std::string>& given);
// Every module in the folders, sorted into releases. What was passed over is told with -v.
base::Result<release::Library> load_library(Context& context, const std::vector<std::string>& given,
                                            bool allow_unknown);

// Adds a subcommand in the house's form: the global options are understood after it as well.
CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& description);

}  // namespace cli
