// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/context.h"

#include "base/files.h"
#include "plan/explain.h"
#include "report/document.h"
#include "report/documents/devices.h"
#include "report/exit_code.h"
#include "report/plan_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
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

void Context::keep_run_log() {
  // The time of a virtual Electron passes at once, so nobody waits for it.
  if (!global.simulated()) record.keep_computer_awake();
  const auto kept = record.keep_in(environment_.log_directory);
  if (!kept) detail("this run leaves no log: " + kept.error().message, 1);
}

base::Result<> Context::open_log_file() {
  if (global.log_file.empty()) return {};
  TRY(record.write_to(global.log_file));
  if (auto lost = lost_lines()) return std::move(*lost);
  return {};
}

std::optional<base::Error> Context::lost_lines() const {
  const auto lost = [](const std::string& name, const std::string& why) {
    return base::make_error(base::Errc::bad_file, "lines-lost",
                            fmt::format("{} is not whole: {}", base::printable(name), why),
                            "make room, or name another file");
  };
  if (const auto why = record.problem(); !why.empty()) return lost(global.log_file, why);
  if (const auto why = worlds.trace_problem(); !why.empty()) return lost(global.trace_file, why);
  return std::nullopt;
}

int Context::finish(const nlohmann::ordered_json& document, int code) {
  if (const auto error = document.find("error"); error != document.end()) {
    record.log().add("error", error->value("message", std::string()));
  }
  if (code == report::kDone) {
    if (auto lost = lost_lines()) {
      lost->hint = "what was asked for is done, only the record of it is not; " + lost->hint;
      return fail(*lost, document);
    }
  }
  console.document(document);
  return code;
}

int Context::fail(const base::Error& error) { return fail(error, report::document()); }

int Context::fail(const base::Error& error, nlohmann::ordered_json document) {
  base::Error told = error;
  if (told.hint.empty()) told.hint = usual_hint(told.code);
  record.log().add("error", fmt::format("{}: {}", told.id, told.message));
  if (global.json) {
    report::add_error(document, told);
    if (told.code == base::Errc::ambiguous_device) {
      report::add_candidates(document, worlds.candidates());
    }
    console.document(document);
  } else {
    console.error(told);
  }
  return report::exit_code(told.code);
}

int Context::refuse(const plan::Refusal& refusal, nlohmann::ordered_json document) {
  const base::Error error = plan::as_error(refusal);
  report::add_refusal(document, refusal);
  if (!global.json && global.progress == "json") {
    console.error(error);
  } else if (!global.json) {
    note(plan::explain(refusal, report::columns_within(console.error_style(), plan::kWidestText)));
  }
  return finish(document, report::exit_code(error.code));
}

}  // namespace cli
