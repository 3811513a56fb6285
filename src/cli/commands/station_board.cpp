// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/bytes.h"
#include "board/server.h"
#include "cli/commands/station.h"
#include "cli/commands/station_links.h"
#include "cli/context.h"
#include "cli/parser.h"
#include "mqtt/hall.h"
#include "report/document.h"
#include "report/exit_code.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli {
namespace {

struct BoardOptions {
  std::string mqtt;
  std::string site;
  std::string db;
  std::string listen = "127.0.0.1:8080";
  std::vector<std::string> hosts;
  std::string token_file;
};

base::Result<std::unique_ptr<mqtt::Hall>> watch_hall(const BoardOptions& options,
                                                     board::Feed& feed) {
  if (options.site.empty()) {
    return base::make_error(base::Errc::usage, "no-site", "--mqtt needs --site",
                            "say which site's stations are to be shown, as [mqtt] site of theirs");
  }
  mqtt::HallOptions hall;
  hall.broker.url = options.mqtt;
  hall.site = options.site;
  // Several boards of a hall are welcome: each has a name of its own.
  hall.id = fmt::format("er-board-{:x}", now_ms());
  hall.on_status = [&feed](const auto& status) { feed.on_status(status); };
  hall.on_gone = [&feed](const std::string& station) { feed.gone(station); };
  hall.on_alarm = [&feed](const station::Alarm& alarm) { feed.on_alarm(alarm); };
  hall.on_link = [&feed](bool connected) {
    if (!connected) feed.on_alarm({now_ms(), "mqtt", "the broker does not answer"});
  };
  return mqtt::watch(std::move(hall));
}

base::Result<std::string> run_hall(Context& context, const BoardOptions& options) {
  if (options.mqtt.empty() && options.db.empty()) {
    return base::make_error(base::Errc::usage, "nothing-to-show",
                            "there is nothing to show: neither --mqtt nor --db",
                            "say --mqtt mqtt://HOST --site SITE for the live picture, --db "
                            "postgresql://HOST/DATABASE for the records");
  }
  base::RealClock clock;
  board::Feed feed(clock);
  board::ServerOptions served;
  served.listen = options.listen;
  served.hosts = options.hosts;
  TRY_ASSIGN(served.token, read_token(".", options.token_file));
  board::OpenRecords open;
  if (!options.db.empty()) {
    open = [db = options.db] { return open_records(db, records::Access::read); };
  }
  TRY_ASSIGN(const std::unique_ptr<board::Server> server,
             board::serve(served, feed, std::move(open), nullptr));
  std::unique_ptr<mqtt::Hall> hall;
  if (!options.mqtt.empty()) {
    TRY_ASSIGN(hall, watch_hall(options, feed));
  }
  context.note("the board is at " + server->address());
  // Until somebody ends it.
  while (!context.cancel().requested()) clock.sleep(std::chrono::hours(1), context.cancel());
  return server->address();
}

int run_station_board(Context& context, const BoardOptions& options) {
  const auto address = run_hall(context, options);
  if (!address) return context.fail(address.error());
  nlohmann::ordered_json json = report::document();
  json["address"] = *address;
  return context.finish(json, report::kDone);
}

}  // namespace

void add_station_board(CLI::App& station, const ChosenRun& chosen) {
  auto options = std::make_shared<BoardOptions>();
  CLI::App& board = add_below(
      station, "board", "The board of a hall: all stations of a site, no devices",
      [chosen, options] {
        *chosen = [options](Context& context) { return run_station_board(context, *options); };
      });
  option(board, "--mqtt", options->mqtt, "The broker: mqtt://HOST or mqtts://HOST")
      .type_name("URL");
  option(board, "--site", options->site, "The stations of this site").type_name("NAME");
  option(board, "--db", options->db, "The records of them all: postgresql://HOST/DATABASE")
      .type_name("URL");
  option(board, "--listen", options->listen, "Where the page is (127.0.0.1:8080)")
      .type_name("ADDRESS:PORT");
  option(board, "--host", options->hosts, "A name that the page may be called by; several times")
      .type_name("NAME")
      .repeated();
  option(board, "--token-file", options->token_file,
         "A file with the token, needed where others can come in")
      .type_name("FILE");
}

}  // namespace cli
