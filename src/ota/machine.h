// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// One device on its way to a release, as a state machine without the outside world: events,
// answers and time go in, one question at a time comes out.
//
//   look ─► ping ─► mark ─► ready ─► send ─► back ─► verdict ─► ready … ─► (restore) ─► over
//             │               ▲                         │
//             └─► absent ──► look ◄── others            └─► look (lost: once more) or an end
//
// look: ask the cloud what it knows. ping: ask the device. absent: wait until it comes. mark: set
// the development flag of a product's device. ready: plan; nobody else sending; is what must be
// proved proved? send: one part. back: wait on events until the device has started anew, fallen
// silent, or the time is over. verdict: verdict.h. others: somebody else sends; let it finish.
// restore: the development flag as it was.

#include "ota/record.h"
#include "ota/result.h"
#include "ota/seen.h"
#include "ota/verdict.h"

#include <optional>
#include <string>
#include <variant>

namespace ota {

// What a machine wants to be asked of the cloud.
struct Look {};
struct Ping {};
struct Mark {
  bool development = false;
};
struct Send {
  std::shared_ptr<const base::Bytes> image;
  std::string file_name;
};
using Wanted = std::variant<Look, Ping, Mark, Send>;

enum class Phase {
  idle,
  look,
  ping,
  absent,
  mark,
  ready,
  send,
  back,
  verdict,
  others,
  restore,
  over
};
std::string_view name(Phase phase);

class Machine {
 public:
  // `wish` and `times` outlive it. `record`: of an earlier run, else only with the device's id.
  Machine(Record record, std::string product, const Wish& wish, const Times& times);

  void begin(base::Instant now);
  // Of this device, or of nobody in particular (the healer's).
  void hear(const cloud::Event& event, base::Instant now);
  void stream(bool ready, base::Instant now);
  // What came of the question that next() returned last.
  void answer(const cloud::Answer<cloud::Device>& answer, base::Instant now);
  void answer(const cloud::Answer<cloud::Ping>& answer, base::Instant now);
  void answer(const cloud::Answer<cloud::Development>& answer, base::Instant now);
  void answer(const cloud::Answer<cloud::FlashAnswer>& answer, base::Instant now);
  // Sends nothing more, for this reason, and no answer comes any more to what it has asked; the
  // flag is restored all the same, as far as the cloud lets it.
  void stop(const base::Error& why, base::Instant now);

  // What to ask now; none: nothing before wake(), an event, or an answer. Where record_changed(),
  // the record is to be saved before it is asked.
  std::optional<Wanted> next(base::Instant now);
  base::Instant wake() const { return wake_; }
  bool record_changed() { return std::exchange(record_changed_, false); }
  const Record& record() const { return record_; }

  bool over() const { return phase_ == Phase::over; }
  bool waits_for_answer() const { return outstanding_; }
  Phase phase() const { return phase_; }
  const DeviceResult& result() const { return result_; }
  // The part that is on its way; null if none is.
  const Sent* under_way() const;

 private:
  void run_phase(base::Instant now);
  void enter(Phase phase, base::Instant now);
  void ask(Wanted wanted, base::Instant now);
  void wait_until(base::Instant when) { wake_ = std::min(wake_, when); }
  // A question of a phase that got no whole answer: again later, or the end.
  void retry(const cloud::Failure& failure, const std::string& what, base::Instant now);
  bool looked(base::Instant now);  // there is a fresh look; else asks for one

  void look(base::Instant now);
  void ping(base::Instant now);
  void absent(base::Instant now);
  void mark(base::Instant now);
  void ready(base::Instant now);
  void send(base::Instant now);
  void back(base::Instant now);
  void silent(base::Instant now);
  void verdict(base::Instant now);
  void others(base::Instant now);
  void restore(base::Instant now);

  bool acceptable(base::Instant now);  // the device object; else an end
  void believe();                      // from the device object and the record
  bool started_anew() const;           // by the last look
  void deaf(base::Instant now);
  void begin_part(const Next& next, base::Instant now);
  void judged(const Judged& judged, base::Instant now);
  void arrived(base::Instant now);  // nothing is left to be sent
  std::string weakly_proved() const;
  void refuse(const plan::Refusal& refusal, base::Instant now);
  void end(Verdict verdict, std::string reason, base::Instant now,
           std::optional<base::Error> error = std::nullopt);
  void left_set();
  void finish();

  const Wish& wish_;
  const Times& times_;
  Record record_;
  bool record_changed_ = false;
  std::string product_;

  Phase phase_ = Phase::idle;
  base::Instant since_{};  // in this phase
  base::Instant begun_{};  // the whole
  base::Instant wake_ = base::Instant::max();
  base::Instant hold_{};  // no question before it
  std::optional<Wanted> wanted_;
  bool outstanding_ = false;
  int questions_ = 0;  // without a whole answer, one after the other

  bool stream_ = false;
  Ear ear_;
  Seen seen_;
  Belief belief_;
  std::optional<cloud::Device> device_;
  std::optional<base::Instant> looked_at_;
  std::optional<bool> pinged_;
  std::optional<base::Instant> heard_at_;  // the last event that the device was there for
  std::optional<base::Instant> absent_since_;
  bool asked_late_ = false;  // once more, after it should have been there
  int not_connected_ = 0;
  int unsent_ = 0;  // questions to send a part that the cloud did not take up, one after the other
  bool refuses_updates_ = false;
  int others_ = 0;

  // The part under way, or judged last.
  std::optional<Sent> part_;
  Belief before_;
  std::string handshake_;
  base::Instant sent_at_{};
  bool sent_ = false;  // it was asked for
  bool gap_asked_ = false;
  bool probed_ = false;
  bool asked_again_ = false;
  std::size_t parts_planned_ = 0;
  std::size_t parts_sent_ = 0;

  DeviceResult result_;
};

}  // namespace ota
