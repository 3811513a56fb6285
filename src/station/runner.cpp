// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/runner.h"

#include "base/bytes.h"
#include "base/files.h"
#include "discovery/observer.h"
#include "os/computer.h"
#include "platform/platform.h"
#include "station/file_watch.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace station {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The time of day goes on, and rates with it.
constexpr base::Micros kShownAnew = seconds(1);

std::int64_t wall_ms_now() {
  return std::chrono::duration_cast<milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

std::string new_uuid() {
  std::random_device random;
  std::array<std::uint8_t, 16> bytes{};
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
  std::string text = base::to_hex(bytes);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
  return text;
}

Runner::Runner(RunnerParts parts, Config config, Work work)
    : parts_(std::move(parts)), config_(std::move(config)), work_(std::move(work)) {}

Runner::~Runner() = default;

void Runner::tell(Command command, std::function<void(const std::string&)> answer) {
  mailbox_.put(Told{std::move(command), std::move(answer)});
}

base::Result<> Runner::run(Until until, const base::CancelToken& cancel) {
  crew_ = std::make_unique<ThreadedCrew>(
      CrewTools{.world = parts_.world,
                .tell = [this](News news) { mailbox_.put(std::move(news)); },
                .cancel = cancel,
                .backups = parts_.backups,
                .logs = parts_.logs,
                .stamp = parts_.stamp},
      config_.slots.size());
  crew_->use(std::make_shared<const Work>(work_));
  auto files = std::make_shared<FileWatch>(work_);
  Surroundings around{.clock = clock_,
                      .store = parts_.store,
                      .crew = *crew_,
                      .wall_ms = wall_ms_now,
                      .new_id = new_uuid,
                      .port_name = parts_.port_name,
                      .clock_is_sure = [] { return os::clock_is_synchronised().value_or(false); },
                      .changed_file = [files] { return files->changed(); },
                      .reload = {},
                      .boot = base::read_kernel_text("/proc/sys/kernel/random/boot_id"),
                      .tool = parts_.tool,
                      .user = parts_.user};
  if (parts_.reload) {
    around.reload = [this, files]() -> base::Result<std::pair<Config, Work>> {
      TRY_ASSIGN(auto fresh, parts_.reload());
      crew_->use(std::make_shared<const Work>(fresh.second));
      *files = FileWatch(fresh.second);
      return fresh;
    };
  }
  engine_ = std::make_unique<Engine>(std::move(around), config_, work_);
  TRY(engine_->begin());
  forget_old(parts_.backups);
  forget_old(parts_.logs);
  base::CancelToken over;
  std::thread watcher([&] { watch(over); });
  const auto served = serve(until, cancel);
  over.request();
  watcher.join();
  crew_.reset();  // waits for hooks of a stop
  // What they said last.
  for (const Letter& letter : mailbox_.take(base::Micros(0))) {
    if (std::holds_alternative<News>(letter)) engine_->on(std::get<News>(letter));
  }
  if (served) engine_->end();
  return served;
}

// Backups and logs are named by their jobs: those of devices that passed go when they are old. What
// failed is kept until somebody prunes it.
void Runner::forget_old(const std::string& folder) {
  const auto& keep = config_.records.backups_keep;
  if (folder.empty() || !keep) return;
  const auto names = base::list_files(folder);
  if (!names) return;
  const std::int64_t keep_ms = std::chrono::duration_cast<milliseconds>(*keep).count();
  for (const std::string& path : *names) {
    const std::string file = base::file_name(path);
    const auto row = parts_.store.find_row(file.substr(0, file.find('.')));
    if (!row || !*row || !(*row)->ending) continue;
    const records::Ending& ending = *(*row)->ending;
    const bool old = wall_ms_now() - ending.ended_ms > keep_ms;
    if (old && ending.outcome == records::Outcome::pass) {
      if (const auto gone = base::remove_file(path); !gone) return;
    }
  }
}

// On a thread of its own.
void Runner::watch(const base::CancelToken& over) {
  const auto world = parts_.world();
  discovery::Observer observer(*world, platform::electron());
  observer.subscribe([this](const discovery::Change& change) { mailbox_.put(change); });
  constexpr base::Micros kForEver = std::chrono::hours(24 * 365 * 10);
  bool first = true;
  while (!over.requested()) {
    const auto end = observer.follow(kForEver, over, [&] {
      if (std::exchange(first, false)) mailbox_.put(Looked{});
      return false;
    });
    if (!end) {
      mailbox_.put(Blind{end.error()});
      clock_.sleep(kShownAnew, over);
    }
  }
}

base::Result<> Runner::take(const Letter& letter) {
  if (const auto* news = std::get_if<News>(&letter)) {
    engine_->on(*news);
  } else if (const auto* change = std::get_if<discovery::Change>(&letter)) {
    engine_->on(*change);
  } else if (const auto* told = std::get_if<Told>(&letter)) {
    const std::string problem = engine_->command(told->command);
    if (told->answer) told->answer(problem);
  } else if (const auto* blind = std::get_if<Blind>(&letter)) {
    return blind->error;
  } else {
    looked_ = true;
  }
  return {};
}

base::Result<> Runner::serve(Until until, const base::CancelToken& cancel) {
  base::Result<> trouble;
  base::Instant shown{};
  while (true) {
    const base::Instant now = clock_.now();
    base::Micros wait = base::kWishNoticed;
    if (const auto at = engine_->tick_at()) wait = std::clamp(*at - now, base::Micros(0), wait);
    const std::vector<Letter> letters = mailbox_.take(wait);
    for (const Letter& letter : letters) {
      const auto taken = take(letter);
      // What runs comes to its end, then the station does.
      if (!taken && trouble) trouble = taken;
    }
    engine_->tick();
    if ((cancel.requested() || !trouble) && !std::exchange(draining_, true)) {
      engine_->command({Command::What::drain, "", parts_.user});
    }
    if (!letters.empty() || clock_.now() - shown >= kShownAnew) {
      shown = clock_.now();
      publish();
    }
    if (is_over(until)) break;
  }
  publish();
  if (!trouble) return trouble;
  return {};
}

bool Runner::is_over(Until until) const {
  if (engine_->draining() && engine_->idle()) return true;
  return until == Until::settled && looked_ && engine_->settled();
}

void Runner::publish() {
  const auto status = std::make_shared<const Status>(engine_->status());
  const std::vector<Alarm> alarms = engine_->take_alarms();
  const std::vector<Result> results = engine_->take_results();
  for (Listener* listener : listeners_) {
    for (const Alarm& alarm : alarms) listener->on_alarm(alarm);
    for (const Result& result : results) listener->on_result(result);
    listener->on_status(status);
  }
}

}  // namespace station
