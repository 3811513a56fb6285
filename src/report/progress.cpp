// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/progress.h"

#include "report/headline.h"
#include "report/progress_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace report {
namespace {

using events::Doing;

std::string prompt(const events::PersonNeeded& person) {
  return fmt::format("{} (waiting {})", person.what,
                     human_seconds(base::in_seconds(person.within)));
}

std::string retry_text(const events::Retrying& retry) {
  return fmt::format("{}: {}; trying again ({} of {})", retry.what, retry.why, retry.attempt,
                     retry.of);
}

// What is known of the step at hand.
struct Current {
  events::StepStarted what;
  base::Instant since;
  events::Progress now;
};

// A step of a plan: (stage, step).
using Place = std::pair<std::size_t, std::size_t>;

// Those that are carried out, for "step n of m".
std::vector<Place> steps_of(const plan::Plan& plan) {
  std::vector<Place> places;
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    const auto& steps = plan.stages[i].steps;
    for (std::size_t j = 0; j < steps.size(); ++j) {
      if (steps[j].action != plan::Action::skip) places.emplace_back(i, j);
    }
  }
  return places;
}

// Shared by the two forms for people.
class TextProgress : public events::Sink {
 public:
  TextProgress(const ProgressOptions& options, Output& output, const base::Clock& clock)
      : options_(options), output_(output), clock_(clock), start_(clock.now()) {}

  void on(const std::string&, const events::Event& event) override {
    std::visit([this](const auto& e) { handle(e); }, event);
  }

 protected:
  virtual void started() = 0;
  virtual void moved() = 0;
  virtual void finished(bool good) = 0;
  virtual void line(const std::string& text) = 0;
  virtual void over() {}

  const Current* current() const { return current_ ? &*current_ : nullptr; }
  const ProgressOptions& options() const { return options_; }
  Output& output() { return output_; }
  base::Instant now() const { return clock_.now(); }
  double share() const { return share_; }

  // "3/6 " within a plan, else nothing. One that is done again has its old number.
  std::string number() const {
    if (!current_ || !current_->what.stage || !current_->what.step) return {};
    const auto place =
        std::ranges::find(steps_, Place{*current_->what.stage, *current_->what.step});
    if (place == steps_.end()) return {};
    return fmt::format("{}/{} ", place - steps_.begin() + 1, steps_.size());
  }

  // Of the whole job; empty while it is not worth reading.
  std::string time_left() const {
    const double took = base::in_seconds(clock_.now() - start_);
    if (share_ < 0.05 || took < 1 || share_ >= 1) return {};
    return fmt::format("{} left", human_seconds(std::max(1.0, took / share_ - took)));
  }

  std::string result_line(bool good) const {
    std::string text =
        fmt::format("{}{}  {}", number(), headline(current_->what), good ? "done" : "failed");
    if (current_->what.bytes > 0 && good) {
      text += fmt::format("  {}", human_bytes(current_->what.bytes));
    }
    const double took = base::in_seconds(clock_.now() - current_->since);
    if (took >= 0.05) text += fmt::format("  {}", human_seconds(took));
    return text;
  }

 private:
  void handle(const events::JobStarted&) { start_ = clock_.now(); }
  void handle(const events::PlanReady& e) { steps_ = steps_of(*e.plan); }
  void handle(const events::StepStarted& e) {
    current_ = Current{e, clock_.now(), {}};
    started();
  }
  void handle(const events::Progress& e) {
    share_ = std::max(share_, e.share);
    if (!current_) return;
    current_->now = e;
    moved();
  }
  void handle(const events::StepFinished& e) {
    if (!current_) return;
    finished(e.good);
    current_.reset();
  }
  void handle(const events::Note& e) {
    if (e.detail <= options_.verbosity) line(e.text);
  }
  void handle(const events::Retrying& e) {
    line(paint(options_.style, Tone::warning, retry_text(e)));
  }
  void handle(const events::PersonNeeded& e) {
    line(paint(options_.style, Tone::strong, "==> " + prompt(e)));
  }
  void handle(const events::JobFinished&) { over(); }

  ProgressOptions options_;
  Output& output_;
  const base::Clock& clock_;
  base::Instant start_;
  std::optional<Current> current_;
  double share_ = 0;
  std::vector<Place> steps_;  // of the plan
};

// One line for the whole job that is drawn again. A finished step folds into a calm line of its
// own; quick ones of the frame leave none.
class BarProgress final : public TextProgress {
 public:
  using TextProgress::TextProgress;

 private:
  void started() override { draw(); }
  void moved() override {
    // A terminal shows no more than some twenty pictures a second; more would only slow the device.
    constexpr base::Micros kFrame{50'000};
    if (now() - drawn_ >= kFrame) draw();
  }
  void finished(bool good) override {
    const bool worth_keeping =
        !good || current()->what.step || current()->what.bytes > 0 || options().verbosity > 0;
    clear();
    if (!worth_keeping) return;
    const std::string mark =
        good ? paint(options().style, Tone::good, "ok") : paint(options().style, Tone::bad, "!!");
    output().err(fmt::format("  {}  {}\n", mark, fit(result_line(good), 6)));
  }
  void line(const std::string& text) override {
    clear();
    output().err(wrap("  " + text, width(), 2) + "\n");
    if (current() != nullptr) draw();
  }
  void over() override { clear(); }

  std::size_t width() const {
    return static_cast<std::size_t>(std::max(options().style.width, 20));
  }
  std::string fit(std::string text, std::size_t before) const {
    if (columns(text) + before < width()) return text;
    text.resize(width() - before - 1);
    return text;
  }

  void clear() { output().err("\r\x1b[K"); }

  // "[####......]  43%  2/6 writing system part 1 (2.3.1)  12 s left", in 60 columns: what does
  // not fit is left out from behind, never the share.
  void draw() {
    drawn_ = now();
    constexpr std::size_t kBar = 10;
    const auto filled = static_cast<std::size_t>(static_cast<double>(kBar) * share());
    std::string text =
        fmt::format("  [{:#<{}}{:.<{}}] {:3.0f}%  {}{}", "", filled, "", kBar - filled,
                    share() * 100, number(), headline(current()->what));
    const std::string left = time_left();
    if (!left.empty() && columns(text) + columns(left) + 2 < width()) text += "  " + left;
    output().err("\r\x1b[K" + fit(std::move(text), 0));
  }

  base::Instant drawn_{};
};

// A line a step.
class PlainProgress final : public TextProgress {
 public:
  using TextProgress::TextProgress;

 private:
  // What a person waits for is said when it begins, all else when it is over.
  void started() override {
    const Doing doing = current()->what.doing;
    const bool waits = doing == Doing::start || doing == Doing::reach || doing == Doing::send;
    if (waits || options().verbosity > 0) {
      output().err(number() + headline(current()->what) + "\n");
    }
  }
  void moved() override {}
  void finished(bool good) override {
    if (!good || current()->what.step || current()->what.bytes > 0 || options().verbosity > 0) {
      output().err(result_line(good) + "\n");
    }
  }
  void line(const std::string& text) override { output().err(text + "\n"); }
};

}  // namespace

std::unique_ptr<events::Sink> make_progress(const ProgressOptions& options, Output& output,
                                            const base::Clock& clock) {
  switch (options.form) {
    case ProgressForm::none:
      return std::make_unique<events::NullSink>();
    case ProgressForm::bar:
      return std::make_unique<BarProgress>(options, output, clock);
    case ProgressForm::plain:
      return std::make_unique<PlainProgress>(options, output, clock);
    case ProgressForm::json:
      return std::make_unique<JsonProgress>(*options.catalogue, output, clock);
  }
  return std::make_unique<events::NullSink>();
}

}  // namespace report
