// SPDX-License-Identifier: GPL-3.0-or-later
#include "ota/fleet.h"

#include "ota/survey.h"
#include "platform/platform.h"

#include <fmt/format.h>

#include <algorithm>

namespace ota {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Where no stream comes about in this time, none will.
constexpr auto kNoStream = minutes(5);
// What is left to be done after a wish to stop: the development flags.
constexpr auto kRestoring = seconds(60);
constexpr auto kAfterLimit = minutes(1);

base::Error interrupted() {
  return base::make_error(base::Errc::cancelled, "interrupted",
                          "run the same command again: it goes on where this one stopped");
}

}  // namespace

FleetResult Fleet::run(FleetOrder order, const base::CancelToken& cancel) {
  order_ = std::move(order);
  result_.error = prepare(cancel);
  if (!result_.error && !members_.empty() && order_.consent && !order_.consent(members_.size())) {
    result_.error =
        base::make_error(base::Errc::usage, "not-confirmed", "nothing was sent: nobody said yes",
                         "say yes, or run the same command with --yes");
  }
  result_.product = order_.place.product;
  if (result_.error) return std::move(result_);
  watcher_.begins(members_.size());
  if (!order_.wish.dry_run) feed_.emplace(wire_, account_, order_.place);
  work(cancel);
  if (feed_) {
    result_.streams = feed_->opened();
    feed_->close();
  }
  for (const Member& member : members_) result_.devices.push_back(member.machine->result());
  return std::move(result_);
}

std::optional<base::Error> Fleet::prepare(const base::CancelToken& cancel) {
  // A token can die midway: one that is dead already is found out before anything is sent.
  const auto token = cloud::parse_token(
      await(wire_, clock_, cloud::ask_token(account_), cancel, result_.requests));
  if (cancel.requested()) return interrupted();
  if (!token && (token.failure().kind == cloud::Trouble::token ||
                 token.failure().kind == cloud::Trouble::unreachable)) {
    return cloud::error_of(token.failure(), "checking the token");
  }
  if (token && !token->expires_at.empty()) {
    watcher_.note("the token expires at " + token->expires_at);
  }
  if (auto error = choose_product(cancel)) return error;
  if (order_.devices.empty()) {
    auto listed = list_devices(wire_, clock_, account_, order_.place, cancel, result_.requests);
    if (!listed) return std::move(listed.error());
    order_.devices = std::move(*listed);
  }
  for (const std::string& id : order_.devices) {
    if (by_id_.contains(id)) continue;
    auto loaded = records_.load(id);
    if (!loaded) return std::move(loaded.error());
    Record record = loaded->value_or(Record{});
    record.device = id;
    by_id_[id] = members_.size();
    members_.emplace_back().machine = std::make_unique<Machine>(
        std::move(record), order_.place.product, order_.wish, order_.times);
  }
  return std::nullopt;
}

std::optional<base::Error> Fleet::choose_product(const base::CancelToken& cancel) {
  if (order_.place.product.empty()) {
    if (order_.devices.empty()) return std::nullopt;
    // The first device tells whether they are a product's; one that is not like it ends by itself.
    const std::string& first = order_.devices.front();
    const auto device = cloud::parse_device(
        await(wire_, clock_, cloud::ask_device(account_, {}, first), cancel, result_.requests),
        first);
    if (cancel.requested()) return interrupted();
    if (!device || !device->in_product()) return std::nullopt;
    order_.place.product = std::to_string(*device->product);
    watcher_.note("the device belongs to product " + order_.place.product);
  }
  const auto product = cloud::parse_product(await(
      wire_, clock_, cloud::ask_product(account_, order_.place.product), cancel, result_.requests));
  if (cancel.requested()) return interrupted();
  const std::string what = "asking for product " + base::printable(order_.place.product);
  if (!product) return cloud::error_of(product.failure(), what);
  if (product->platform != platform::electron().id) {
    return base::make_error(base::Errc::refused, "wrong-product",
                            what + ": it is none of Electrons", "check --product");
  }
  return std::nullopt;
}

void Fleet::work(const base::CancelToken& cancel) {
  // A second wish stops the restoring, too.
  const base::CancelToken patient(cancel, 1);
  const base::Instant begun = clock_.now();
  while (!over()) {
    const base::Instant now = clock_.now();
    if (cancel.requested() && !stopping_) {
      stop(interrupted(), now);
      give_up_ = now + kRestoring;
    }
    if (feed_) hear(feed_->tick(now), now);
    if (feed_ && result_.streams == 0 && now - begun >= kNoStream && !stopping_) {
      stop(base::make_error(base::Errc::timeout, "no-events",
                            "the cloud's event stream cannot be opened",
                            "without it nothing is sent; run the same command again later"),
           now);
    }
    turn(now);
    if (over() || now >= give_up_ || patient.requested()) break;
    if (auto happening = wire_.next(wake(), stopping_ ? patient : cancel)) {
      take(*happening, clock_.now());
    }
  }
  // Whoever is left could not restore in time.
  for (Member& member : members_) save(member);
}

void Fleet::turn(base::Instant now) {
  if (now < hold_) return;
  for (std::size_t number = 0; number < members_.size(); ++number) {
    Member& member = members_[number];
    if (member.ended || (!member.due && member.machine->wake() > now)) continue;
    turn(member, number, now);
  }
}

void Fleet::turn(Member& member, std::size_t number, base::Instant now) {
  Machine& machine = *member.machine;
  const bool ready = !feed_ || feed_->ready();
  if (!member.begun) {
    if (stopping_ || !ready || at_work_ >= order_.at_once) return;
    member.begun = true;
    machine.stream(true, now);
    machine.begin(now);
  }
  if (!member.slot && member.needs_slot()) {
    if (at_work_ >= order_.at_once) return;
    member.slot = true;
    ++at_work_;
  }
  member.due = false;
  const auto wanted = machine.next(now);
  save(member);
  if (wanted && !member.ended) put(number, *wanted);
  if (member.slot && (machine.over() || machine.phase() == Phase::absent)) {
    member.slot = false;
    --at_work_;
    // Somebody else may begin.
    for (Member& other : members_) other.due = other.due || !other.slot;
  }
  tell(member);
}

void Fleet::put(std::size_t number, const Wanted& wanted) {
  const std::string& id = members_[number].machine->result().id;
  Question question{number, Kind::look};
  net::Ask ask;
  if (std::holds_alternative<Look>(wanted)) {
    ask = cloud::ask_device(account_, order_.place, id);
  } else if (std::holds_alternative<Ping>(wanted)) {
    question.kind = Kind::ping;
    ask = cloud::ask_ping(account_, order_.place, id);
  } else if (const auto* mark = std::get_if<Mark>(&wanted)) {
    question.kind = Kind::mark;
    ask = cloud::ask_development(account_, order_.place, id, mark->development);
  } else {
    const auto& send = std::get<Send>(wanted);
    question.kind = Kind::flash;
    ask = cloud::ask_flash(account_, order_.place, id, send.image, send.file_name);
  }
  questions_[wire_.ask(ask)] = question;
  ++result_.requests;
}

void Fleet::save(Member& member) {
  if (!member.machine->record_changed()) return;
  auto saved = records_.save(member.machine->record());
  if (saved) return;
  // Without it a later run could not restore what this one changes.
  if (!stopping_) stop(saved.error(), clock_.now());
}

void Fleet::tell(Member& member) {
  Machine& machine = *member.machine;
  if (machine.over()) {
    if (std::exchange(member.ended, true)) return;
    save(member);
    watcher_.ended(machine.result());
    return;
  }
  const std::size_t sent = machine.result().sent.size();
  if (member.told == machine.phase() && member.told_sent == sent) return;
  member.told = machine.phase();
  member.told_sent = sent;
  watcher_.moved(machine);
}

void Fleet::take(const net::Happening& happening, base::Instant now) {
  if (feed_) hear(feed_->hear(happening, now), now);
  const auto found = questions_.find(happening.ticket);
  if (found == questions_.end()) return;
  const Question question = found->second;
  questions_.erase(found);
  if (const auto* reply = std::get_if<net::Reply>(&happening.what)) {
    answer(question, *reply, now);
  } else if (const auto* error = std::get_if<base::Error>(&happening.what)) {
    answer(question, *error, now);
  }
}

template <class Value>
void Fleet::hand_on(Member& member, const cloud::Answer<Value>& answer, base::Instant now) {
  member.due = true;
  member.machine->answer(answer, now);
  if (answer) return;
  if (answer.failure().kind == cloud::Trouble::limit) {
    hold_ = std::max(hold_, now + answer.failure().retry_after.value_or(kAfterLimit));
  } else if (answer.failure().kind == cloud::Trouble::token && !stopping_) {
    stop(cloud::error_of(answer.failure(), "asking the cloud"), now);
  }
}

void Fleet::answer(const Question& question, const cloud::Raw& raw, base::Instant now) {
  Member& member = members_[question.member];
  switch (question.kind) {
    case Kind::look:
      return hand_on(member, cloud::parse_device(raw, member.machine->result().id), now);
    case Kind::ping:
      return hand_on(member, cloud::parse_ping(raw), now);
    case Kind::mark:
      return hand_on(member, cloud::parse_development(raw), now);
    case Kind::flash:
      return hand_on(member, cloud::parse_flash(raw), now);
  }
}

void Fleet::hear(const std::vector<cloud::Heard>& heard, base::Instant now) {
  for (const cloud::Heard& one : heard) {
    if (const auto* refused = std::get_if<cloud::StreamRefused>(&one)) {
      stop(cloud::error_of(refused->failure, "opening the event stream"), now);
      continue;
    }
    const auto* event = std::get_if<cloud::Event>(&one);
    const bool everybody = event == nullptr || std::holds_alternative<cloud::Healer>(event->what);
    if (event == nullptr) result_.streams = feed_->opened();
    if (!everybody) {
      const auto found = by_id_.find(event->device);
      if (found == by_id_.end()) continue;
      Member& member = members_[found->second];
      if (!member.begun || member.ended) continue;
      member.machine->hear(*event, now);
      member.due = true;
      continue;
    }
    for (Member& member : members_) {
      if (member.ended) continue;
      member.due = true;
      if (!member.begun) continue;
      if (event != nullptr) {
        member.machine->hear(*event, now);
      } else {
        member.machine->stream(std::holds_alternative<cloud::StreamReady>(one), now);
      }
    }
  }
}

void Fleet::stop(const base::Error& why, base::Instant now) {
  stopping_ = true;
  result_.error = why;
  hold_ = now;
  // Nothing is awaited any more but the flags that are to be restored.
  for (const auto& [ticket, question] : questions_) wire_.drop(ticket);
  questions_.clear();
  for (Member& member : members_) {
    if (member.ended) continue;
    member.due = true;
    member.begun = true;
    member.machine->stop(why, now);
  }
}

base::Instant Fleet::wake() const {
  base::Instant first = give_up_;
  if (feed_) first = std::min(first, feed_->wake());
  if (hold_ > clock_.now()) return std::min(first, hold_);
  for (const Member& member : members_) {
    // Those that wait for a place are begun when one is free.
    if (!member.begun || member.ended || (!member.slot && member.needs_slot())) continue;
    first = std::min(first, member.machine->wake());
  }
  return first;
}

bool Fleet::over() const {
  return std::ranges::all_of(members_, [](const Member& member) { return member.ended; });
}

}  // namespace ota
