// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What every command has in hand, and the ways in which one ends.

#include "base/result.h"
#include "cli/console.h"
#include "cli/environment.h"
#include "cli/options.h"
#include "cli/run_log.h"
#include "cli/worlds.h"
#include "plan/plan.h"
#include "release/release_set.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace cli {

class Context {
 public:
  // The options are parsed later, before a command runs.
  explicit Context(Environment& environment)
      : worlds(environment.worlds, global),
        console(environment.output, environment.terminal, environment.cancel, global, record.log()),
        environment_(environment) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  GlobalOptions global;
  RunLog record;
  Worlds worlds;
  Console console;

  base::CancelToken& cancel() { return environment_.cancel; }
  Computer& computer() { return environment_.computer; }
  const std::string& log_directory() const { return environment_.log_directory; }
  const std::string& cache_directory() const { return environment_.cache_directory; }
  net::Http* network() { return environment_.network; }
  net::Wire* wire() { return environment_.wire; }
  base::Clock& clock() { return clock_; }  // real time

  // Takes up --log-file. Errors: bad_file, also where its disk is full already.
  base::Result<> open_log_file();
  // Begins a job on a device: the run leaves a log in the user's state folder, whose fault is only
  // a note. Once is enough.
  void keep_run_log();

  // Ends a command: prints the document (with --json) or nothing, returns `code`.
  int finish(const nlohmann::ordered_json& document, int code);
  // Ends a command that failed: error as text on stderr or as a JSON document on stdout.
  int fail(const base::Error& error);
  // The same where the document holds more than the error.
  int fail(const base::Error& error, nlohmann::ordered_json document);
  // The same for a plan that the rules forbid.
  int refuse(const plan::Refusal& refusal, nlohmann::ordered_json document);

  // Short names for what every command says.
  report::Style style() const { return console.style(); }
  void print(std::string_view text) { console.print(text); }
  void note(std::string_view text) { console.note(text); }
  void detail(std::string_view text, int level) { console.detail(text, level); }

 private:
  // Why --log-file or --trace did not get everything, if so.
  std::optional<base::Error> lost_lines() const;

  Environment& environment_;
  base::RealClock clock_;
};

// Where an error does not say by itself what to do next.
std::string usual_hint(base::Errc code);

}  // namespace cli
