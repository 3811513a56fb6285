// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/progress_json.h"

#include "report/headline.h"
#include "report/job_report.h"
#include "report/plan_json.h"

#include <nlohmann/json.hpp>

namespace report {
namespace {

using Json = nlohmann::ordered_json;

class JsonWriter {
 public:
  explicit JsonWriter(const release::Catalogue& catalogue) : catalogue_(catalogue) {}

  Json operator()(const events::JobStarted& e) const {
    return {{"event", "job-started"}, {"goal", e.goal}};
  }
  Json operator()(const events::PlanReady& e) const {
    return {{"event", "plan"}, {"plan", plan_json(*e.plan, catalogue_)}};
  }
  Json operator()(const events::StepStarted& e) const {
    Json json{{"event", "step-started"}, {"doing", name(e.doing)}, {"subject", e.subject},
              {"text", headline(e)},     {"stage", nullptr},       {"step", nullptr},
              {"bytes", e.bytes},        {"weight", e.weight}};
    if (e.stage) json["stage"] = *e.stage;
    if (e.step) json["step"] = *e.step;
    return json;
  }
  Json operator()(const events::Progress& e) const {
    return {{"event", "progress"},
            {"share", e.share},
            {"part", name(e.part)},
            {"done", e.done},
            {"total", e.total}};
  }
  Json operator()(const events::StepFinished&) const { return nullptr; }
  Json operator()(const events::Note& e) const {
    return {{"event", "note"}, {"text", e.text}, {"detail", e.detail}};
  }
  Json operator()(const events::Retrying& e) const {
    return {
        {"event", "retry"}, {"what", e.what}, {"why", e.why}, {"attempt", e.attempt}, {"of", e.of}};
  }
  Json operator()(const events::PersonNeeded& e) const {
    return {{"event", "person-needed"},
            {"action", name(e.action)},
            {"what", e.what},
            {"within", base::in_seconds(e.within)}};
  }
  Json operator()(const events::JobFinished& e) const {
    Json json{{"event", "job-finished"}, {"ok", e.good()}};
    if (e.report != nullptr) json["result"] = job_json(*e.report, catalogue_);
    return json;
  }

 private:
  const release::Catalogue& catalogue_;
};

}  // namespace

Json event_json(const events::Event& event, const release::Catalogue& catalogue) {
  return std::visit(JsonWriter(catalogue), event);
}

void JsonProgress::on(const std::string& device, const events::Event& event) {
  if (const auto* started = std::get_if<events::JobStarted>(&event)) job_ = started->goal;
  Json json = event_json(event, catalogue_);
  if (json.is_null()) return;
  Json line{{"event", json["event"]},
            {"time", base::in_seconds(clock_.now() - start_)},
            {"device", device},
            {"job", job_}};
  line.update(json);
  output_.err(line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace report
