// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Whole commands in a test: argument parsing, world, output and exit code.

#include "base/files.h"
#include "cli/cli.h"
#include "support/json_schema.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace cli_test {

class Captured final : public report::Output {
 public:
  void out(std::string_view text) override { out_text += text; }
  void err(std::string_view text) override { err_text += text; }
  bool ask(std::string_view question) override {
    asked += question;
    if (on_ask) on_ask();
    return answer;
  }
  bool out_is_read() override { return read; }
  bool read = true;
  std::string out_text;
  std::string err_text;
  std::string asked;
  bool answer = false;
  std::function<void()> on_ask;
};

// A world made elsewhere, or none at all.
class GivenWorld final : public cli::WorldSource {
 public:
  GivenWorld() = default;
  explicit GivenWorld(discovery::World& world) : world_(&world) {}
  base::Result<discovery::World*> world() override {
    if (world_ != nullptr) return world_;
    return base::make_error(base::Errc::unsupported, "this test has no devices");
  }

 private:
  discovery::World* world_ = nullptr;
};

class FakeComputer final : public cli::Computer {
 public:
  os::System system() const override { return runs; }
  std::vector<os::UsbDriver> usb_drivers() const override { return drivers; }
  bool has_udev() const override { return udev; }
  std::string installed_rule() const override { return rule; }
  os::Membership membership() const override { return member; }
  std::string user() const override { return "ana"; }
  bool running(const std::string& program) const override { return program == running_program; }
  base::Result<> install_rule(const std::string& text) override {
    if (denied) return base::make_error(base::Errc::access_denied, "only root", "sudo");
    installed_text = text;
    rule = "/etc/udev/rules.d/70-electron-rescue.rules";
    return {};
  }
  os::System runs = os::System::gnu_linux;
  std::vector<os::UsbDriver> drivers;
  bool udev = true;
  bool denied = false;
  os::Membership member = os::Membership::now;
  std::string rule;
  std::string running_program;
  std::string installed_text;
};

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
  nlohmann::ordered_json json() const { return nlohmann::ordered_json::parse(out); }
};

// Every document that a test makes the program print conforms to its schema.
inline const test_support::SchemaFolder& schemas() {
  static const test_support::SchemaFolder folder(std::string(ER_SOURCE_DIR) + "/docs/schemas");
  return folder;
}

// The schema of what these words make the program print; "failure" where they name no command.
inline std::string schema_of(const std::vector<std::string>& arguments,
                             const nlohmann::json& document) {
  for (const char* told : {"help", "version"}) {
    if (document.contains(told) && document[told].is_string()) return told;
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "list" && std::ranges::find(arguments, "--watch") != arguments.end()) {
      return "list-watch";
    }
    if (arguments[i] == "station" && i + 1 < arguments.size()) {
      // Its lines are none where it does not come to run.
      if (arguments[i + 1] == "run" && document.contains("ok")) return "failure";
      return "station-" + arguments[i + 1];
    }
    if (arguments[i] == "ota" && i + 1 < arguments.size()) return "ota-" + arguments[i + 1];
    if (arguments[i] == "udev" && i + 1 < arguments.size()) return "udev-" + arguments[i + 1];
    if (schemas().has(arguments[i])) return arguments[i];
  }
  return "failure";
}

// The manual lists every error.code.
inline bool is_in_manual(std::string code) {
  static const std::string manual = [] {
    const auto page =
        base::read_file(std::string(ER_SOURCE_DIR) + "/docs/electron-rescue.1", 1 << 20);
    std::string text = page ? base::as_text(*page) : std::string();
    std::erase(text, '\\');
    return text.substr(text.find("\n.SH ERROR IDS\n"));
  }();
  constexpr std::string_view kDowngrade = "downgrade-needs-";
  if (code.starts_with(kDowngrade)) code = std::string(kDowngrade) + "RELEASE";
  return manual.find("\n" + code + "\t") != std::string::npos;
}

inline void expect_to_conform(const std::vector<std::string>& arguments, const std::string& text) {
  const auto document = nlohmann::json::parse(text, nullptr, false);
  ASSERT_FALSE(document.is_discarded()) << "no JSON document: " << text;
  if (document.contains("error")) {
    const std::string code = document["error"].value("code", std::string());
    EXPECT_TRUE(is_in_manual(code)) << code << ": scripts/error_ids.py --update";
  }
  std::string schema = schema_of(arguments, document);
  if (!schemas().has(schema)) schema = "failure";
  for (const std::string& problem : schemas().problems(schema, document)) {
    ADD_FAILURE() << testing::PrintToString(arguments) << " against " << schema
                  << ".schema.json: " << problem;
  }
}

struct Bench {
  FakeComputer computer;
  Captured output;
  base::CancelToken cancel;
  report::Terminal terminal;
  std::string log_directory;  // none: runs leave no logs

  Outcome run(const std::vector<std::string>& arguments, cli::WorldSource& worlds) {
    output.out_text.clear();
    output.err_text.clear();
    cli::Environment environment{worlds, output, terminal, cancel, computer, log_directory};
    Outcome outcome;
    outcome.code = cli::run(arguments, environment);
    outcome.out = output.out_text;
    outcome.err = output.err_text;
    if (std::ranges::find(arguments, "--json") != arguments.end()) conform(arguments, outcome.out);
    expect_events(arguments, outcome.err);
    return outcome;
  }
  // Every line of --progress json is an event.
  static void expect_events(const std::vector<std::string>& arguments, const std::string& err) {
    const auto option = std::ranges::find(arguments, "--progress");
    const bool apart =
        option != arguments.end() && option + 1 != arguments.end() && *(option + 1) == "json";
    if (!apart && std::ranges::find(arguments, "--progress=json") == arguments.end()) return;
    for (std::size_t at = 0; at < err.size();) {
      const std::size_t end = std::min(err.find('\n', at), err.size());
      const std::string line = err.substr(at, end - at);
      const auto event = nlohmann::json::parse(line, nullptr, false);
      ASSERT_FALSE(event.is_discarded()) << "no event: " << line;
      for (const std::string& problem : schemas().problems("event", event)) {
        ADD_FAILURE() << line.substr(0, 200) << " against event.schema.json: " << problem;
      }
      at = end + 1;
    }
  }
  // Of `list --watch` and `station run` every line is a document.
  static void conform(const std::vector<std::string>& arguments, const std::string& out) {
    const auto station = std::ranges::find(arguments, "station");
    const bool runs =
        station != arguments.end() && station + 1 != arguments.end() && *(station + 1) == "run";
    if (!runs && std::ranges::find(arguments, "--watch") == arguments.end()) {
      expect_to_conform(arguments, out);
      return;
    }
    for (std::size_t at = 0; at < out.size();) {
      const std::size_t end = std::min(out.find("\n{", at), out.size());
      expect_to_conform(arguments, out.substr(at, end - at));
      at = end + 1;
    }
  }
  Outcome run(const std::vector<std::string>& arguments) {
    GivenWorld none;
    return run(arguments, none);
  }
};

}  // namespace cli_test
