// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "firmware/module.h"

namespace firmware {

// What makes the header wrong for `platform`: codes wrong-platform, unknown-function,
// wrong-address, too-long. Empty if nothing does. Looks at the header alone, so it also serves for
// flash contents.
std::vector<Problem> header_problems(const ModuleHeader& header,
                                     const platform::Platform& platform);

// Everything that is wrong with the module, in itself and for `platform`, the most telling first.
// Empty if nothing is.
std::vector<Problem> all_problems(const ParsedModule& module, const platform::Platform& platform);

// What the user can do about a problem of this code; empty if there is nothing to say.
std::string_view advice(std::string_view code);

// The proof that the module is whole and fits `platform`, or the first problem as an error
// (Errc::bad_module, id = the problem's code). `source` names it in messages.
base::Result<CheckedModule> check(const ParsedModule& module, const platform::Platform& platform,
                                  std::string source);

// Reads, parses and checks a file; a file over kLargestFile is refused without being read.
base::Result<CheckedModule> load(const std::string& path, const platform::Platform& platform);

}  // namespace firmware
