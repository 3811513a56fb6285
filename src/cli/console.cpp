// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/console.h"

#include "report/document.h"
#include "report/progress.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

// Without progress, what somebody has to do at the device is told all the same.
class OrdersOnly final : public events::Sink {
 public:
  explicit OrdersOnly(Console& console) : console_(console) {}
  void on(const std::string& device, const events::Event& event) override {
    const auto* order = std::get_if<events::PersonNeeded>(&event);
    if (order != nullptr) console_.note(fmt::format("==> {}: {}", device, order->what));
  }

 private:
  Console& console_;
};

}  // namespace

std::string line_of(const nlohmann::ordered_json& object) {
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

nlohmann::ordered_json error_event(const base::Error& error) {
  return {{"event", "error"}, {"code", error.id}, {"message", error.message}, {"hint", error.hint}};
}

bool Console::colours(bool is_terminal) const {
  if (global_.color != "auto") return global_.color == "always";
  return is_terminal && !terminal_.no_color && !terminal_.dumb;
}

report::Style Console::style() const {
  return {colours(terminal_.out_is_terminal) && !global_.json,
          terminal_.out_is_terminal ? terminal_.width : 0};
}

report::Style Console::error_style() const {
  return {colours(terminal_.err_is_terminal), terminal_.width};
}

void Console::print(std::string_view text) { output_.out(text); }

void Console::note(std::string_view text) { detail(text, 0); }

void Console::detail(std::string_view text, int level) {
  log_.add("note", text);
  if (global_.verbosity < level) return;
  if (global_.progress == "json") {
    output_.err(line_of({{"event", "note"}, {"text", text}, {"detail", level}}));
  } else {
    output_.err(fmt::format("{}\n", text));
  }
}

void Console::document(const nlohmann::ordered_json& document) {
  if (global_.json) output_.out(report::to_text(document));
}

void Console::error(const base::Error& error) {
  if (global_.progress == "json") {
    output_.err(line_of(error_event(error)));
    return;
  }
  const report::Style look = error_style();
  output_.err(report::paint(look, report::Tone::bad, "error:") + " " + error.message + "\n" +
              report::paint(look, report::Tone::strong, "hint: ") + " " + error.hint + "\n");
}

base::Result<> Console::consent(std::string_view question, base::Error otherwise) {
  if (global_.yes || output_.ask(question)) return {};
  if (!cancel_.requested()) return otherwise;
  return base::make_error(base::Errc::cancelled, "interrupted at a question; nothing was done",
                          "run the same command again");
}

events::Sink& Console::sink(const base::Clock& clock) {
  if (global_.progress == "none") {
    progress_ = std::make_unique<OrdersOnly>(*this);
  } else {
    report::ProgressForm form = report::ProgressForm::plain;
    if (global_.progress == "json") {
      form = report::ProgressForm::json;
    } else if (global_.progress == "bar" ||
               (global_.progress == "auto" && terminal_.err_is_terminal && !terminal_.dumb)) {
      form = report::ProgressForm::bar;
    }
    progress_ = report::make_progress(
        {form, error_style(), global_.verbosity, &release::Catalogue::embedded()}, output_, clock);
  }
  sink_ = std::make_unique<report::LogSink>(log_, *progress_);
  return *sink_;
}

}  // namespace cli
