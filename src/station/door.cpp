// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/door.h"

#include "base/bytes.h"
#include "base/files.h"
#include "os/advice.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace station {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

std::string text_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string answer_of(const std::string& problem) {
  Json answer{{"ok", problem.empty()}};
  if (!problem.empty()) answer["problem"] = problem;
  return answer.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Command> command_in(const std::string& line) {
  const Json said = Json::parse(line, nullptr, false);
  if (!said.is_object()) return std::nullopt;
  const auto what = command_of(text_in(said, "command"));
  if (!what) return std::nullopt;
  return Command{*what, text_in(said, "subject"), base::printable(text_in(said, "who"))};
}

base::Error no_door_here() {
  return base::make_error(
      base::Errc::unsupported, "no-door",
      fmt::format("on {} a station cannot be told anything from another window", os::advice().name),
      "the board's page takes what the lead does; Ctrl-C in its own window ends it");
}

}  // namespace

std::string door_path(const std::string& folder, const std::string& station) {
  return base::join(folder, station + ".door");
}

base::Result<std::unique_ptr<Door>> Door::open(const std::string& path, Lead& lead) {
  TRY(base::make_directories(base::folder_of(path), base::Privacy::owner_only));
  auto server = os::serve_lines(path);
  if (server) return std::make_unique<Door>(Key{}, std::move(*server), lead);
  if (server.error() == std::errc::address_in_use) {
    return base::make_error(base::Errc::busy, "station-runs",
                            "a station of this name runs already: it answers at " + path,
                            "end it first, or give this one another name");
  }
  if (server.error() == std::errc::not_supported) return no_door_here();
  return base::make_error(
      base::Errc::unsupported, "no-door",
      fmt::format("cannot be told anything at {}: {}", path, server.error().message()),
      "the board's page takes what the lead does");
}

Door::Door(Key, std::unique_ptr<os::LineServer> server, Lead& lead)
    : server_(std::move(server)), lead_(lead), thread_([this] { serve(); }) {}

Door::~Door() {
  over_.request();
  thread_.join();
}

void Door::serve() {
  constexpr milliseconds kEndNoticed{200};
  while (!over_.requested()) {
    auto call = server_->wait(kEndNoticed);
    if (!call) continue;
    auto command = command_in(call->line);
    if (!command) {
      call->answer(answer_of("this is no command of a station"));
      continue;
    }
    lead_.tell(std::move(*command), [answer = std::move(call->answer)](const std::string& problem) {
      answer(answer_of(problem));
    });
  }
}

base::Result<> knock(const std::string& path, const Command& command) {
  const Json said{
      {"command", name(command.what)}, {"subject", command.subject}, {"who", command.who}};
  constexpr milliseconds kPatience{5000};
  const auto answer =
      os::ask_line(path, said.dump(-1, ' ', false, Json::error_handler_t::replace), kPatience);
  if (!answer && answer.error() == std::errc::not_supported) return no_door_here();
  if (!answer) {
    return base::make_error(
        base::Errc::no_device, "no-station",
        fmt::format("no station answers at {}: {}", path, answer.error().message()),
        "is it running, and are you its user? electron-rescue station --config "
        "FILE runs it");
  }
  const Json told = Json::parse(*answer, nullptr, false);
  if (told.is_object() && told.value("ok", false)) return {};
  const std::string problem = told.is_object() ? text_in(told, "problem") : std::string();
  return base::make_error(base::Errc::refused, "station-refused",
                          problem.empty() ? "the station did not understand" : problem, "");
}

}  // namespace station
