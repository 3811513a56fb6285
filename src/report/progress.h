// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Progress on stderr, in one of three forms: one line on a terminal that is drawn again, plain
// lines elsewhere (and for screen readers), one JSON object a line for programs.

#include "base/clock.h"
#include "events/event.h"
#include "report/output.h"
#include "report/style.h"

#include <memory>

namespace report {

enum class ProgressForm { none, bar, plain, json };

struct ProgressOptions {
  ProgressForm form = ProgressForm::plain;
  Style style;
  int verbosity = 0;  // notes with a higher detail are left out
  // For the result and the plan in the JSON form. Not null there.
  const release::Catalogue* catalogue = nullptr;
};

// `output`, `clock` and the catalogue must outlive the sink.
std::unique_ptr<events::Sink> make_progress(const ProgressOptions& options, Output& output,
                                            const base::Clock& clock);

}  // namespace report
