// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/progress.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace report {
namespace {

using events::Phase;

struct PhaseWords {
  Phase phase;
  std::string_view name;
  std::string_view verb;
};
constexpr PhaseWords kPhaseWords[] = {
    {Phase::find, "find", "looking for"},    {Phase::probe, "probe", "reading"},
    {Phase::backup, "backup", "backing up"}, {Phase::erase, "erase", "erasing"},
    {Phase::write, "write", "writing"},      {Phase::send, "send", "sending"},
    {Phase::verify, "verify", "verifying"},  {Phase::leave, "leave", "starting"},
    {Phase::wait, "wait", "waiting for"},    {Phase::confirm, "confirm", "asking"},
};

const PhaseWords& words(Phase phase) {
  return *std::find_if(std::begin(kPhaseWords), std::end(kPhaseWords),
                       [&](const PhaseWords& row) { return row.phase == phase; });
}

double seconds(base::Micros duration) { return std::chrono::duration<double>(duration).count(); }

// What is known of the phase at hand.
struct Current {
  events::PhaseStarted what;
  base::Instant since;
  std::uint64_t done = 0;
};

std::string headline(const events::PhaseStarted& what) {
  return what.subject.empty() ? std::string(verb(what.phase))
                              : fmt::format("{} {}", verb(what.phase), what.subject);
}

std::string prompt(const events::ActionNeeded& action) {
  return fmt::format("{} (waiting {})", action.what, human_seconds(seconds(action.within)));
}

std::string retry_text(const events::Retrying& retry) {
  return fmt::format("{}: {}; trying again ({} of {})", retry.what, retry.why, retry.attempt,
                     retry.of);
}

// Shared by the two forms for people.
class TextProgress : public events::Sink {
 public:
  TextProgress(const ProgressOptions& options, Output& output, const base::Clock& clock)
      : options_(options), output_(output), clock_(clock) {}

  void on(const std::string&, const events::Event& event) override {
    std::visit([this](const auto& e) { handle(e); }, event);
  }

 protected:
  virtual void started() = 0;
  virtual void moved() = 0;
  virtual void finished(bool good) = 0;
  virtual void line(const std::string& text) = 0;

  const Current* current() const { return current_ ? &*current_ : nullptr; }
  const ProgressOptions& options() const { return options_; }
  Output& output() { return output_; }
  double elapsed() const { return seconds(clock_.now() - current_->since); }
  base::Instant now() const { return clock_.now(); }

  // "45%  52.0 of 120.8 KiB  98.2 KiB/s  0.7 s left"
  std::string figures() const {
    const auto total = current_->what.total;
    const double share = static_cast<double>(current_->done) / static_cast<double>(total);
    const double took = elapsed();
    std::string text = fmt::format("{:3.0f}%  {} of {}", share * 100, human_bytes(current_->done),
                                   human_bytes(total));
    if (took > 0 && current_->done > 0) {
      text += fmt::format("  {}", human_rate(current_->done, took));
      if (current_->done < total) {
        text += fmt::format("  {} left", human_seconds(took / share - took));
      }
    }
    return text;
  }

  std::string result_line(bool good) const {
    std::string text = fmt::format("{}  {}", headline(current_->what), good ? "done" : "failed");
    if (current_->what.total > 0) text += fmt::format("  {}", human_bytes(current_->done));
    const double took = elapsed();
    if (took >= 0.0005) text += fmt::format("  {}", human_seconds(took));
    if (good && current_->what.total > 0 && took > 0) {
      text += fmt::format("  {}", human_rate(current_->done, took));
    }
    return text;
  }

 private:
  void handle(const events::PhaseStarted& e) {
    current_ = Current{e, clock_.now(), 0};
    started();
  }
  void handle(const events::PhaseProgress& e) {
    if (!current_) return;
    // Whatever a device makes us do again, what people see never goes back.
    current_->done = std::max(current_->done, std::min(e.done, current_->what.total));
    moved();
  }
  void handle(const events::PhaseFinished& e) {
    if (!current_) return;
    if (e.good) current_->done = current_->what.total;
    finished(e.good);
    current_.reset();
  }
  void handle(const events::Note& e) {
    if (e.detail <= options_.verbosity) line(e.text);
  }
  void handle(const events::Retrying& e) {
    line(paint(options_.style, Tone::warning, retry_text(e)));
  }
  void handle(const events::ActionNeeded& e) {
    line(paint(options_.style, Tone::strong, "==> " + prompt(e)));
  }
  void handle(const events::JobFinished&) {}

  ProgressOptions options_;
  Output& output_;
  const base::Clock& clock_;
  std::optional<Current> current_;
};

// One line that is drawn again. A finished phase leaves its line; quick ones that moved no bytes do
// not, so that the screen stays calm.
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
    const bool worth_keeping = !good || current()->what.total > 0 || options().verbosity > 0;
    clear();
    if (!worth_keeping) return;
    const std::string mark =
        good ? paint(options().style, Tone::good, "ok") : paint(options().style, Tone::bad, "!!");
    output().err(fmt::format("  {}  {}\n", mark, result_line(good)));
  }
  void line(const std::string& text) override {
    clear();
    output().err(wrap("  " + text, width(), 2) + "\n");
    if (current() != nullptr) draw();
  }

  std::size_t width() const {
    return static_cast<std::size_t>(std::max(options().style.width, 20));
  }

  void clear() { output().err("\r\x1b[K"); }

  void draw() {
    drawn_ = now();
    std::string text = "  " + headline(current()->what);
    if (current()->what.total > 0) {
      constexpr std::size_t kBar = 20;
      const std::size_t filled = static_cast<std::size_t>(
          static_cast<double>(kBar) * static_cast<double>(current()->done) /
          static_cast<double>(current()->what.total));
      const std::string figure = figures();
      const std::string bar = fmt::format("[{:#<{}}{:.<{}}]", "", filled, "", kBar - filled);
      const std::string full = fmt::format("{}  {} {}", text, bar, figure);
      text = columns(full) < width() ? full : fmt::format("{}  {}", text, figure);
    } else {
      text += " ...";
    }
    // A line that wraps cannot be drawn again: cut it.
    if (columns(text) >= width()) text.resize(width() - 1);
    output().err("\r\x1b[K" + text);
  }

  base::Instant drawn_{};
};

class PlainProgress final : public TextProgress {
 public:
  using TextProgress::TextProgress;

 private:
  void started() override {
    if (options().verbosity > 0 || current()->what.total == 0)
      output().err(headline(current()->what) + "\n");
  }
  void moved() override {}
  void finished(bool good) override {
    if (current()->what.total > 0 || !good || options().verbosity > 0)
      output().err(result_line(good) + "\n");
  }
  void line(const std::string& text) override { output().err(text + "\n"); }
};

class JsonProgress final : public events::Sink {
 public:
  JsonProgress(Output& output, const base::Clock& clock)
      : output_(output), clock_(clock), start_(clock.now()) {}

  void on(const std::string& device, const events::Event& event) override {
    Json line{{"time", seconds(clock_.now() - start_)}, {"device", device}};
    std::visit([&](const auto& e) { add(line, e); }, event);
    output_.err(line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  }

 private:
  using Json = nlohmann::ordered_json;

  void add(Json& line, const events::PhaseStarted& e) {
    phase_ = e;
    done_ = 0;
    line.update({{"event", "started"},
                 {"phase", name(e.phase)},
                 {"subject", e.subject},
                 {"total", e.total}});
  }
  void add(Json& line, const events::PhaseProgress& e) {
    done_ = std::max(done_, std::min(e.done, phase_.total));
    line.update({{"event", "progress"},
                 {"phase", name(phase_.phase)},
                 {"done", done_},
                 {"total", phase_.total}});
  }
  void add(Json& line, const events::PhaseFinished& e) {
    line.update({{"event", "finished"}, {"phase", name(phase_.phase)}, {"ok", e.good}});
  }
  static void add(Json& line, const events::Note& e) {
    line.update({{"event", "note"}, {"text", e.text}, {"detail", e.detail}});
  }
  static void add(Json& line, const events::Retrying& e) {
    line.update({{"event", "retry"},
                 {"what", e.what},
                 {"why", e.why},
                 {"attempt", e.attempt},
                 {"of", e.of}});
  }
  static void add(Json& line, const events::ActionNeeded& e) {
    line.update({{"event", "action-needed"}, {"what", e.what}, {"within", seconds(e.within)}});
  }
  static void add(Json& line, const events::JobFinished& e) {
    line.update({{"event", "job-finished"}, {"ok", e.good}});
  }

  Output& output_;
  const base::Clock& clock_;
  base::Instant start_;
  events::PhaseStarted phase_{};
  std::uint64_t done_ = 0;
};

}  // namespace

std::string_view verb(Phase phase) { return words(phase).verb; }
std::string_view name(Phase phase) { return words(phase).name; }

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
      return std::make_unique<JsonProgress>(output, clock);
  }
  return std::make_unique<events::NullSink>();
}

}  // namespace report
