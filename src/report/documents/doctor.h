// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What `doctor` has found, as text and as its document.

#include "report/exit_code.h"
#include "report/style.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace report {

// One thing that was looked at.
struct Finding {
  std::string code;  // stable, kebab-case
  bool good = true;
  std::string message;
  std::string command;  // what mends it, to be typed as it stands; empty if no command does
  std::string advice;   // what else to do, for people; either is there unless it is good
  ExitCode exit = kDone;
};

// The finding that the command ends with; null if all are good. Without permission nothing else can
// be told, so that comes before everything.
const Finding* worst_of(const std::vector<Finding>& findings);

std::string doctor_text(const std::vector<Finding>& findings, const Style& style);
// {findings: [{code, ok, message, command, advice}]}, with the worst as its error
nlohmann::ordered_json doctor_document(const std::vector<Finding>& findings);

}  // namespace report
