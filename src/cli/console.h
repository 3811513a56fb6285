// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// How a command speaks: results on stdout, all else on stderr, each in the form that the global
// options ask for, and a word of all of it in the run's log.

#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "cli/options.h"
#include "events/event.h"
#include "report/log.h"
#include "report/output.h"
#include "report/style.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace cli {

class Console {
 public:
  // All of them outlive the console.
  Console(report::Output& output, const report::Terminal& terminal, const base::CancelToken& cancel,
          const GlobalOptions& global, report::Log& log)
      : output_(output), terminal_(terminal), cancel_(cancel), global_(global), log_(log) {}

  report::Style style() const;                    // of stdout
  report::Style error_style() const;              // of stderr
  void print(std::string_view text);              // a result, on stdout
  void note(std::string_view text);               // a diagnostic, on stderr
  void detail(std::string_view text, int level);  // the same, from -v (level 1) or -vv (2) on
  // The one document of --json; nothing without it.
  void document(const nlohmann::ordered_json& document);
  // An error that ends a command, on stderr: text, or a line of JSON.
  void error(const base::Error& error);
  // False once whoever read the results has gone away.
  bool is_read() { return output_.out_is_read(); }

  // Asks, unless --yes has answered already. Errors: `otherwise` where the answer is no or nobody
  // is there to give one; cancelled where Ctrl-C was the answer.
  base::Result<> consent(std::string_view question, base::Error otherwise);

  // For progress that is none of a job's.
  report::Output& output() { return output_; }
  const report::Terminal& terminal() const { return terminal_; }

  // Progress as --progress asks for; also goes to the log. Lives as long as the console.
  events::Sink& sink(const base::Clock& clock);

 private:
  bool colours(bool is_terminal) const;

  report::Output& output_;
  const report::Terminal& terminal_;
  const base::CancelToken& cancel_;
  const GlobalOptions& global_;
  report::Log& log_;
  std::unique_ptr<events::Sink> progress_;
  std::unique_ptr<events::Sink> sink_;
};

// One line of JSON with its end.
std::string line_of(const nlohmann::ordered_json& object);
// The error of a command as such a line.
nlohmann::ordered_json error_event(const base::Error& error);

}  // namespace cli
