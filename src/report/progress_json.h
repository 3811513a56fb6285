// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A job's events as one JSON object a line: the contract's `--progress json`.

#include "base/clock.h"
#include "events/event.h"
#include "report/output.h"

#include <nlohmann/json_fwd.hpp>

namespace report {

class JsonProgress final : public events::Sink {
 public:
  // All of it outlives the sink.
  JsonProgress(const release::Catalogue& catalogue, Output& output, const base::Clock& clock)
      : catalogue_(catalogue), output_(output), clock_(clock), start_(clock.now()) {}
  void on(const std::string& device, const events::Event& event) override;

 private:
  const release::Catalogue& catalogue_;
  Output& output_;
  const base::Clock& clock_;
  base::Instant start_;
  std::string job_;  // the goal of the job at hand
};

// Without "time", "device" and "job". Null for what programs do not need.
nlohmann::ordered_json event_json(const events::Event& event, const release::Catalogue& catalogue);

}  // namespace report
