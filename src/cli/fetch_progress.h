// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Downloads, for people and programs: one line that is written over on a terminal, a line for every
// quarter elsewhere, an object for every hundredth with --progress json.

#include "cli/context.h"
#include "fetch/fetcher.h"

#include <string>

namespace cli {

class FetchProgress {
 public:
  explicit FetchProgress(Context& context);
  void on(const fetch::Progress& progress);
  // Before anything else is said: takes the line away.
  void clear();

 private:
  enum class Form { none, line, plain, json };
  std::string words(const fetch::Progress& progress) const;

  Context& context_;
  Form form_ = Form::none;
  std::string what_;
  std::uint64_t done_ = 0;
  std::uint64_t told_ = 0;  // hundredths, or megabytes where the length is not known
  bool on_screen_ = false;
};

}  // namespace cli
