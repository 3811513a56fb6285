// SPDX-License-Identifier: GPL-3.0-or-later
//
// A board that shows what it is told on standard input, for the test with a browser (browser.py): a
// JSON object a line. {"slots": N} makes so many, {"slot": {"name", "state", "word", "message",
// "device", "share"}} changes one, {"counts": {"pass", "fail", "waiting"}}, {"stop": TEXT or null},
// {"elsewhere": PORT}, {"alarm": TEXT}. Every line is answered with "ok". First it prints its
// address.
//   board_show LISTEN [TOKEN [CERTIFICATE KEY]]
#include "base/files.h"
#include "board/server.h"
#include "board_page/fixture.h"

#include <nlohmann/json.hpp>

#include <iostream>
#include <string>

namespace {

using Json = nlohmann::json;

void change(station::SlotStatus& slot, const Json& to) {
  for (int state = 0; state <= static_cast<int>(station::SlotState::pulled); ++state) {
    const auto one = static_cast<station::SlotState>(state);
    if (to.value("state", "") == station::name(one)) slot.state = one;
  }
  slot.word = to.value("word", "");
  slot.message = to.value("message", "");
  slot.device = to.value("device", "");
  slot.share = to.value("share", 0.0);
  slot.job = to.value("job", "");
  slot.since_ms = 1'700'000'000'000;
}

void apply(station::Status& now, board::Feed& feed, const Json& line) {
  if (line.contains("slots")) now = board_test::status(line["slots"].get<int>());
  if (line.contains("slot")) {
    for (auto& slot : now.slots) {
      if (slot.name == line["slot"]["name"]) change(slot, line["slot"]);
    }
  }
  if (line.contains("counts")) {
    now.counts.pass = line["counts"].value("pass", 0);
    now.counts.fail = line["counts"].value("fail", 0);
    now.counts.waiting = line["counts"].value("waiting", 0);
    now.counts.yield = 0.5;
  }
  if (line.contains("stop")) {
    now.stop.reset();
    if (line["stop"].is_string()) now.stop = station::Stop{"stop", line["stop"], 5};
  }
  if (line.contains("elsewhere")) now.elsewhere = {{line["elsewhere"], ""}};
  if (line.contains("alarm")) feed.on_alarm({5, "alarm", line["alarm"]});
  feed.on_status(board_test::shared(now));
}

class TellingLead final : public station::Lead {
 public:
  void tell(station::Command command, std::function<void(const std::string&)> answer) override {
    std::cout << "told " << station::name(command.what) << ' ' << command.subject << std::endl;
    answer("");
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  base::RealClock clock;
  board::Feed feed(clock);
  TellingLead lead;
  station::Status now = board_test::status(16);
  feed.on_status(board_test::shared(now));
  const auto whole = [](const char* path) {
    const auto bytes = base::read_file(path, 1 << 20);
    return bytes ? base::as_text(*bytes) : std::string();
  };
  board::ServerOptions options{argv[1], {}, argc > 2 ? argv[2] : ""};
  if (argc > 4) {
    options.tls_cert = whole(argv[3]);
    options.tls_key = whole(argv[4]);
  }
  const auto served = board::serve(options, feed, {}, &lead);
  if (!served) {
    std::cout << served.error().message << std::endl;
    return 1;
  }
  std::cout << (*served)->address() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    apply(now, feed, Json::parse(line));
    std::cout << "ok" << std::endl;
  }
  return 0;
}
